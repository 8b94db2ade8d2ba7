import type { Random } from "../worlds/random.js";
import { stepped } from "./grades.js";

/** Changes a finished 8-bit picture [H, W, 3]. */
export type Grade = (rgb: Uint8Array) => Uint8Array;

/** A random grade: colours mixed, gamma, gain, and seldom flat steps; undefined for none. */
export function randomGrade(random: Random): Grade | undefined {
  if (random.chance(0.45)) return undefined;
  const strength = random.pick([0.06, 0.2]);
  const mix = Array.from({ length: 9 }, (_, i) => (i % 4 === 0 ? 1 : 0) + strength * random.range(-1.6, 1.6));
  for (let row = 0; row < 9; row += 3) {
    const sum = Math.max(0.5, mix[row] + mix[row + 1] + mix[row + 2]);
    for (let c = 0; c < 3; c++) mix[row + c] /= sum;
  }
  const gamma = random.range(0.75, 1.35);
  const gain = random.range(0.85, 1.2);
  const steps = random.chance(0.25) ? random.whole(4, 7) : 0;
  const bent = Float32Array.from({ length: 256 }, (_, code) => gain * (code / 255) ** gamma);
  return (rgb) => {
    const out = new Uint8Array(rgb.length);
    for (let i = 0; i < rgb.length; i += 3) {
      for (let c = 0; c < 3; c++) {
        const row = 3 * c;
        const value = mix[row] * bent[rgb[i]] + mix[row + 1] * bent[rgb[i + 1]] + mix[row + 2] * bent[rgb[i + 2]];
        const shown = Math.max(0, Math.min(1, value));
        out[i + c] = Math.round(255 * (steps === 0 ? shown : stepped(shown, steps)));
      }
    }
    return out;
  };
}
