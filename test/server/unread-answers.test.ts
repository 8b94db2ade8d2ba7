import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { encodeRequest, type ShotAnswer, type ShotMessage } from "../../src/protocol/codec.js";
import { fakeModelHost } from "../fixtures/fake-model-host.js";
import { type RawShot, rawGrpc, rawWebSocket } from "../fixtures/raw-shots.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";

let running: Awaited<ReturnType<typeof testServer>>;
afterEach(() => running.close());

/** A picture is 3.1 MB. */
const SIZE = { width: 1360, height: 768 };
/** What may be made for a client that reads nothing: 16 that gRPC's own client takes in all the same, or what sockets hold, then 4 MiB and one more. */
const MOST_MADE = 16 + 4;
const TICKS = 80;
const bytesOf = (message: ShotMessage) => encodeRequest({ message });
/** Without planes, so that reading it takes no time. */
const wire = { ...engineFrame(0), planes: [] };
const frame = (tick: number) => bytesOf({ $case: "engineFrame", value: { ...wire, tick } });
const look = bytesOf({ $case: "firstFrame", value: firstFrame(0) });
const open = (mode: "live" | "export") => bytesOf({ $case: "openShot", value: openShot(mode, { frameSize: SIZE }) });

const doors = ["gRPC", "WebSocket"] as const;
const connect = async (door: (typeof doors)[number]): Promise<RawShot> =>
  door === "gRPC" ? rawGrpc(running.server.port) : rawWebSocket(running.server.webSocketPort);
const metric = async (name: string): Promise<number> => {
  const text = await (await fetch(`http://127.0.0.1:${running.server.webSocketPort}/metrics`)).text();
  return Number(new RegExp(`${name} (\\d+)`).exec(text)?.[1]);
};
type Of<Kind extends ShotAnswer["$case"]> = Extract<ShotAnswer, { $case: Kind }>["value"];
const ofCase = <Kind extends ShotAnswer["$case"]>(answers: readonly ShotAnswer[], kind: Kind): Of<Kind>[] =>
  answers.filter(({ $case }) => $case === kind).map(({ value }) => value as Of<Kind>);

/** Resolves when nothing more is generated. */
async function atRest(): Promise<number> {
  for (let before = -1; ; await sleep(600)) {
    const now = await metric("frames_generated_total");
    if (now === before && now > 0) return now;
    before = now;
  }
}

describe.each(doors)("a client that reads nothing (%s)", (door) => {
  it("of a live shot: its shot waits with a few pictures, and goes on with the newest frames when it reads on", {
    timeout: 60_000,
  }, async () => {
    running = await testServer({ openModel: async () => fakeModelHost({ delayMs: 5 }) });
    const shot = await connect(door);
    shot.send(open("live"));
    shot.send(look);
    await expect.poll(() => ofCase(shot.answers, "shotReady").length, { timeout: 10_000 }).toBe(1);
    shot.stopReading();
    let tick = 0;
    const send = async (count: number) => {
      for (const end = tick + count; tick < end; tick++) {
        shot.send(frame(tick));
        await sleep(5);
      }
    };
    await send(TICKS);
    expect(await atRest()).toBeLessThanOrEqual(MOST_MADE);
    shot.readOn();
    await send(40);
    shot.send(bytesOf({ $case: "close", value: {} }));
    expect(await shot.end).toMatchObject({ code: 0 });
    const generated = ofCase(shot.answers, "generatedFrame").map((each) => each.tick);
    const dropped = ofCase(shot.answers, "frameDropped").map((each) => each.tick);
    expect([...generated, ...dropped].sort((a, b) => a - b)).toEqual(Array.from({ length: tick }, (_, i) => i));
    expect(generated.at(-1)).toBe(tick - 1);
    const said = ofCase(shot.answers, "notice").filter(({ message }) => /Read the answers while sending/.test(message));
    expect(said).toHaveLength(1);
  });

  it("of an export: no more pictures are made than it has room for, and it is ended by name", {
    timeout: 60_000,
  }, async () => {
    running = await testServer({ limits: { readMs: 4000 } });
    const shot = await connect(door);
    shot.send(open("export"));
    shot.send(look);
    for (let tick = 0; tick < 4; tick++) shot.send(frame(tick));
    await expect.poll(() => ofCase(shot.answers, "generatedFrame").length, { timeout: 10_000 }).toBe(4);
    shot.stopReading();
    // With credit for each of them, as the server grants it when it takes a chunk.
    for (let tick = 4; tick < TICKS; tick += 4) {
      for (let i = 0; i < 4; i++) shot.send(frame(tick + i));
      if ((await atRest()) < tick + 4) break;
    }
    const made = await atRest();

    expect(made).toBeLessThanOrEqual(4 + MOST_MADE);
    await expect.poll(() => metric("shots_open"), { timeout: 20_000 }).toBe(0);
    shot.readOn();
    expect(await shot.end).toMatchObject({ code: 4, field: "client", message: expect.stringMatching(/read nothing/) });
  });
});
