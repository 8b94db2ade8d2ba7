import { noise } from "./material.js";
import type { Random } from "./random.js";

/** Sky as a gradient with clouds; linear RGB. */
export interface Sky {
  readonly zenith: readonly [number, number, number];
  readonly horizon: readonly [number, number, number];
  readonly clouds: number;
  readonly seed: number;
}

/** A random sky by day. */
export function randomSky(random: Random): Sky {
  return {
    zenith: [random.range(0.05, 0.3), random.range(0.15, 0.4), random.range(0.35, 0.8)],
    horizon: [random.range(0.4, 0.8), random.range(0.45, 0.75), random.range(0.5, 0.8)],
    clouds: random.range(0, 0.8),
    seed: random.whole(0, 1 << 20),
  };
}

/** Colour of the sky along a direction of any length, linear RGB into `out`. */
export function skyColour(sky: Sky, dx: number, dy: number, dz: number, out: Float64Array): void {
  const level = Math.sqrt(dx * dx + dz * dz) + 1e-6;
  const up = dy / Math.sqrt(level * level + dy * dy);
  const height = Math.max(0, Math.min(1, up * 1.6 + 0.1));
  const scale = 1.4 / ((Math.max(0, up) + 0.15) * level);
  const cloud =
    sky.clouds *
    Math.max(0, noise(dx * scale + 50, dz * scale + 50, sky.seed) - 0.45) *
    1.6 *
    Math.min(1, Math.max(0, up * 5));
  for (let c = 0; c < 3; c++) {
    const clear = sky.horizon[c] + (sky.zenith[c] - sky.horizon[c]) * height;
    out[c] = clear + (0.9 - clear) * Math.min(1, cloud);
  }
}
