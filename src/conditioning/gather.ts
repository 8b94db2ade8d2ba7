import { INSIDE, SUBPIXEL } from "./controls.js";
import type { Layer } from "./correspondence.js";
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
    const taps = layer.taps[p] & ALL_TAPS;
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

/** Second differences of a source's paint: [H, W, 6], of red, green and blue across, then down. */
export type Curves = Float32Array;

/** The second differences of a source; 0 at the border of the picture. They say nothing on outlines, where no INSIDE place reads them. */
export function curvesOf({ paint, geometry: { width, height } }: SourceFrame): Curves {
  const curves = new Float32Array(width * height * 6);
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      for (let c = 0; c < 3; c++) {
        const i = p * 4 + c;
        if (x > 0 && x < width - 1) curves[p * 6 + c] = paint[i - 4] - 2 * paint[i] + paint[i + 4];
        if (y > 0 && y < height - 1) curves[p * 6 + 3 + c] = paint[i - 4 * width] - 2 * paint[i] + paint[i + 4 * width];
      }
    }
  }
  return curves;
}

/**
 * Turns bilinear answers of one source into cubic ones (Keys, 1981) inside surfaces: linear interpolation of samples a and b at t is
 * off by t (1 - t) / 2 times their second difference, to third order. What bilinear samples blur stays sharp.
 */
export function sharpen(layer: Layer, curves: Curves, width: number, out: Gathered): void {
  const pixels = layer.trust.length;
  for (let p = 0; p < pixels; p++) {
    if (layer.trust[p] === 0 || (layer.taps[p] & INSIDE) === 0) continue;
    const fx = (layer.x[p] & 255) / SUBPIXEL;
    const fy = (layer.y[p] & 255) / SUBPIXEL;
    const across = (fx * (1 - fx)) / 2;
    const down = (fy * (1 - fy)) / 2;
    const w00 = (1 - fx) * (1 - fy);
    const w10 = fx * (1 - fy);
    const w01 = (1 - fx) * fy;
    const w11 = fx * fy;
    const t00 = ((layer.y[p] >> 8) * width + (layer.x[p] >> 8)) * 6;
    const t10 = w10 === 0 ? t00 : t00 + 6;
    const t01 = w01 === 0 ? t00 : t00 + width * 6;
    const t11 = w11 === 0 ? t00 : t00 + width * 6 + (w10 === 0 ? 0 : 6);
    for (let c = 0; c < 3; c++) {
      const bend =
        across * (w00 * curves[t00 + c] + w10 * curves[t10 + c] + w01 * curves[t01 + c] + w11 * curves[t11 + c]) +
        down *
          (w00 * curves[t00 + c + 3] +
            w10 * curves[t10 + c + 3] +
            w01 * curves[t01 + c + 3] +
            w11 * curves[t11 + c + 3]);
      const value = out[p * 4 + c] - bend;
      out[p * 4 + c] = Math.max(value, 0);
    }
  }
}
