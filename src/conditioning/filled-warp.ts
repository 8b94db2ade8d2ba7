import type { FrameSize } from "../scene/picture.js";
import { FILLED_WARP } from "./controls.js";

/** The filled warp in a control tensor as 8-bit sRGB [H, W, 3]. */
export function filledWarp(control: Float32Array, { width, height }: FrameSize): Uint8Array {
  const pixels = width * height;
  const warp = control.subarray(FILLED_WARP * pixels);
  const rgb = new Uint8Array(pixels * 3);
  for (let p = 0; p < pixels; p++) {
    // Encoded colours are -1..1, so that rounding needs no clamp.
    rgb[p * 3] = 127.5 * (warp[p] + 1) + 0.5;
    rgb[p * 3 + 1] = 127.5 * (warp[pixels + p] + 1) + 0.5;
    rgb[p * 3 + 2] = 127.5 * (warp[2 * pixels + p] + 1) + 0.5;
  }
  return rgb;
}
