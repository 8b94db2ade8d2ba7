import { filledWarp } from "playblast/conditioning/filled-warp";
import type { ChunkModel } from "playblast/diffusion/chunk-model";
import type { FrameSize } from "playblast/scene/picture";
import type { Painter } from "./rollout.js";
import { twinPainter } from "./twin.js";

/** The strongest simple thing. */
export const BASELINE = "nearest warp";
/** Of the noise of every model that competes. */
const SEED = 1;

/** Who paints, and what holes are guessed from for it (see WorldCache). */
export interface Contestant {
  readonly name: string;
  readonly fill: "pattern" | "nearest";
  /** Made anew for each clip. */
  readonly painter: () => Painter;
}

/** Paints the filled warp as it is. */
export function warpPainter(size: FrameSize): Painter {
  return async (frames) => frames.map(({ control }) => filledWarp(control, size));
}

/** The baselines, the model and, where there is one, its 2D-conditioned twin; the baseline that all are compared with comes first. */
export function contestantsOf(
  model: ChunkModel,
  twin: ChunkModel | undefined,
  { size, steps }: { readonly size: FrameSize; readonly steps: number },
): readonly Contestant[] {
  const warp = warpPainter(size);
  const contestants: Contestant[] = [
    { name: BASELINE, fill: "nearest", painter: () => warp },
    { name: "pattern warp", fill: "pattern", painter: () => warp },
    {
      name: model.card.id,
      fill: "pattern",
      painter: () => (frames, chunk) => model.paint(frames, { size, seed: SEED, chunk, steps }),
    },
  ];
  if (twin) contestants.push({ name: "2D twin", fill: "nearest", painter: () => twinPainter(twin, size, SEED) });
  return contestants;
}
