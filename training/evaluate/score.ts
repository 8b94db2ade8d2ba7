import { CHUNK, type Clip } from "../dataset/clip.js";
import type { Contestant } from "./contestants.js";
import { ErrorTally, Flicker, gradientEnergy, luma, meanColour, REGIONS, type Region, ssim } from "./metrics.js";
import type { PerceptualDistance } from "./perceptual.js";
import { type Light, rollout } from "./rollout.js";

/** The second half of the rollout, where errors that feed on themselves would show. */
export const LATE = 48;

/** Of so many frames one is compared as a picture, which takes longer than painting it; no divisor of a chunk, so that all places in chunks count. */
const PICTURED = 3;

/** What a painter reached on a clip, or in the mean over clips. PSNR in dB; NaN where a region has no pixels. */
export type Score = { readonly [Key in `psnr ${Region | "late"}`]: number } & {
  /** Share of pixels that are new in their chunk. */
  readonly uncoveredShare: number;
  /** Mean over the first frame and every third one, as are the next two. */
  readonly perceptual: number;
  readonly ssim: number;
  /** Gradient energy over the truth's. */
  readonly sharpness: number;
  /**
   * Change from one tick to the next over the truth's, root mean square: within chunks, and from one chunk to the next. 1 moves as the truth does,
   * more flickers, less sticks.
   */
  readonly "flicker within chunks": number;
  readonly "flicker between chunks": number;
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
  { painter, fill, guesses }: Contestant,
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
  const flicker = { within: new Flicker(), between: new Flicker() };
  let before: { readonly picture: Uint8Array; readonly truth: Uint8Array } | undefined;
  let drift = 0;
  let frames = 0;
  let pictured = 0;
  for await (const { picture, conditioned, lightMoved } of rollout(clip, painter(), { fill, guesses, light })) {
    const truth = conditioned.frame.truth as Uint8Array;
    const { covered } = conditioned.correspondence;
    const known = conditioned.correspondence.anchor.trust;
    all.add(picture, truth, covered, known, lightMoved);
    if (frames >= LATE) late.add(picture, truth, covered, known, lightMoved);
    if (frames % PICTURED === PICTURED - 1 || frames === 0) {
      sums.perceptual += await perceptual.between(picture, truth);
      const a = luma(picture);
      const b = luma(truth);
      sums.ssim += ssim(a, b, width);
      sums.sharpness += gradientEnergy(a, width) / gradientEnergy(b, width);
      pictured++;
    }
    const here = meanColour(picture);
    const there = meanColour(truth);
    drift = Math.max(...here.map((value, c) => Math.abs(value - there[c]))) / 255;
    if (before) flicker[frames % CHUNK === 0 ? "between" : "within"].add(before, { picture, truth });
    before = { picture, truth };
    keep?.(frames, picture);
    frames++;
  }
  const psnr = Object.fromEntries(REGIONS.map((region) => [`psnr ${region}`, all.psnr(region)]));
  return {
    uncoveredShare: all.pixels("uncovered") / all.pixels("all"),
    ...(psnr as { readonly [Key in `psnr ${Region}`]: number }),
    "psnr late": late.psnr("all"),
    perceptual: sums.perceptual / pictured,
    ssim: sums.ssim / pictured,
    sharpness: sums.sharpness / pictured,
    "flicker within chunks": flicker.within.ratio,
    "flicker between chunks": flicker.between.ratio,
    "drift at end": drift,
  };
}
