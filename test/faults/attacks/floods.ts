import type { ShotMessage } from "playblast/protocol/codec";
import { CharacterPose, EngineFrame } from "playblast/protocol/generated/playblast/v1/engine_frame";
import { type Plane, PlaneFormat, PlaneKind } from "playblast/protocol/generated/playblast/v1/plane";
import { floorFrame, floorLook, openFloor, planeOf } from "../../../bench/load/floor-scene.js";
import { type Ending, RawStream } from "./raw-stream.js";
import { type DoorName, LONG, type Target } from "./target.js";

const SMALL = { width: 64, height: 36 };
const LARGEST = { width: 1920, height: 1088 };
const EMPTY_PLANES = 31_000_000;
const POSES = 500_000;
const TINY_FRAMES = 60;
/** They are read at the shot's size, which others do not feel, but which takes its time on a busy machine. */
const TINY_PATIENCE_MS = 85_000;
/** gRPC's client takes far longer to send them than the server to read them. */
const DIRECTIONS: Record<DoorName, number> = { grpc: LONG ? 100_000 : 20_000, websocket: 100_000 };
/** Field 2 of StreamShotRequest, length-delimited. */
const ENGINE_FRAME_TAG = 0x12;
const EMPTY_PLANE = Buffer.from([0x3a, 0]);

/** What a flood was and how its stream ended. */
export interface FloodOutcome {
  readonly did: string;
  /** Milliseconds from the first byte to the end of the stream. */
  readonly milliseconds: number;
  readonly ending: Ending;
}

async function flood(did: string, stream: RawStream, send: () => void, patienceMs?: number): Promise<FloodOutcome> {
  const start = performance.now();
  send();
  const ending = await stream.ending(patienceMs);
  return { did, milliseconds: performance.now() - start, ending };
}

/** A request with an EngineFrame that is a tick and then one field over and over. */
function repeated(field: Buffer, times: number): Buffer {
  const frame = Buffer.concat([
    EngineFrame.encode(EngineFrame.fromPartial({ tick: 1 })).finish(),
    Buffer.alloc(field.length * times, field),
  ]);
  const head = [ENGINE_FRAME_TAG];
  for (let rest = frame.length; ; rest >>>= 7) {
    head.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from(head), frame]);
}

/** 31 million empty planes in one message: 62 MB, which gzip makes 60 kB. */
export function emptyPlanesGzip(target: Target): Promise<FloodOutcome> {
  const stream = new RawStream(target, "grpc", { gzip: true });
  return flood(`${EMPTY_PLANES} empty planes in a message of 60 kB (gzip, gRPC)`, stream, () => {
    stream.send(openFloor("live", SMALL));
    stream.bytes(repeated(EMPTY_PLANE, EMPTY_PLANES));
  });
}

/** The same through the other door, which takes no compressed messages. */
export function emptyPlanesWebSocket(target: Target): Promise<FloodOutcome> {
  const stream = new RawStream(target, "websocket");
  return flood(`${EMPTY_PLANES} empty planes in a message of 62 MB (WebSocket)`, stream, () => {
    stream.send(openFloor("live", SMALL));
    stream.bytes(repeated(EMPTY_PLANE, EMPTY_PLANES));
  });
}

/** Half a million poses of one character in one message. */
export function poseFlood(target: Target): Promise<FloodOutcome> {
  const stream = new RawStream(target, "grpc", { gzip: true });
  const pose = CharacterPose.encode(floorFrame(1, SMALL).characters[0]).finish();
  const field = Buffer.concat([Buffer.from([0x22, pose.length]), pose]);
  return flood(
    `${POSES} poses of one character in a message of ${(POSES * field.length) / 1e6} MB (gzip, gRPC)`,
    stream,
    () => {
      stream.send(openFloor("live", SMALL));
      stream.bytes(repeated(field, POSES));
    },
  );
}

/** Frames with every kind of plane at 1x1 pixels, in a shot of the largest size. */
export function tinyPlanes(target: Target): Promise<FloodOutcome> {
  const stream = new RawStream(target, "websocket");
  const one = { width: 1, height: 1 };
  const u8 = PlaneFormat.PLANE_FORMAT_U8;
  const planes: Plane[] = [
    planeOf(PlaneKind.PLANE_KIND_DEPTH, PlaneFormat.PLANE_FORMAT_F32, one, Buffer.from(Float32Array.of(3).buffer)),
    planeOf(PlaneKind.PLANE_KIND_OWNER_ID, u8, one, Buffer.alloc(1)),
    ...[
      PlaneKind.PLANE_KIND_NORMAL,
      PlaneKind.PLANE_KIND_SHADE,
      PlaneKind.PLANE_KIND_COLOUR,
      PlaneKind.PLANE_KIND_TRUTH,
    ].map((kind) => planeOf(kind, u8, one, Buffer.alloc(3, 200))),
  ];
  const send = () => {
    stream.send(openFloor("live", LARGEST));
    for (let tick = 0; tick < TINY_FRAMES; tick++)
      stream.send({ $case: "engineFrame", value: { ...floorFrame(tick, SMALL), planes } });
  };
  return flood(
    `${TINY_FRAMES} frames of 1x1 planes in a shot of 1920x1088 (WebSocket)`,
    stream,
    send,
    TINY_PATIENCE_MS,
  );
}

function directions(target: Target, door: DoorName, message: ShotMessage): Promise<FloodOutcome> {
  const stream = new RawStream(target, door);
  return flood(`${DIRECTIONS[door]} ${message.$case} messages (${door})`, stream, () => {
    stream.send(openFloor("live", SMALL));
    for (let i = 0; i < DIRECTIONS[door]; i++) stream.send(message);
  });
}

/** Very many Flush messages. */
export function flushFlood(target: Target): Promise<FloodOutcome> {
  return directions(target, "websocket", { $case: "flush", value: {} });
}

/** Very many Flush messages behind frames that wait, where each looks through the queue. */
export function flushFloodBehindFrames(target: Target): Promise<FloodOutcome> {
  const stream = new RawStream(target, "grpc");
  return flood(`${DIRECTIONS.grpc} flush messages behind frames that wait for a look (gRPC)`, stream, () => {
    stream.send(openFloor("export", SMALL));
    for (let tick = 0; tick < 8; tick++) stream.send({ $case: "engineFrame", value: floorFrame(tick, SMALL) });
    for (let i = 0; i < DIRECTIONS.grpc; i++) stream.send({ $case: "flush", value: {} });
    stream.send(floorLook(0, SMALL));
  });
}

/** Very many cuts. */
export function cutFlood(target: Target): Promise<FloodOutcome> {
  return directions(target, "grpc", { $case: "cut", value: { forgetLook: false, newPlace: false } });
}

/** Very many prompts, each of which is answered by a notice. */
export function promptFlood(target: Target): Promise<FloodOutcome> {
  return directions(target, "websocket", { $case: "promptChange", value: { prompt: "a dragon" } });
}
