import { encodeRequest, type ShotMessage } from "playblast/protocol/codec";
import sharp from "sharp";
import { floorFrame, floorLook, openFloor } from "../../../bench/load/floor-scene.js";
import { mutate, type Random, seeded } from "./mutate.js";
import { HANGS, RawStream } from "./raw-stream.js";
import { LONG, type Target } from "./target.js";

const SIZE = { width: 32, height: 16 };
const MESSAGES = LONG ? 100_000 : 2000;
const STREAMS_AT_ONCE = 6;
/** Spoilt messages that a stream sends at most; most end at the first. */
const MOST_A_STREAM = 10;
const PATIENCE_MS = 20_000;
/** A shot that a spoilt OpenShot made larger than this is closed without a frame, or it would be rendered for minutes. */
const MOST_PIXELS = 256 * 144;
/** After so many bad ends the rest would say the same. */
const MOST_BAD = 40;
/** Codes that say what the client did wrong; the others say that the server did not know. */
const GOOD_CODES = new Set([0, 3, 5, 8, 9, 11, 12]);

/** A stream that did not end as it should. */
export interface BadEnd {
  readonly seed: number;
  readonly door: string;
  readonly ways: string;
  readonly code: number;
  readonly message: string;
}

/** Sends spoilt messages in streams on both doors, each answered before the next, so that all of them were read. */
export async function mutatedMessages(target: Target) {
  const picture = await sharp({ create: { ...SIZE, channels: 3, background: "teal" } })
    .png()
    .toBuffer();
  const codes: Record<string, number> = {};
  const bad: BadEnd[] = [];
  let messages = 0;
  let streams = 0;
  const one = async (seed: number) => {
    const door = seed % 2 === 0 ? "grpc" : "websocket";
    const random = seeded(seed);
    const stream = new RawStream(target, door, { shared: true });
    const ways = await spoilt(stream, random, picture, () => messages++);
    const { code, message } = await stream.ending(PATIENCE_MS);
    streams++;
    codes[code] = (codes[code] ?? 0) + 1;
    if (!GOOD_CODES.has(code)) bad.push({ seed, door, ways, code, message: message.slice(0, 300) });
  };
  let seed = 1;
  const worker = async () => {
    while (messages < MESSAGES && bad.length < MOST_BAD) await one(seed++);
  };
  await Promise.all(Array.from({ length: STREAMS_AT_ONCE }, worker));
  return {
    did: `sent ${messages} spoilt messages in ${streams} streams on both doors`,
    messages,
    codes,
    hangs: codes[HANGS] ?? 0,
    bad,
  };
}

/** Feeds a stream until it ends or has had enough. Gives what was done to its messages. */
async function spoilt(stream: RawStream, random: Random, picture: Buffer, count: () => void): Promise<string> {
  const all: string[] = [];
  const spoil = (message: ShotMessage, other: ShotMessage) => {
    const { bytes, ways } = mutate(encodeRequest({ message }), random, encodeRequest({ message: other }));
    all.push(`${message.$case}: ${ways.join("+")}`);
    count();
    return bytes;
  };
  const open = openFloor(random(4) === 0 ? "export" : "live", SIZE);
  let tick = 0;
  const look: ShotMessage = {
    $case: "firstFrame",
    value: { tick: 0, image: { $case: "encoded", value: picture }, newLook: false },
  };
  if (random(4) === 0) {
    stream.bytes(spoil(open, { $case: "engineFrame", value: floorFrame(0, SIZE) }));
    await stream.opened(PATIENCE_MS);
    if (stream.ended || stream.pixels > MOST_PIXELS) return all.join(", ");
    stream.send(look);
    stream.send({ $case: "engineFrame", value: floorFrame(tick++, SIZE) });
    return all.join(", ");
  }
  stream.send(open);
  stream.send(floorLook(0, SIZE));
  stream.send({ $case: "engineFrame", value: floorFrame(tick++, SIZE) });
  for (let i = 1; i <= MOST_A_STREAM && !stream.ended; i++) {
    const frame: ShotMessage = { $case: "engineFrame", value: floorFrame(tick++, SIZE) };
    const others: ShotMessage[] = [
      look,
      { $case: "cut", value: { forgetLook: false, newPlace: true } },
      { $case: "promptChange", value: { prompt: "a dragon over the sea" } },
      { $case: "flush", value: {} },
      open,
    ];
    const other = others[random(others.length)];
    stream.bytes(random(3) < 2 ? spoil(frame, other) : spoil(other, frame));
    stream.send({ $case: "flush", value: {} });
    await stream.flushed(i, PATIENCE_MS);
  }
  return all.join(", ");
}
