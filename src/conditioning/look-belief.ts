import type { FrameSize } from "../scene/picture.js";

/** Pixels from an outline from which on all are alike. */
const FAR = 9;
/** A look fits the outlines while what a transfer leaves of it beside them is at most so many times what it leaves elsewhere, in squares. */
const FITS = 1.5;

/** [H, W] steps from each pixel to the nearest outline, straight: 0 on one, FAR at most. */
export function outlineDistances(outlines: Uint8Array, { width, height }: FrameSize): Uint8Array {
  const steps = Uint8Array.from(outlines, (outline) => (outline === 0 ? FAR : 0));
  const lower = (p: number, q: number) => {
    if (steps[q] + 1 < steps[p]) steps[p] = steps[q] + 1;
  };
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      if (x > 0) lower(p, p - 1);
      if (y > 0) lower(p, p - width);
    }
  }
  for (let y = height - 1, p = width * height - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--, p--) {
      if (x < width - 1) lower(p, p + 1);
      if (y < height - 1) lower(p, p + width);
    }
  }
  return steps;
}

/** Steps inwards at which a pixel beside an outline is compared with its surface, at most. */
const INWARDS = 6;
/** Outlines of a picture that few pixels tell of are believed. */
const LEAST_TOLD = 40;

/**
 * How far what a transfer leaves of a look can be believed by the distance to an outline, [FAR + 1] shares: the part of it that goes on inwards (its correlation with
 * what is left there), as a surface's own colour does and lines that are drawn along outlines, or another surface's colour in the wrong place, do not. 1 where it is
 * no larger than away from outlines, whose textures go on nowhere.
 *
 * @param distance - [H, W] as `outlineDistances` gives it.
 * @param rest - [H, W, 3] what the transfer leaves; all 0 where it paints nothing.
 * @param surface - [H, W] what belongs together.
 */
export function outlineBelief(
  distance: Uint8Array,
  rest: Float32Array,
  surface: Uint16Array,
  { width }: FrameSize,
): Float32Array {
  const energy = new Float64Array(FAR + 1);
  const products = new Float64Array(FAR + 1);
  const inner = new Float64Array(FAR + 1);
  const counts = new Float64Array(FAR + 1);
  for (let p = 0; p < distance.length; p++) {
    const ring = distance[p];
    let here = 0;
    for (let c = 0; c < 3; c++) here += rest[3 * p + c] ** 2;
    if (here === 0) continue;
    energy[ring] += here;
    counts[ring]++;
    const q = ring === FAR ? p : inwards(distance, surface, p, width);
    for (let c = 0; c < 3; c++) {
      products[ring] += rest[3 * p + c] * rest[3 * q + c];
      inner[ring] += rest[3 * q + c] ** 2;
    }
  }
  if (counts[FAR] < LEAST_TOLD) return new Float32Array(FAR + 1).fill(1);
  const inside = energy[FAR] / counts[FAR];
  return Float32Array.from(energy, (sum, ring) => {
    if (counts[ring] < LEAST_TOLD || sum === 0) return 1;
    const alike = products[ring] / (Math.sqrt(sum * inner[ring]) || 1);
    return Math.max(0, Math.min(1, Math.max(alike, (FITS * inside * counts[ring]) / sum)));
  });
}

/** The pixel that lies up to INWARDS steps further from outlines on the same surface. */
function inwards(distance: Uint8Array, surface: Uint16Array, from: number, width: number): number {
  let p = from;
  for (let step = 0; step < INWARDS; step++) {
    const further = distance[p] + 1;
    if (distance[p - 1] === further && surface[p - 1] === surface[from]) p -= 1;
    else if (distance[p + 1] === further && surface[p + 1] === surface[from]) p += 1;
    else if (distance[p - width] === further && surface[p - width] === surface[from]) p -= width;
    else if (distance[p + width] === further && surface[p + width] === surface[from]) p += width;
    else break;
  }
  return p;
}

/** Distances at which a residual is compared with itself, pixels. */
const WAYS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48];
/** Every so many pixels are compared. */
const STRIDE = 5;
/** Steps that a hole's colour may come from within its own surface: `distance` of a weaker kind begins here. */
const SURFACE_STEPS = 64;

/** The doubt that a hole's colour gains with each pixel on the way from the pixel that fills it, where no transfer tells. */
const DOUBT_A_PIXEL = 8;

/** How unlike a look's colours become with each pixel on the way where no transfer was learnt, [256] as `writeFade` writes it. */
export function writePlainFade(fade: Uint8Array): void {
  for (let distance = 0; distance < fade.length; distance++) fade[distance] = Math.min(255, DOUBT_A_PIXEL * distance);
}

/**
 * How unlike what a transfer leaves of a look becomes with each pixel on the way along a surface, [256] by `HoleFill.distance`: 0 the same, 255 as unlike as
 * random places. One less the correlation of the first frame with itself, which never rises with the distance here; what was taken from another
 * surface is as unlike as can be.
 *
 * @param texture - [H, W, 3] what the transfer leaves.
 * @param isOneSurface - whether the surface of a pixel goes on at another.
 */
export function writeFade(
  fade: Uint8Array,
  texture: Float32Array,
  isOneSurface: (p: number, q: number) => boolean,
  { width, height }: FrameSize,
): void {
  const alike = WAYS.map((way) => {
    let both = 0;
    let here = 0;
    let there = 0;
    for (let y = 0; y < height; y += STRIDE) {
      for (let x = 0; x < width; x += STRIDE) {
        const p = y * width + x;
        for (const [q, inside] of [
          [p + way, x + way < width],
          [p + way * width, y + way < height],
        ] as const) {
          if (!inside || !isOneSurface(p, q)) continue;
          for (let c = 0; c < 3; c++) {
            const a = texture[3 * p + c];
            const b = texture[3 * q + c];
            both += a * b;
            here += a * a;
            there += b * b;
          }
        }
      }
    }
    return here > 0 && there > 0 ? Math.max(0, both / Math.sqrt(here * there)) : 0;
  });
  let at = 0;
  let last = 1;
  fade.fill(255);
  for (let distance = 0; distance < SURFACE_STEPS; distance++) {
    while (at < WAYS.length && WAYS[at] < distance) last = Math.min(last, alike[at++]);
    const from = at === 0 ? 0 : WAYS[at - 1];
    const next = at < WAYS.length ? Math.min(last, alike[at]) : last;
    const share = at < WAYS.length ? (distance - from) / (WAYS[at] - from) : 0;
    fade[distance] = Math.round(255 * (1 - (last + (next - last) * share)));
  }
}
