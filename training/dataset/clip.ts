import type { EngineFrame } from "playblast/scene/engine-frame";
import type { FrameSize } from "playblast/scene/picture";
import type { Scene } from "playblast/scene/scene";

/** Frames that the default model denoises together. */
export const CHUNK = 4;

/** A clip to learn from: an open shot with truth planes. */
export interface Clip {
  readonly name: string;
  readonly scene: Scene;
  readonly size: FrameSize;
  readonly frames: AsyncIterable<EngineFrame> | Iterable<EngineFrame>;
}
