import { type ConditionedFrame, Conditioner } from "playblast/conditioning/conditioner";
import { CHUNK, type Clip } from "../dataset/write-clip.js";

/** Paints a chunk: a chunk model, or a baseline in its place. */
export type Painter = (frames: readonly ConditionedFrame[], chunk: number) => Promise<Uint8Array[]>;

/** One frame of a rollout, with what the cache knew when it was made. */
export interface RolloutFrame {
  readonly tick: number;
  readonly picture: Uint8Array;
  readonly conditioned: ConditionedFrame;
}

/** Rolls a painter out over a clip from its first truth frame; holes are guessed by `fill` (see WorldCache). */
export async function* rollout(clip: Clip, paint: Painter, fill?: "pattern" | "nearest"): AsyncGenerator<RolloutFrame> {
  const conditioner = new Conditioner(clip.scene, clip.size, fill);
  let chunk: ConditionedFrame[] = [];
  let chunks = 0;
  const render = async () => {
    const pictures = await paint(chunk, chunks++);
    const frames = chunk.map((conditioned, i) => ({ tick: conditioned.frame.tick, picture: pictures[i], conditioned }));
    conditioner.remember(chunk[chunk.length - 1]);
    chunk = [];
    return frames;
  };
  for await (const frame of clip.frames) {
    if (!conditioner.hasFirstFrame) {
      if (!frame.truth) throw new Error(`clip ${clip.name}: tick ${frame.tick} has no truth plane`);
      conditioner.setFirstFrame(frame.truth, frame);
    }
    chunk.push(conditioner.condition(frame));
    if (chunk.length === CHUNK) yield* await render();
  }
  if (chunk.length > 0) yield* await render();
}
