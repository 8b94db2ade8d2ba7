import type { FrameSize } from "playblast/scene/picture";

/** A picture [H, W, 3] moved to the right and down by so many pixels, its border repeated. */
export function moved(
  rgb: Uint8Array,
  { width, height }: FrameSize,
  by: { readonly x: number; readonly y: number },
): Uint8Array {
  if (by.x === 0 && by.y === 0) return rgb;
  const out = new Uint8Array(rgb.length);
  for (let y = 0; y < height; y++) {
    const row = Math.max(0, Math.min(height - 1, y - by.y)) * width;
    for (let x = 0; x < width; x++) {
      const from = 3 * (row + Math.max(0, Math.min(width - 1, x - by.x)));
      out.set(rgb.subarray(from, from + 3), 3 * (y * width + x));
    }
  }
  return out;
}
