import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it } from "vitest";
import { encodeRequest, type ShotAnswer, type ShotMessage } from "../../src/protocol/codec.js";
import { PlaneKind } from "../../src/protocol/generated/playblast/v1/plane.js";
import { fakeModelHost } from "../fixtures/fake-model-host.js";
import { type RawShot, rawGrpc, rawWebSocket } from "../fixtures/raw-shots.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";

/** The largest size: with depth and shade, 16 bytes a pixel, a frame takes 33 MB. */
const SIZE = { width: 1920, height: 1088 };
const FRAME_MB = (SIZE.width * SIZE.height * 16) / 2 ** 20;
/** Of two reader threads, their code and what they are at. */
const THREADS_MB = 150;
const LONG_MS = 120_000;

let running: Awaited<ReturnType<typeof testServer>>;
afterEach(() => running.close());

const bytesOf = (message: ShotMessage) => encodeRequest({ message });
const open = (mode: "live" | "export") => bytesOf({ $case: "openShot", value: openShot(mode, { frameSize: SIZE }) });
const look = (tick: number) => bytesOf({ $case: "firstFrame", value: firstFrame(tick) });
const cut = bytesOf({ $case: "cut", value: { forgetLook: false, newPlace: false } });
const wire = engineFrame(0);
/** A frame whose planes are of a pixel on the wire: the server makes 33 MB of it. */
const frame = (tick: number) => {
  const pixel = { ...wire.planes[0], size: { width: 1, height: 1 } };
  const planes = [
    { ...pixel, data: Buffer.from(Float32Array.of(3).buffer) },
    { ...pixel, kind: PlaneKind.PLANE_KIND_SHADE, data: Buffer.from(Float32Array.of(1, 1, 1).buffer) },
  ];
  return bytesOf({ $case: "engineFrame", value: { ...wire, tick, planes } });
};
const doors: readonly [string, () => RawShot | Promise<RawShot>][] = [
  ["gRPC", () => rawGrpc(running.server.port)],
  ["WebSocket", () => rawWebSocket(running.server.webSocketPort)],
];

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Resident megabytes of this process, the server in it: arrays that reader threads hand over are counted nowhere else. */
function held(): number {
  collect();
  return process.memoryUsage.rss() / 2 ** 20;
}

/** Megabytes that are held when they change no more; given up after a while. */
async function heldAtRest(): Promise<number> {
  let before = -1;
  for (let tries = 0; tries < 60; tries++) {
    await sleep(700);
    const now = held();
    if (Math.abs(now - before) < 1) return now;
    before = now;
  }
  return before;
}

const droppedTicks = (answers: readonly ShotAnswer[]) => answers.filter(({ $case }) => $case === "frameDropped").length;

describe.each(doors)("a shot of 1920x1088 (%s)", (_, connect) => {
  it("holds a few of the frames that came before its first frame, however many", {
    timeout: LONG_MS,
  }, async () => {
    running = await testServer();
    const before = held();
    const shot = await connect();
    shot.send(open("live"));
    for (let tick = 0; tick < 16; tick++) shot.send(frame(tick));
    await expect.poll(() => droppedTicks(shot.answers), { timeout: LONG_MS / 2 }).toBe(16);
    // Of 16 frames, 534 MB: 128 MiB of history, one that is being read.
    expect((await heldAtRest()) - before).toBeLessThan(128 + FRAME_MB + THREADS_MB);
    shot.leave();
  });

  it("lets first frames wait by what they keep: the client has to wait with the others", {
    timeout: LONG_MS,
  }, async () => {
    // The first chunk takes until the end of the test.
    running = await testServer({ openModel: async () => fakeModelHost({ delayMs: LONG_MS }) });
    const before = held();
    const shot = await connect();
    shot.send(open("live"));
    shot.send(look(0));
    for (let tick = 0; tick < 4; tick++) shot.send(frame(tick));
    for (let tick = 4; tick < 30; tick++) {
      shot.send(frame(tick));
      shot.send(look(tick));
      // Behind a cut each look stays.
      shot.send(cut);
    }
    // Four frames at work and four that wait, 128 MiB of history, 64 MiB of looks and one more.
    const bound = 8 * FRAME_MB + 128 + 64 + FRAME_MB + THREADS_MB;
    expect((await heldAtRest()) - before).toBeLessThan(bound);
    shot.leave();
  });

  it("grants an export a chunk of credit, and refuses a frame beyond it", { timeout: LONG_MS }, async () => {
    running = await testServer();
    const shot = await connect();
    shot.send(open("export"));
    for (let tick = 0; tick < 5; tick++) shot.send(frame(tick));
    expect(await shot.end).toMatchObject({ code: 8, field: "engine_frame", message: expect.stringMatching(/tick 4 /) });
    expect(shot.answers[0]).toMatchObject({ $case: "shotReady", value: { credit: 4 } });
  });
});
