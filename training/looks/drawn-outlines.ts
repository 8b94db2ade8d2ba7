import type { Surfaces } from "./surfaces.js";

/** An outline runs where depth jumps by more than this share, and between owners. */
const JUMP = 0.05;

/**
 * How dark drawn outlines make each pixel, [H, W] 0..1.
 *
 * @param inked - How dark the pixels of an outline are, then those one step beside it, two steps, ...
 * @param side - Whether the line lies on the nearer or the further side of an outline.
 */
export function drawnOutlines(
  { depth, owner, size: { width, height } }: Surfaces,
  inked: readonly number[],
  side: "nearer" | "further" = "nearer",
): Float32Array {
  const steps = new Uint8Array(depth.length).fill(inked.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const p = y * width + x;
      for (const q of [x + 1 < width ? p + 1 : p, y + 1 < height ? p + width : p]) {
        const jump = Math.abs(depth[p] - depth[q]) > JUMP * Math.min(depth[p], depth[q]) || owner[p] !== owner[q];
        if (jump) steps[depth[p] < depth[q] === (side === "nearer") ? p : q] = 0;
      }
    }
  }
  for (let step = 1; step < inked.length; step++) {
    for (let p = 0; p < steps.length; p++) {
      if (steps[p] < step) continue;
      const before = step - 1;
      if (steps[p - 1] === before || steps[p + 1] === before) steps[p] = step;
      else if (steps[p - width] === before || steps[p + width] === before) steps[p] = step;
    }
  }
  return Float32Array.from(steps, (step) => inked[step] ?? 0);
}
