import { SLOPE_CHANGE, SURFACE_JUMP } from "../scene/depth-edges.js";
import { BACKGROUND_DEPTH } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";

/** A depth plane as it came. */
export interface DepthLevels {
  /** Metres at a pixel, BACKGROUND_DEPTH where there is no surface. */
  readonly metres: (pixel: number) => number;
  /** Owner ids of the same pixels, where they are known. */
  readonly ids: ArrayLike<number> | undefined;
  /** Height in metres of what an orthographic camera sees, undefined under perspective. */
  readonly viewHeight: number | undefined;
}

/** Along one axis, the two pixels of a plane between whose centres each pixel centre of a frame lies. */
interface Taps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** Of the higher one, 0..1; 0 where both are the same pixel. */
  readonly weight: Float64Array;
}

function tapsOf(from: number, to: number): Taps {
  const taps = { low: new Int32Array(to), high: new Int32Array(to), weight: new Float64Array(to) };
  for (let i = 0; i < to; i++) {
    const centre = Math.max(0, Math.min(from - 1, ((i + 0.5) * from) / to - 0.5));
    const low = Math.floor(centre);
    taps.low[i] = low;
    taps.weight[i] = centre - low;
    taps.high[i] = centre > low ? low + 1 : low;
  }
  return taps;
}

/** [H, W] the plane's pixel that is nearest to the centre of each pixel of another size. */
export function nearestPixels(from: FrameSize, to: FrameSize): Uint32Array {
  const columns = tapsOf(from.width, to.width);
  const rows = tapsOf(from.height, to.height);
  const out = new Uint32Array(to.width * to.height);
  for (let y = 0, p = 0; y < to.height; y++) {
    const row = (rows.weight[y] < 0.5 ? rows.low[y] : rows.high[y]) * from.width;
    for (let x = 0; x < to.width; x++, p++) out[p] = row + (columns.weight[x] < 0.5 ? columns.low[x] : columns.high[x]);
  }
  return out;
}

/**
 * Samples a depth plane at the pixel centres of another size. Of the four pixels around a centre those of one surface count: the surface
 * that weighs most, the nearer one of two that weigh the same. Among them inverse depth is interpolated under perspective, and depth
 * otherwise, which both are linear across a plane; two surfaces are never mixed.
 *
 * @returns Metres [H, W], and [H, W] the plane's pixel of that surface that weighs most.
 */
export function sampleSurfaces(
  levels: DepthLevels,
  from: FrameSize,
  to: FrameSize,
): { depth: Float32Array; shown: Uint32Array } {
  const { ids, metres, viewHeight } = levels;
  const columns = tapsOf(from.width, to.width);
  const rows = tapsOf(from.height, to.height);
  const depth = new Float32Array(to.width * to.height);
  const shown = new Uint32Array(depth.length);
  const mixed = new MixedTaps(levels, from);
  for (let y = 0, p = 0; y < to.height; y++) {
    const upper = rows.low[y] * from.width;
    const lower = rows.high[y] * from.width;
    const wy = rows.weight[y];
    for (let x = 0; x < to.width; x++, p++) {
      const wx = columns.weight[x];
      const q00 = upper + columns.low[x];
      const z00 = metres(q00);
      if (wx === 0 && wy === 0) {
        depth[p] = z00;
        shown[p] = q00;
        continue;
      }
      const q10 = upper + columns.high[x];
      const q01 = lower + columns.low[x];
      const q11 = lower + columns.high[x];
      const z10 = metres(q10);
      const z01 = metres(q01);
      const z11 = metres(q11);
      const nearest = Math.min(z00, z10, z01, z11);
      const farthest = Math.max(z00, z10, z01, z11);
      const oneOwner = ids === undefined || (ids[q00] === ids[q10] && ids[q00] === ids[q01] && ids[q00] === ids[q11]);
      const w00 = (1 - wx) * (1 - wy);
      const w10 = wx * (1 - wy);
      const w01 = (1 - wx) * wy;
      const w11 = wx * wy;
      if (
        oneOwner &&
        (farthest < BACKGROUND_DEPTH
          ? farthest - nearest <= SURFACE_JUMP * (viewHeight ?? nearest)
          : nearest >= BACKGROUND_DEPTH)
      ) {
        if (nearest >= BACKGROUND_DEPTH) depth[p] = BACKGROUND_DEPTH;
        else if (viewHeight !== undefined) depth[p] = w00 * z00 + w10 * z10 + w01 * z01 + w11 * z11;
        else depth[p] = 1 / (w00 / z00 + w10 / z10 + w01 / z01 + w11 / z11);
        shown[p] = wy < 0.5 ? (wx < 0.5 ? q00 : q10) : wx < 0.5 ? q01 : q11;
        continue;
      }
      mixed.between(q00, q10, q01, q11);
      mixed.choose(w00, w10, w01, w11);
      depth[p] = mixed.depth;
      shown[p] = mixed.shown;
    }
  }
  return { depth, shown };
}

