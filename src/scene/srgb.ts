import { ENCODED_STEPS } from "./srgb-steps.js";

/** Linear value of an sRGB value in 0..1 (IEC 61966-2-1). */
export function decodeSrgb(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Linear value of each 8-bit sRGB code. */
export const SRGB_TO_LINEAR = Float32Array.from({ length: 256 }, (_, code) => decodeSrgb(code / 255));

/** sRGB encoding of a linear value in 0..1, as 0..1. Exact, slow; for tables and tests. */
export function encodeSrgb(linear: number): number {
  return linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055;
}

/** sRGB encoding of i / (length - 1). */
export const LINEAR_TO_SRGB = Float32Array.from({ length: ENCODED_STEPS + 1 }, (_, i) => encodeSrgb(i / ENCODED_STEPS));

/** sRGB encoding of a linear value by table, clamped to 0..1. */
export function encodeSrgbFast(linear: number): number {
  if (!(linear > 0)) return 0;
  return linear >= 1 ? 1 : LINEAR_TO_SRGB[(linear * ENCODED_STEPS + 0.5) | 0];
}

/** Rec. 709 luminance of a linear colour. */
export function luminance(r: number, g: number, b: number): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
