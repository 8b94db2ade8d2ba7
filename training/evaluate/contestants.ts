import type { ConditionerOptions } from "playblast/conditioning/conditioner";
import { filledWarp } from "playblast/conditioning/filled-warp";
import type { ChunkModel } from "playblast/diffusion/chunk-model";
import { knowsTransfer } from "playblast/diffusion/model-controls";
import type { FrameSize } from "playblast/scene/picture";
import type { Painter } from "./rollout.js";
import { twinPainter } from "./twin.js";

/** Of the noise of every model that competes. */
const SEED = 1;

/** Who paints, and how it is conditioned: what holes are guessed from and believed, and whether it is told of materials. */
export interface Contestant extends Pick<ConditionerOptions, "fill" | "guesses"> {
  readonly name: string;
  readonly materials: boolean;
  /** Made anew for each clip. */
  readonly painter: () => Painter;
}

/** Paints the filled warp as it is. */
export function warpPainter(size: FrameSize): Painter {
  return async (frames) => frames.map(({ control }) => filledWarp(control, size));
}

/**
 * The baselines, the model and, where there is one, its 2D-conditioned twin; the baseline that all are compared with comes first. With `materials`: the model
 * that is not told of them, the transfer alone, the transfer and what it leaves with holes left empty and with holes filled, and both
 * weighed as serving does, which the model starts from.
 */
export function contestantsOf(
  model: ChunkModel,
  twin: ChunkModel | undefined,
  { size, steps, materials }: { readonly size: FrameSize; readonly steps: number; readonly materials: boolean },
): readonly Contestant[] {
  const warp = () => warpPainter(size);
  const network = (): Painter => (frames, chunk) => model.paint(frames, { size, seed: SEED, chunk, steps });
  const { id } = model.card;
  if (!materials) {
    const contestants: Contestant[] = [
      { name: "nearest warp", fill: "nearest", materials, painter: warp },
      { name: "pattern warp", fill: "pattern", materials, painter: warp },
      { name: id, fill: "pattern", materials, painter: network },
    ];
    if (twin)
      contestants.push({ name: "2D twin", fill: "nearest", materials, painter: () => twinPainter(twin, size, SEED) });
    return contestants;
  }
  return [
    { name: "told nothing", materials: false, painter: network },
    { name: "pattern warp", materials: false, painter: warp },
    { name: "T alone", materials, guesses: "transfer", painter: warp },
    { name: "T+R, empty", materials, guesses: "none", painter: warp },
    { name: "T+R, filled", materials, guesses: "full", painter: warp },
    { name: "T+R, weighed", materials, painter: warp },
    // Another one is off, and paints what was conditioned.
    ...(knowsTransfer(model.card) ? [{ name: id, materials, painter: network }] : []),
  ];
}