/** Four neighbouring pixels of a plane that may belong to several surfaces: left and right above, left and right below. */
class MixedTaps {
  /** What `choose` finds: metres, and the pixel that weighs most. */
  depth = 0;
  shown = 0;
  readonly #levels: DepthLevels;
  readonly #size: FrameSize;
  readonly #pixels = new Int32Array(4).fill(-1);
  readonly #metres = new Float64Array(4);
  readonly #surface = new Int32Array(4);
  readonly #weights = new Float64Array(4);

  constructor(levels: DepthLevels, size: FrameSize) {
    this.#levels = levels;
    this.#size = size;
  }

  /** Says which pixels, and finds their surfaces. Where a plane grows, the same four come many times in a row. */
  between(q00: number, q10: number, q01: number, q11: number): void {
    const pixels = this.#pixels;
    if (pixels[0] === q00 && pixels[3] === q11) return;
    pixels[0] = q00;
    pixels[1] = q10;
    pixels[2] = q01;
    pixels[3] = q11;
    for (let i = 0; i < 4; i++) this.#metres[i] = this.#levels.metres(pixels[i]);
    for (let i = 0; i < 4; i++) this.#surface[i] = i;
    this.#join(0, 1);
    this.#join(2, 3);
    this.#join(0, 2);
    this.#join(1, 3);
  }

  /** Takes the surface that weighs most, of weights in the order of the pixels. */
  choose(w00: number, w10: number, w01: number, w11: number): void {
    const pixels = this.#pixels;
    const metres = this.#metres;
    const surface = this.#surface;
    const weights = this.#weights;
    weights[0] = w00;
    weights[1] = w10;
    weights[2] = w01;
    weights[3] = w11;
    let best = -1;
    let bestWeight = 0;
    for (let s = 0; s < 4; s++) {
      let weight = 0;
      for (let i = 0; i < 4; i++) if (surface[i] === s) weight += weights[i];
      if (weight > bestWeight || (weight === bestWeight && weight > 0 && metres[s] < metres[best])) {
        best = s;
        bestWeight = weight;
      }
    }
    let sum = 0;
    let most = -1;
    const inverse = this.#levels.viewHeight === undefined;
    for (let i = 0; i < 4; i++) {
      if (surface[i] !== best) continue;
      sum += weights[i] * (inverse ? 1 / metres[i] : metres[i]);
      if (most < 0 || weights[i] > weights[most]) most = i;
    }
    this.shown = pixels[most];
    if (metres[best] >= BACKGROUND_DEPTH) this.depth = BACKGROUND_DEPTH;
    else this.depth = inverse ? bestWeight / sum : sum / bestWeight;
  }

  /** Makes one surface of those of two neighbours, where they are one. */
  #join(a: number, b: number): void {
    const surface = this.#surface;
    if (surface[a] === surface[b] || !this.#isOne(a, b)) return;
    const kept = Math.min(surface[a], surface[b]);
    const gone = Math.max(surface[a], surface[b]);
    for (let i = 0; i < 4; i++) if (surface[i] === gone) surface[i] = kept;
  }

  #isOne(a: number, b: number): boolean {
    const { ids, metres, viewHeight } = this.#levels;
    const p = this.#pixels[a];
    const q = this.#pixels[b];
    if (p === q) return true;
    if (ids !== undefined && ids[p] !== ids[q]) return false;
    const here = this.#metres[a];
    const there = this.#metres[b];
    if (here >= BACKGROUND_DEPTH || there >= BACKGROUND_DEPTH) return here === there;
    if (Math.abs(here - there) <= SURFACE_JUMP * (viewHeight ?? Math.min(here, there))) return true;
    // Steeper than that: one surface still, if it came to p, or goes on from q, by the same step.
    const level = (z: number) => (viewHeight === undefined ? 1 / z : z);
    const step = level(there) - level(here);
    for (const [end, beyond] of [
      [p, 2 * p - q],
      [q, 2 * q - p],
    ]) {
      if (!this.#isBeside(end, beyond) || (ids !== undefined && ids[beyond] !== ids[p])) continue;
      const z = metres(beyond);
      if (z >= BACKGROUND_DEPTH) continue;
      const next = end === p ? level(here) - level(z) : level(z) - level(there);
      if (Math.abs(step - next) <= SLOPE_CHANGE * Math.abs(step)) return true;
    }
    return false;
  }

  /** Whether a pixel's index one step further on lies in the plane, and not in the next row. */
  #isBeside(pixel: number, beyond: number): boolean {
    const { width, height } = this.#size;
    if (beyond < 0 || beyond >= width * height) return false;
    return Math.abs((beyond % width) - (pixel % width)) <= 1;
  }
}
