import type { Surfaces } from "./surfaces.js";

/** A stroke does not run on to what lies deeper or nearer by more than this share. */
const OUTLINE = 0.06;
const QUARTERS = [-1, -1, 1, -1, -1, 1, 1, 1];

/** Paints in strokes of one colour: each pixel has the mean of the calmest of four squares around it, of half side `stroke` pixels (Kuwahara et al., 1976). */
export function strokes({ colour, depth, owner, size: { width, height } }: Surfaces, stroke: number): Float32Array {
  const painted = new Float32Array(colour.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const here = y * width + x;
      let calmest = Infinity;
      for (let quarter = 0; quarter < 8; quarter += 2) {
        let r = 0;
        let g = 0;
        let b = 0;
        let squares = 0;
        let count = 0;
        for (let j = 0; j <= stroke; j++) {
          const py = y + QUARTERS[quarter + 1] * j;
          if (py < 0 || py >= height) continue;
          for (let i = 0; i <= stroke; i++) {
            const px = x + QUARTERS[quarter] * i;
            if (px < 0 || px >= width) continue;
            const p = py * width + px;
            if (owner[p] !== owner[here] || Math.abs(depth[p] - depth[here]) > OUTLINE * depth[here]) continue;
            r += colour[3 * p];
            g += colour[3 * p + 1];
            b += colour[3 * p + 2];
            squares += colour[3 * p] ** 2 + colour[3 * p + 1] ** 2 + colour[3 * p + 2] ** 2;
            count++;
          }
        }
        const spread = squares / count - (r * r + g * g + b * b) / (count * count);
        if (spread >= calmest) continue;
        calmest = spread;
        painted[3 * here] = r / count;
        painted[3 * here + 1] = g / count;
        painted[3 * here + 2] = b / count;
      }
    }
  }
  return painted;
}
