import type { LocalPoints } from "./local-points.js";
import type { SourceFrame } from "./source-frame.js";

/** Pixels to either side whose mean is compared. */
const AROUND = 1;
/** Two places agree unless their squared difference is more than so many times that of random places. */
const MOST_UNLIKE = 1;

/** The eight neighbours of a pixel. Straight ones come first, which approximates Euclidean distance. */
const NEIGHBOUR_COLUMNS = [-1, 1, 0, 0, -1, 1, -1, 1];
const NEIGHBOUR_ROWS = [0, 0, -1, 1, -1, -1, 1, 1];

/** What the first frame shows of one flat surface, to ask at the border of a hole. */
export interface Evidence {
  readonly points: LocalPoints;
  readonly source: SourceFrame;
  readonly owner: number;
  /** [H, W] of the first frame: the nearest pixel that shows the surface. */
  readonly nearest: Int32Array;
  /** Mean squared difference of the square roots of albedo of two random places. */
  readonly random: number;
  readonly pixels: readonly number[];
}

/** Prepares the pixels of a surface for questions. */
export function evidenceOf(source: SourceFrame, points: LocalPoints, pixels: readonly number[]): Evidence {
  const { width, height, owner } = source.geometry;
  const nearest = new Int32Array(width * height).fill(-1);
  const sums = [0, 0, 0, 0];
  for (const p of pixels) {
    nearest[p] = p;
    for (let c = 0; c < 3; c++) {
      const value = Math.sqrt(source.paint[4 * p + c]);
      sums[c] += value;
      sums[3] += value * value;
    }
  }
  const queue = new Uint32Array(nearest.length);
  queue.set(pixels);
  let tail = pixels.length;
  for (let head = 0; head < tail; head++) {
    const p = queue[head];
    const x = p % width;
    const y = (p - x) / width;
    for (let n = 0; n < 8; n++) {
      const i = x + NEIGHBOUR_COLUMNS[n];
      const j = y + NEIGHBOUR_ROWS[n];
      if (i < 0 || j < 0 || i >= width || j >= height || nearest[j * width + i] >= 0) continue;
      nearest[j * width + i] = nearest[p];
      queue[tail++] = j * width + i;
    }
  }
  const [r, g, b, squares] = sums;
  const count = pixels.length;
  const random = (2 * (squares - (r * r + g * g + b * b) / count)) / count;
  return { points, source, owner: owner[pixels[0]], nearest, random, pixels };
}

const there = new Float64Array(3);

/**
 * Whether a shift brings what was seen nearest to an owner-local point onto its like: then a hole there goes on with the pattern, and
 * is not part of a rug or a window in it. True too where that was not seen.
 */
export function holdsBeside(evidence: Evidence, point: Float64Array, times: number, by: readonly number[]): boolean {
  const { points, owner, nearest, random } = evidence;
  const place = points.nearestPixelOf(owner, point);
  if (place < 0) return true;
  const p = nearest[place];
  points.pointAt(p, there);
  for (let i = 0; i < 3; i++) there[i] += times * by[i];
  const shifted = points.pixelOf(owner, there);
  if (!shifted || nearest[shifted.pixel] !== shifted.pixel) return true;
  let sum = 0;
  for (let c = 0; c < 3; c++) sum += (around(evidence, p, c) - around(evidence, shifted.pixel, c)) ** 2;
  return sum <= MOST_UNLIKE * random;
}

/** The mean of the surface's colour around a pixel. */
function around({ source, nearest }: Evidence, p: number, c: number): number {
  const { width, height } = source.geometry;
  const x = p % width;
  const y = (p - x) / width;
  let sum = 0;
  let count = 0;
  for (let j = Math.max(0, y - AROUND); j <= Math.min(height - 1, y + AROUND); j++) {
    for (let i = Math.max(0, x - AROUND); i <= Math.min(width - 1, x + AROUND); i++) {
      const q = j * width + i;
      if (nearest[q] !== q) continue;
      sum += Math.sqrt(source.paint[4 * q + c]);
      count++;
    }
  }
  return sum / count;
}
