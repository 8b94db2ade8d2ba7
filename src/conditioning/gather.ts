import { type Layer, SUBPIXEL } from "./correspondence.js";
import type { SourceFrame } from "./source-frame.js";

/** What a layer's answers look like, [H, W, 4] as a source's `paint`; undefined values where there is no answer. */
export type Gathered = Float32Array;

/** Room for the answers of one layer. */
export function makeGathered(pixels: number): Gathered {
  return new Float32Array(pixels * 4);
}

/** All four taps of a bilinear sample. */
const ALL_TAPS = 15;

/** Samples the sources at a layer's places into `out`: bilinear over the taps that may be used. */
export function gather(layer: Layer, sources: readonly SourceFrame[], width: number, out: Gathered): void {
  const pixels = layer.trust.length;
  for (let p = 0; p < pixels; p++) {
    if (layer.trust[p] === 0) continue;
    const from = sources[layer.source[p]].paint;
    const taps = layer.taps[p];
    const fx = (layer.x[p] & 255) / SUBPIXEL;
    const fy = (layer.y[p] & 255) / SUBPIXEL;
    let w00 = (1 - fx) * (1 - fy);
    let w10 = fx * (1 - fy);
    let w01 = (1 - fx) * fy;
    let w11 = fx * fy;
    if (taps !== ALL_TAPS) {
      if ((taps & 1) === 0) w00 = 0;
      if ((taps & 2) === 0) w10 = 0;
      if ((taps & 4) === 0) w01 = 0;
      if ((taps & 8) === 0) w11 = 0;
      const scale = 1 / (w00 + w10 + w01 + w11);
      w00 *= scale;
      w10 *= scale;
      w01 *= scale;
      w11 *= scale;
    }
    // A tap without weight may lie beyond the picture: it reads the first one.
    const t00 = ((layer.y[p] >> 8) * width + (layer.x[p] >> 8)) * 4;
    const t10 = w10 === 0 ? t00 : t00 + 4;
    const t01 = w01 === 0 ? t00 : t00 + width * 4;
    const t11 = w11 === 0 ? t00 : t00 + width * 4 + 4;
    const o = p * 4;
    out[o] = w00 * from[t00] + w10 * from[t10] + w01 * from[t01] + w11 * from[t11];
    out[o + 1] = w00 * from[t00 + 1] + w10 * from[t10 + 1] + w01 * from[t01 + 1] + w11 * from[t11 + 1];
    out[o + 2] = w00 * from[t00 + 2] + w10 * from[t10 + 2] + w01 * from[t01 + 2] + w11 * from[t11 + 2];
    out[o + 3] = w00 * from[t00 + 3] + w10 * from[t10 + 3] + w01 * from[t01 + 3] + w11 * from[t11 + 3];
  }
}
