import type { FrameSize } from "../scene/picture.js";
import { encodeSrgbFast, luminance } from "../scene/srgb.js";
import { FILLED_WARP, MOST_LIGHT_STOPS, SHADE_FLOOR } from "./controls.js";
import type { Gathered } from "./gather.js";
import type { Correspondence } from "./world-cache.js";

// Each writer fills few planes: those of a 256x144 frame lie a whole number of memory pages apart, and a loop over all of them
// at once would push every plane's line out of the processor's cache before it is full.

/** The filled warp under the light of now (linear [H, W, 3]), sRGB-encoded -1..1, into three planes from `offset` on. */
export function writeFilledWarp(
  { anchor, memory, fill }: Correspondence,
  fromAnchor: Gathered,
  fromMemory: Gathered,
  shade: Float32Array | undefined,
  out: Float32Array,
  offset: number,
): void {
  const pixels = fill.from.length;
  const green = offset + pixels;
  const blue = green + pixels;
  for (let p = 0; p < pixels; p++) {
    const q = fill.from[p];
    const anchored = anchor.trust[q] > 0;
    // Where nothing at all is known there is no colour either.
    if (!anchored && memory.trust[q] === 0) {
      out[offset + p] = -1;
      out[green + p] = -1;
      out[blue + p] = -1;
      continue;
    }
    const paint = anchored ? fromAnchor : fromMemory;
    let r = paint[q * 4];
    let g = paint[q * 4 + 1];
    let b = paint[q * 4 + 2];
    if (shade) {
      r *= Math.max(shade[p * 3], SHADE_FLOOR);
      g *= Math.max(shade[p * 3 + 1], SHADE_FLOOR);
      b *= Math.max(shade[p * 3 + 2], SHADE_FLOOR);
    }
    out[offset + p] = encodeSrgbFast(r) * 2 - 1;
    out[green + p] = encodeSrgbFast(g) * 2 - 1;
    out[blue + p] = encodeSrgbFast(b) * 2 - 1;
  }
}

/** Memory's answer under the light of now minus the filled warp, sRGB-encoded, 0 without an answer, into three planes from `offset` on. */
export function writeMemory(
  { memory }: Correspondence,
  fromMemory: Gathered,
  shade: Float32Array | undefined,
  out: Float32Array,
  offset: number,
): void {
  const pixels = memory.trust.length;
  for (let c = 0; c < 3; c++) {
    const plane = offset + c * pixels;
    const warp = (FILLED_WARP + c) * pixels;
    for (let p = 0; p < pixels; p++) {
      if (memory.trust[p] === 0) {
        out[plane + p] = 0;
        continue;
      }
      const light = shade ? Math.max(shade[p * 3 + c], SHADE_FLOOR) : 1;
      out[plane + p] = encodeSrgbFast(fromMemory[p * 4 + c] * light) - (out[warp + p] + 1) / 2;
    }
  }
}

/**
 * Trust of the first frame's answer and of memory's, and doubt in guesses (each 0..1) into three planes from `offset` on.
 */
export function writeKnown({ anchor, memory, doubt }: Correspondence, out: Float32Array, offset: number): void {
  const pixels = doubt.length;
  const second = offset + pixels;
  const third = second + pixels;
  for (let p = 0; p < pixels; p++) {
    out[offset + p] = anchor.trust[p] / 255;
    out[second + p] = memory.trust[p] / 255;
    out[third + p] = doubt[p] / 255;
  }
}

/**
 * Light now (sRGB-encoded luminance) and light now over the light of the source (powers of two, -2..2) into two planes from
 * `offset` on; zeros without a shade plane.
 */
export function writeLight(
  { anchor, memory, fill }: Correspondence,
  fromAnchor: Gathered,
  fromMemory: Gathered,
  shade: Float32Array | undefined,
  out: Float32Array,
  offset: number,
): void {
  const pixels = fill.from.length;
  if (!shade) {
    out.fill(0, offset, offset + 2 * pixels);
    return;
  }
  const ratio = offset + pixels;
  for (let p = 0; p < pixels; p++) {
    const now = luminance(shade[p * 3], shade[p * 3 + 1], shade[p * 3 + 2]);
    out[offset + p] = encodeSrgbFast(now);
    const q = fill.from[p];
    const then = anchor.trust[q] > 0 ? fromAnchor[q * 4 + 3] : memory.trust[q] > 0 ? fromMemory[q * 4 + 3] : 0;
    out[ratio + p] = stopsOf((now + SHADE_FLOOR) / (then + SHADE_FLOOR));
  }
}

/** Steps of the table from one power of two to the next. */
const STEPS_AN_OCTAVE = 1 << 10;
const LEAST_RATIO = 2 ** -MOST_LIGHT_STOPS;
const MOST_RATIO = 2 ** MOST_LIGHT_STOPS;
/** Of the ratio in steps of LEAST_RATIO / STEPS_AN_OCTAVE: an error of at most 0.001 at the dark end, less above. */
const STOPS = Float32Array.from({ length: (MOST_RATIO / LEAST_RATIO) * STEPS_AN_OCTAVE + 1 }, (_, i) =>
  Math.max(-MOST_LIGHT_STOPS, Math.log2((i * LEAST_RATIO) / STEPS_AN_OCTAVE)),
);

/** A ratio in powers of two by table, clamped to -2..2. */
function stopsOf(ratio: number): number {
  return ratio >= MOST_RATIO ? MOST_LIGHT_STOPS : STOPS[((ratio * STEPS_AN_OCTAVE) / LEAST_RATIO + 0.5) | 0];
}

/** The filled warp in a control tensor as 8-bit sRGB [H, W, 3]. */
export function filledWarp(control: Float32Array, { width, height }: FrameSize): Uint8Array {
  const pixels = width * height;
  const [red, green, blue] = [0, 1, 2].map((part) => (FILLED_WARP + part) * pixels);
  const rgb = new Uint8Array(pixels * 3);
  for (let p = 0; p < pixels; p++) {
    // Encoded colours are -1..1, so that rounding needs no clamp.
    rgb[p * 3] = 127.5 * (control[red + p] + 1) + 0.5;
    rgb[p * 3 + 1] = 127.5 * (control[green + p] + 1) + 0.5;
    rgb[p * 3 + 2] = 127.5 * (control[blue + p] + 1) + 0.5;
  }
  return rgb;
}
