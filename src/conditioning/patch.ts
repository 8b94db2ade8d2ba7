/** Texels a side of the patch of surface that is searched, at the resolution of most of its pixels. */
export const GRID = 112;
/** A texel is so many times the median pixel's footprint. */
const TEXEL = 1.2;
/** Texels that must have been seen. */
const LEAST_TEXELS = 125;
/** Distances are measured up to this share of the patch. */
export const FARTHEST = 0.7;
/** Texels of half the resolution that a variogram reaches to either side at most. */
export const MOST_REACH = Math.floor((FARTHEST * GRID) / 2);
/** Shifts that are remembered of a surface. */
export const MOST_SHIFTS = 32;
/** A patch and its shifted self must overlap in this share of its texels. */
export const LEAST_OVERLAP = 0.2;
/** Standard deviation of the square root of albedo below which a surface is plain and every place like every other. */
const PLAIN = 0.004;

/** A pixel `p` in the plane: metres along the tangents and the normal, square root of its albedo's luminance, size in units of 1 / fx. */
export interface Placed {
  readonly p: number;
  readonly u: number;
  readonly v: number;
  readonly along: number;
  readonly tone: number;
  readonly footprint: number;
}

/** A patch of a surface, seen from straight above. */
export interface Patch {
  readonly width: number;
  readonly height: number;
  /** Metres a texel. */
  readonly texel: number;
  /** Tone of each texel, less the mean; 0 where none was seen. */
  readonly tone: Float32Array;
  /** Whether it was seen. */
  readonly seen: Uint8Array;
  readonly count: number;
  readonly variance: number;
}

/** The part of a plane in which most of its pixels lie; undefined where too little was seen, or nothing that differs. */
export function patchOf(plane: readonly Placed[], fx: number): Patch | undefined {
  const at = (values: Float64Array, share: number) => values[Math.floor(share * (values.length - 1))];
  const sorted = (of: (pixel: Placed) => number) => Float64Array.from(plane, of).sort();
  const us = sorted(({ u }) => u);
  const vs = sorted(({ v }) => v);
  const texel =
    (TEXEL *
      at(
        sorted(({ footprint }) => footprint),
        0.4,
      )) /
    fx;
  const span = (values: Float64Array): [number, number] => {
    const from = at(values, 0.02);
    const size = Math.min(GRID, Math.ceil((at(values, 0.98) - from) / texel));
    return size < GRID ? [from, size] : [at(values, 0.5) - (GRID * texel) / 2, GRID];
  };
  const [u0, width] = span(us);
  const [v0, height] = span(vs);
  const tone = new Float32Array(width * height);
  const hits = new Uint16Array(width * height);
  for (const pixel of plane) {
    const i = Math.floor((pixel.u - u0) / texel);
    const j = Math.floor((pixel.v - v0) / texel);
    if (i < 0 || j < 0 || i >= width || j >= height) continue;
    tone[j * width + i] += pixel.tone;
    hits[j * width + i]++;
  }
  let count = 0;
  let sum = 0;
  for (let t = 0; t < tone.length; t++) {
    if (hits[t] === 0) continue;
    tone[t] /= hits[t];
    sum += tone[t];
    count++;
  }
  if (count < LEAST_TEXELS) return undefined;
  let squares = 0;
  for (let t = 0; t < tone.length; t++) {
    if (hits[t] === 0) continue;
    tone[t] -= sum / count;
    squares += tone[t] ** 2;
  }
  const variance = squares / count;
  if (variance < PLAIN ** 2) return undefined;
  return { width, height, texel, tone, seen: Uint8Array.from(hits, (hit) => (hit > 0 ? 1 : 0)), count, variance };
}

/** The same patch at half the resolution. */
export function halved({ width, height, texel, tone, seen }: Patch): Patch {
  const w = Math.ceil(width / 2);
  const h = Math.ceil(height / 2);
  const sums = new Float32Array(w * h);
  const hits = new Uint8Array(w * h);
  for (let y = 0, t = 0; y < height; y++) {
    for (let x = 0; x < width; x++, t++) {
      if (seen[t] === 0) continue;
      sums[(y >> 1) * w + (x >> 1)] += tone[t];
      hits[(y >> 1) * w + (x >> 1)]++;
    }
  }
  let count = 0;
  let squares = 0;
  for (let t = 0; t < sums.length; t++) {
    if (hits[t] === 0) continue;
    sums[t] /= hits[t];
    squares += sums[t] ** 2;
    count++;
  }
  const some = Uint8Array.from(hits, (hit) => (hit > 0 ? 1 : 0));
  return { width: w, height: h, texel: 2 * texel, tone: sums, seen: some, count, variance: squares / count };
}
