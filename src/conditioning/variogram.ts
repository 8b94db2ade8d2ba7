import { FARTHEST, LEAST_OVERLAP, type Patch } from "./patch.js";

/**
 * How unlike two places of a surface are, by the way from one to the other: the mean squared difference of a patch and its shifted self,
 * in units of that of random places (geostatistics' variogram, over the sill).
 */
export interface Variogram {
  /** Metres a texel. */
  readonly texel: number;
  /** Texels to either side that were measured. */
  readonly reachU: number;
  readonly reachV: number;
  /** [reachV + 1, 2 reachU + 1] for shifts (-reachU..reachU, 0..reachV); infinite where the patch overlaps its shifted self too little. */
  readonly unlike: Float32Array;
}

/** Measures a patch. */
export function variogramOf(patch: Patch): Variogram {
  const reachU = Math.floor(FARTHEST * patch.width);
  const reachV = Math.floor(FARTHEST * patch.height);
  const columns = 2 * reachU + 1;
  const unlike = new Float32Array(columns * (reachV + 1));
  for (let dv = 0; dv <= reachV; dv++) {
    for (let du = -reachU; du <= reachU; du++) unlike[dv * columns + du + reachU] = unlikeness(patch, du, dv);
  }
  return { texel: patch.texel, reachU, reachV, unlike };
}

/** The value for a whole number of texels; infinite beyond what was measured. */
export function unlikeAt(variogram: Variogram, du: number, dv: number): number {
  const { reachU, reachV, unlike } = variogram;
  if (dv < 0) return unlikeAt(variogram, -du, -dv);
  return Math.abs(du) > reachU || dv > reachV ? Infinity : unlike[dv * (2 * reachU + 1) + du + reachU];
}

/** The value for a way (u, v) in metres, bilinear; 1, as of random places, beyond what was measured. */
export function unlikeAlong(variogram: Variogram, u: number, v: number): number {
  const x = u / variogram.texel;
  const y = v / variogram.texel;
  const column = Math.floor(x);
  const row = Math.floor(y);
  let sum = 0;
  for (let tap = 0; tap < 4; tap++) {
    const i = column + (tap & 1);
    const j = row + (tap >> 1);
    const value = unlikeAt(variogram, i, j);
    sum += (1 - Math.abs(x - i)) * (1 - Math.abs(y - j)) * (value === Infinity ? 1 : value);
  }
  return sum;
}

/** A part of the texels that a patch and its shifted self share, as shares of their columns and rows: 0 to 1 is all. */
export interface Part {
  readonly columns: readonly [number, number];
  readonly rows: readonly [number, number];
}

const ALL: Part = { columns: [0, 1], rows: [0, 1] };

/**
 * Mean squared difference of a patch and its shifted self in units of that of random places; infinite where they overlap in less than
 * `least` of the patch's texels.
 */
export function unlikeness(
  { width, height, tone, seen, count, variance }: Patch,
  du: number,
  dv: number,
  part = ALL,
  least = LEAST_OVERLAP,
): number {
  let sum = 0;
  let overlap = 0;
  const columns = width - Math.abs(du);
  const rows = height - Math.abs(dv);
  const fromColumn = Math.max(0, -du) + Math.floor(part.columns[0] * columns);
  const toColumn = Math.max(0, -du) + Math.floor(part.columns[1] * columns);
  const fromRow = Math.max(0, -dv) + Math.floor(part.rows[0] * rows);
  const toRow = Math.max(0, -dv) + Math.floor(part.rows[1] * rows);
  for (let row = fromRow; row < toRow; row++) {
    let a = row * width + fromColumn;
    let b = a + dv * width + du;
    for (let column = fromColumn; column < toColumn; column++, a++, b++) {
      if ((seen[a] & seen[b]) === 0) continue;
      const difference = tone[a] - tone[b];
      sum += difference * difference;
      overlap++;
    }
  }
  return overlap < least * count ? Infinity : sum / overlap / (2 * variance);
}
