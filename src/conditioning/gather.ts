import { type Layer, SUBPIXEL } from "./correspondence.js";
import type { SourceFrame } from "./source-frame.js";

/** What a layer's answers look like; undefined values where there is no answer. */
export interface Gathered {
  /** [H, W, 3] linear colour divided by light. */
  readonly albedo: Float32Array;
  /** [H, W] luminance of the light that the source was painted under. */
  readonly light: Float32Array;
}

/** Room for the answers of one layer. */
export function makeGathered(pixels: number): Gathered {
  return { albedo: new Float32Array(pixels * 3), light: new Float32Array(pixels) };
}

/** Samples the sources at a layer's places into `out`: bilinear over the taps that may be used. */
export function gather(layer: Layer, sources: readonly SourceFrame[], width: number, out: Gathered): void {
  const pixels = layer.trust.length;
  const { albedo, light } = out;
  for (let p = 0; p < pixels; p++) {
    if (layer.trust[p] === 0) continue;
    const source = sources[layer.source[p]];
    const from = source.albedo;
    const taps = layer.taps[p];
    const fx = (layer.x[p] & 255) / SUBPIXEL;
    const fy = (layer.y[p] & 255) / SUBPIXEL;
    let t = (layer.y[p] >> 8) * width + (layer.x[p] >> 8);
    let r = 0;
    let g = 0;
    let b = 0;
    let l = 0;
    let total = 0;
    for (let tap = 0; tap < 4; tap++) {
      if ((taps & (1 << tap)) !== 0) {
        const weight = ((tap & 1) === 0 ? 1 - fx : fx) * ((tap & 2) === 0 ? 1 - fy : fy);
        r += weight * from[t * 3];
        g += weight * from[t * 3 + 1];
        b += weight * from[t * 3 + 2];
        l += weight * source.light[t];
        total += weight;
      }
      t += tap === 1 ? width - 1 : 1;
    }
    const scale = 1 / total;
    albedo[p * 3] = r * scale;
    albedo[p * 3 + 1] = g * scale;
    albedo[p * 3 + 2] = b * scale;
    light[p] = l * scale;
  }
}
