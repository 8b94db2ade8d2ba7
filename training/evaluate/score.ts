import type { Clip } from "../dataset/write-clip.js";
import type { Contestant } from "./contestants.js";
import { ErrorTally, gradientEnergy, luma, meanColour, REGIONS, type Region, ssim } from "./metrics.js";
import type { PerceptualDistance } from "./perceptual.js";
import { type Light, rollout } from "./rollout.js";

/** The second half of the rollout, where errors that feed on themselves would show. */
export const LATE = 48;

/** What a painter reached on a clip, or in the mean over clips. PSNR in dB; NaN where a region has no pixels. */
export type Score = { readonly [Key in `psnr ${Region | "late"}`]: number } & {
  /** Share of pixels that are new in their chunk. */
  readonly uncoveredShare: number;
  /** Mean over the frames. */
  readonly perceptual: number;
  readonly ssim: number;
  /** Gradient energy over the truth's. */
  readonly sharpness: number;
  /** How far the mean colour of the last frame is off, of 0..1, in the channel that is off most. */
  readonly "drift at end": number;
};

/**
 * Rolls a contestant out over a clip with truth planes and compares with them.
 *
 * @param keep Called with each picture and its place in the clip.
 */
export async function score(
  clip: Clip,
  { painter, fill }: Contestant,
  options: {
    readonly perceptual: PerceptualDistance;
    readonly light?: Light;
    readonly keep?: (index: number, picture: Uint8Array) => void;
  },
): Promise<Score> {
  const { perceptual, light, keep } = options;
  const { width } = clip.size;
  const all = new ErrorTally();
  const late = new ErrorTally();
  const sums = { perceptual: 0, ssim: 0, sharpness: 0 };
  let drift = 0;
  let frames = 0;
  for await (const { picture, conditioned, lightMoved } of rollout(clip, painter(), { fill, light })) {
    const truth = conditioned.frame.truth as Uint8Array;
    const { covered } = conditioned.correspondence;
    const known = conditioned.correspondence.anchor.trust;
    all.add(picture, truth, covered, known, lightMoved);
    if (frames >= LATE) late.add(picture, truth, covered, known, lightMoved);
    sums.perceptual += await perceptual.between(picture, truth);
    const a = luma(picture);
    const b = luma(truth);
    sums.ssim += ssim(a, b, width);
    sums.sharpness += gradientEnergy(a, width) / gradientEnergy(b, width);
    const here = meanColour(picture);
    const there = meanColour(truth);
    drift = Math.max(...here.map((value, c) => Math.abs(value - there[c]))) / 255;
    keep?.(frames, picture);
    frames++;
  }
  const psnr = Object.fromEntries(REGIONS.map((region) => [`psnr ${region}`, all.psnr(region)]));
  return {
    uncoveredShare: all.pixels("uncovered") / all.pixels("all"),
    ...(psnr as { readonly [Key in `psnr ${Region}`]: number }),
    "psnr late": late.psnr("all"),
    perceptual: sums.perceptual / frames,
    ssim: sums.ssim / frames,
    sharpness: sums.sharpness / frames,
    "drift at end": drift,
  };
}
