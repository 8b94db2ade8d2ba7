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

/** A message in a take, encoded. */
export interface TakeEntry {
  readonly kind: ShotMessage["$case"];
  /** The message's own bytes, without StreamShotRequest around them. */
  readonly data: Uint8Array;
  /** Seconds of scene time where the message says them. */
  readonly sceneTime?: number;
}

/** Encodes a message for a take. */
export function encodeEntry(message: ShotMessage): TakeEntry {
  const data = TAKE_CHANNELS[message.$case].codec.encode(message.value).finish();
  return { kind: message.$case, data, sceneTime: message.$case === "engineFrame" ? message.value.time : undefined };
}

/** Wire type of a field with a length before its bytes. */
const LENGTH_DELIMITED = 2;

/**
 * Decodes a message of a take as a server decodes it from a stream: under the same limits.
 *
 * @throws BadRequestError when a server would refuse the bytes.
 */
export function decodeEntry({ kind, data }: Pick<TakeEntry, "kind" | "data">): ShotMessage {
  const head = [(TAKE_CHANNELS[kind].field << 3) | LENGTH_DELIMITED];
  let length = data.length;
  for (; length > 127; length >>>= 7) head.push((length & 127) | 128);
  head.push(length);
  return decodeRequest(Buffer.concat([Buffer.from(head), data])).message as ShotMessage;
}

/** A message's name in the .proto files, as engine_frame. */
export function wireName(kind: ShotMessage["$case"]): string {
  return kind.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
