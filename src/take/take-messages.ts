import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { decodeRequest, type ShotMessage } from "../protocol/codec.js";
import { Close, Cut, FirstFrame, Flush, PromptChange } from "../protocol/generated/playblast/v1/direction.js";
import { EngineFrame } from "../protocol/generated/playblast/v1/engine_frame.js";
import { OpenShot } from "../protocol/generated/playblast/v1/open_shot.js";

interface Codec {
  encode(message: unknown): { finish(): Uint8Array };
}

/** What a take needs to know about a kind of message. */
interface TakeChannel {
  readonly topic: string;
  readonly schema: string;
  readonly codec: Codec;
  /** Its field number in StreamShotRequest. */
  readonly field: number;
}

/** Topic, schema and codec of each kind of message in a take. */
export const TAKE_CHANNELS: Record<ShotMessage["$case"], TakeChannel> = {
  openShot: { topic: "/open_shot", schema: "playblast.v1.OpenShot", codec: OpenShot as unknown as Codec, field: 1 },
  engineFrame: {
    topic: "/engine_frame",
    schema: "playblast.v1.EngineFrame",
    codec: EngineFrame as unknown as Codec,
    field: 2,
  },
  firstFrame: {
    topic: "/first_frame",
    schema: "playblast.v1.FirstFrame",
    codec: FirstFrame as unknown as Codec,
    field: 3,
  },
  promptChange: {
    topic: "/prompt_change",
    schema: "playblast.v1.PromptChange",
    codec: PromptChange as unknown as Codec,
    field: 4,
  },
  cut: { topic: "/cut", schema: "playblast.v1.Cut", codec: Cut as unknown as Codec, field: 5 },
  flush: { topic: "/flush", schema: "playblast.v1.Flush", codec: Flush as unknown as Codec, field: 6 },
  close: { topic: "/close", schema: "playblast.v1.Close", codec: Close as unknown as Codec, field: 7 },
};

const KIND_OF_FIELD = new Map(
  Object.entries(TAKE_CHANNELS).map(([kind, { field }]) => [field, kind as ShotMessage["$case"]]),
);

/** A message in a take, encoded. */
export interface TakeEntry {
  readonly kind: ShotMessage["$case"];
  /** The message's own bytes, without StreamShotRequest around them. */
  readonly data: Uint8Array;
  /** Of an engine frame. */
  readonly tick?: number;
  /** Seconds of scene time of an engine frame. */
  readonly sceneTime?: number;
}

/** Encodes a message for a take. */
export function encodeEntry(message: ShotMessage): TakeEntry {
  const data = TAKE_CHANNELS[message.$case].codec.encode(message.value).finish();
  if (message.$case !== "engineFrame") return { kind: message.$case, data };
  return { kind: message.$case, data, tick: message.value.tick, sceneTime: message.value.time };
}

/**
 * The message of a StreamShotRequest for a take, byte for byte as it came, fields included that this version does not know.
 *
 * @param bytes Of a whole request; they are copied.
 * @returns undefined when it holds no message.
 */
export function entryOfRequest(bytes: Uint8Array): TakeEntry | undefined {
  const reader = new BinaryReader(bytes);
  let entry: TakeEntry | undefined;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    const kind = KIND_OF_FIELD.get(field);
    if (!kind || wireType !== WireType.LengthDelimited) reader.skip(wireType, field);
    else {
      const data = new Uint8Array(reader.bytes());
      entry = { kind, data, ...(kind === "engineFrame" && frameHead(data)) };
    }
  }
  return entry;
}

/** Field numbers of EngineFrame. */
const TICK_FIELD = 1;
const TIME_FIELD = 2;

/** Tick and scene time of an encoded EngineFrame. */
function frameHead(data: Uint8Array): { tick: number; sceneTime: number } {
  const reader = new BinaryReader(data);
  let tick = 0;
  let sceneTime = 0;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === TICK_FIELD && wireType === WireType.Varint) tick = Number(reader.uint64());
    else if (field === TIME_FIELD && wireType === WireType.Bit64) sceneTime = reader.double();
    else reader.skip(wireType, field);
  }
  return { tick, sceneTime };
}

/**
 * Decodes a message of a take as a server decodes it from a stream: under the same limits.
 *
 * @throws BadRequestError when a server would refuse the bytes.
 */
export function decodeEntry({ kind, data }: Pick<TakeEntry, "kind" | "data">): ShotMessage {
  const head = [(TAKE_CHANNELS[kind].field << 3) | WireType.LengthDelimited];
  let length = data.length;
  for (; length > 127; length >>>= 7) head.push((length & 127) | 128);
  head.push(length);
  return decodeRequest(Buffer.concat([Buffer.from(head), data])).message as ShotMessage;
}

/** A message's name in the .proto files, as engine_frame. */
export function wireName(kind: ShotMessage["$case"]): string {
  return kind.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
