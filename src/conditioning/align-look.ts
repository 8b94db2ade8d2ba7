import type { FrameSize } from "../scene/picture.js";

/** A picture is looked for within this share of the frame's height, either way. */
const REACH = 1 / 24;
/** Pixels that are compared, at most. */
const MOST_COMPARED = 3000;
/** A shift counts where it leaves at most this share of the variance: a picture that fits has most elsewhere. */
const MOST_LEFT = 0.75;
/** Pixels from outlines that are not compared: what a look draws along them the engine's colours do not tell. */
const DRAWN = 1;
/** Steps a channel in which the engine's colours are told apart. */
const STEPS = 6;

/** A way across a picture in whole pixels, to the right and down. */
export interface Shift {
  readonly x: number;
  readonly y: number;
}

/**
 * By how many pixels a look's image lies off the engine's frame that it shows, as pictures made by hand or by other models do: the whole-pixel shift at which
 * the engine's colours tell most of the image's, that is, at which its variance within pixels of one engine colour is least. Zero where no
 * shift is clearly better than none.
 *
 * @param root - [H, W, 3] square roots of the image's colours without light.
 * @param engine - [H, W, 4] the engine's colours, 0..1, and 0 as the fourth number where they are not known.
 * @param distance - [H, W] from outlines, see `outlineDistances`.
 */
export function shiftOf(
  root: Float32Array,
  engine: Float32Array,
  distance: Uint8Array,
  { width, height }: FrameSize,
): Shift {
  const reach = Math.floor(height * REACH);
  const stride = Math.max(1, Math.floor(Math.sqrt((width * height) / MOST_COMPARED)));
  const places: number[] = [];
  const kinds: number[] = [];
  for (let y = reach; y < height - reach; y += stride) {
    for (let x = reach; x < width - reach; x += stride) {
      const p = y * width + x;
      if (engine[4 * p + 3] === 0 || distance[p] <= DRAWN) continue;
      places.push(p);
      kinds.push(kindOf(engine, 4 * p));
    }
  }
  const sums = new Float64Array(4 * STEPS ** 3);
  const varianceAt = (x: number, y: number) => {
    sums.fill(0);
    let left = 0;
    for (let i = 0; i < places.length; i++) {
      const p = 3 * (places[i] + y * width + x);
      const k = 4 * kinds[i];
      for (let c = 0; c < 3; c++) {
        sums[k + c] += root[p + c];
        left += root[p + c] ** 2;
      }
      sums[k + 3]++;
    }
    for (let k = 0; k < sums.length; k += 4)
      if (sums[k + 3] > 0) left -= (sums[k] ** 2 + sums[k + 1] ** 2 + sums[k + 2] ** 2) / sums[k + 3];
    return left;
  };
  const still = varianceAt(0, 0);
  let best = { x: 0, y: 0, left: still };
  const seek = (middle: Shift, within: number, step: number) => {
    for (let y = middle.y - within; y <= middle.y + within; y += step) {
      for (let x = middle.x - within; x <= middle.x + within; x += step) {
        if (Math.abs(x) > reach || Math.abs(y) > reach) continue;
        const left = varianceAt(x, y);
        if (left < best.left) best = { x, y, left };
      }
    }
  };
  const coarse = Math.max(2, Math.round(reach / 3));
  seek(best, reach, coarse);
  for (let step = coarse; step > 1; ) {
    step = Math.ceil(step / 2);
    seek(best, step, step);
  }
  return best.left <= MOST_LEFT * still ? { x: best.x, y: best.y } : { x: 0, y: 0 };
}

function kindOf(engine: Float32Array, at: number): number {
  let kind = 0;
  for (let c = 0; c < 3; c++) kind = kind * STEPS + Math.min(STEPS - 1, Math.floor(engine[at + c] * STEPS));
  return kind;
}

/** A picture [H, W, 3] moved against a shift, so that what lay off lies where it belongs; the border is repeated. */
export function shifted(rgb: Uint8Array, { width, height }: FrameSize, { x: dx, y: dy }: Shift): Uint8Array {
  const out = new Uint8Array(rgb.length);
  for (let y = 0, o = 0; y < height; y++) {
    const row = Math.max(0, Math.min(height - 1, y + dy)) * width;
    for (let x = 0; x < width; x++, o += 3) {
      const from = 3 * (row + Math.max(0, Math.min(width - 1, x + dx)));
      for (let c = 0; c < 3; c++) out[o + c] = rgb[from + c];
    }
  }
  return out;
}
