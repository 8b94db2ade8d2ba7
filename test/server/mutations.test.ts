import { Writable } from "node:stream";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeRequest, type ShotMessage } from "../../src/protocol/codec.js";
import { mutateBytes, mutateMessage, type Random, seeded } from "../fixtures/mutate.js";
import { type End, type RawShot, rawGrpc, rawWebSocket } from "../fixtures/raw-shots.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";
import { warpModelHost } from "../fixtures/warp-model-host.js";

/** Shots that are played on each transport, each with one message spoilt; PLAYBLAST_MUTATIONS=50000 for the long form. */
const SHOTS = Number(process.env.PLAYBLAST_MUTATIONS ?? 250);
const SEED = Number(process.env.PLAYBLAST_SEED ?? 1);
const LONGEST_MS = 40_000;
const AT_A_TIME = 20;
const UNKNOWN = 2;
const INTERNAL = 13;
const TICKS = 3;

let running: Awaited<ReturnType<typeof testServer>>;
const logged: string[] = [];

beforeAll(async () => {
  const lines = new Writable({
    write: (line, _, done) => {
      if (/"level":[56]0/.test(String(line))) logged.push(String(line));
      done();
    },
  });
  running = await testServer({ openModel: async () => warpModelHost(), log: pino({ level: "error" }, lines) });
});
afterAll(() => running.close());

const WHOLE: readonly ShotMessage[] = [
  { $case: "openShot", value: openShot() },
  { $case: "firstFrame", value: firstFrame(0) },
  ...Array.from({ length: TICKS }, (_, tick): ShotMessage => ({ $case: "engineFrame", value: lit(tick) })),
  { $case: "promptChange", value: { prompt: "at night" } },
  { $case: "cut", value: { forgetLook: false, newPlace: true } },
  { $case: "flush", value: {} },
  { $case: "close", value: {} },
];

const CLOSE = encodeRequest({ message: { $case: "close", value: {} } });

/** A frame with all that may be in one. */
function lit(tick: number) {
  const frame = engineFrame(tick);
  const vector = { x: 0, y: -1, z: 0.5 };
  const light = { position: vector, direction: vector, colour: vector, range: 5, spotAngle: 0.5, castsShadow: true };
  frame.lights = [1, 2, 3, 4].map((kind) => ({ ...light, kind }));
  const [depth] = frame.planes;
  frame.planes.push({ ...depth, kind: 3, data: Buffer.alloc(32 * 16 * 12, 60) });
  frame.planes.push({ ...depth, kind: 5, format: 4, data: Buffer.alloc(32 * 16 * 3, 60) });
  return frame;
}

/** The messages of a shot on the wire, one of them spoilt. */
function spoilt(random: Random): Buffer[] {
  const at = Math.floor(random() * WHOLE.length);
  return WHOLE.map((message, i) => {
    if (i !== at) return encodeRequest({ message });
    if (random() < 0.4) return mutateBytes(encodeRequest({ message }), random);
    try {
      return encodeRequest({ message: mutateMessage(message, random) });
    } catch {
      // The encoder refuses numbers that its field cannot hold.
      return mutateBytes(encodeRequest({ message }), random);
    }
  });
}

async function play(open: () => Promise<RawShot>, messages: readonly Buffer[]): Promise<End | "hangs"> {
  const shot = await open();
  for (const bytes of messages) shot.send(bytes);
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<"hangs">((resolve) => {
    timer = setTimeout(() => resolve("hangs"), LONGEST_MS);
  });
  // Where Close was spoilt; else it is not read.
  shot.send(CLOSE);
  const end = await Promise.race([shot.end, patience]);
  clearTimeout(timer);
  if (end === "hangs") shot.leave();
  return end;
}

async function playAll(seed: number, open: () => Promise<RawShot>): Promise<void> {
  const random = seeded(seed);
  for (let first = 0; first < SHOTS; first += AT_A_TIME) {
    const shots = Array.from({ length: Math.min(AT_A_TIME, SHOTS - first) }, () => spoilt(random));
    const ends = await Promise.all(shots.map((messages) => play(open, messages)));
    for (const [i, end] of ends.entries()) {
      const what = `shot ${first + i} of seed ${seed}: ${JSON.stringify(end)} ${logged.join("")}`;
      expect(end, what).not.toBe("hangs");
      expect([UNKNOWN, INTERNAL], what).not.toContain((end as End).code);
    }
  }
}

describe("a shot with one spoilt message ends well or by name, never inside the server", () => {
  it("over gRPC", { timeout: 60_000 + SHOTS * 1000 }, () => playAll(SEED, async () => rawGrpc(running.server.port)));

  it("over WebSocket", { timeout: 60_000 + SHOTS * 1000 }, () =>
    playAll(SEED + 1, () => rawWebSocket(running.server.webSocketPort)),
  );
});
