import type { ShotMessage } from "../protocol/codec.js";
import { Close, Cut, FirstFrame, Flush, PromptChange } from "../protocol/generated/playblast/v1/direction.js";
import { EngineFrame } from "../protocol/generated/playblast/v1/engine_frame.js";
import { OpenShot } from "../protocol/generated/playblast/v1/open_shot.js";

interface Codec {
  encode(message: unknown): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
}

/** Topic, schema and codec of each kind of message in a take. */
export const TAKE_CHANNELS: Record<
  ShotMessage["$case"],
  { readonly topic: string; readonly schema: string; readonly codec: Codec }
> = {
  openShot: { topic: "/open_shot", schema: "playblast.v1.OpenShot", codec: OpenShot as unknown as Codec },
  engineFrame: { topic: "/engine_frame", schema: "playblast.v1.EngineFrame", codec: EngineFrame as unknown as Codec },
  firstFrame: { topic: "/first_frame", schema: "playblast.v1.FirstFrame", codec: FirstFrame as unknown as Codec },
  promptChange: {
    topic: "/prompt_change",
    schema: "playblast.v1.PromptChange",
    codec: PromptChange as unknown as Codec,
  },
  cut: { topic: "/cut", schema: "playblast.v1.Cut", codec: Cut as unknown as Codec },
  flush: { topic: "/flush", schema: "playblast.v1.Flush", codec: Flush as unknown as Codec },
  close: { topic: "/close", schema: "playblast.v1.Close", codec: Close as unknown as Codec },
};
