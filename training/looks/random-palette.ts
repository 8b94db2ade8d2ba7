import type { Random } from "../worlds/random.js";
import { brightness, type Surfaces, toned } from "./surfaces.js";

/** Changes what a look has painted so far, sRGB-encoded colours without light [H, W, 3], where they lie. */
export type LookStep = (colours: Float32Array, surfaces: Surfaces) => void;

/** Another palette: few tones between two colours; colours by surface; a bent space of colours; or the engine's own. */
export function randomPalette(random: Random): LookStep | undefined {
  const kind = random.unit();
  if (kind < 0.4) return tones(random);
  if (kind < 0.6) return bySurface(random);
  if (kind < 0.85) return bent(random);
  return undefined;
}

function colour(random: Random, low: number, high: number): readonly number[] {
  return [0, 1, 2].map(() => random.range(low, high));
}

function tones(random: Random): LookStep {
  const count = random.chance(0.3) ? 0 : random.whole(3, 9);
  const edge = random.range(0.2, 0.8);
  const saturation = random.range(0, 1.5);
  const lean = random.range(0.1, 0.9);
  const dark = colour(random, 0, 0.45);
  const bright = colour(random, 0.55, 1);
  return (colours) => {
    for (let i = 0; i < colours.length; i += 3) {
      const light = brightness(colours, i / 3);
      const tone = count === 0 ? light : toned(light, count, edge);
      for (let c = 0; c < 3; c++) {
        const hue = (colours[i + c] - light) * saturation;
        const between = dark[c] + (bright[c] - dark[c]) * tone;
        colours[i + c] = tone + hue + (between - tone) * lean;
      }
    }
  };
}

/** Every surface, or owner, leans to a colour of its own, dark and bright as it is. */
function bySurface(random: Random): LookStep {
  const seed = random.whole(0, 1 << 20);
  const lean = random.range(0.3, 1);
  const contrast = random.range(0.3, 1);
  return (colours, { surface }) => {
    for (let p = 0; p < surface.length; p++) {
      const light = brightness(colours, p);
      for (let c = 0; c < 3; c++) {
        const own = hashed(surface[p], seed + c);
        const painted = own + (light - 0.5) * contrast;
        colours[3 * p + c] += (painted - colours[3 * p + c]) * lean;
      }
    }
  };
}

/** Waves of random length and strength that bend each part of a colour by the others. */
function bent(random: Random): LookStep {
  const strength = random.range(0.06, 0.3);
  const waves = Array.from({ length: 3 }, () => ({
    along: [0, 1, 2].map(() => random.range(-1, 1)),
    length: random.range(2, 7),
    phase: random.range(0, 2 * Math.PI),
  }));
  return (colours) => {
    for (let i = 0; i < colours.length; i += 3) {
      const [r, g, b] = colours.subarray(i, i + 3);
      for (const [c, { along, length, phase }] of waves.entries())
        colours[i + c] += strength * Math.sin(length * (along[0] * r + along[1] * g + along[2] * b) + phase);
    }
  };
}

/** A number in 0..1 of two whole ones. */
function hashed(a: number, b: number): number {
  let hash = Math.imul(a ^ 0x9e3779b9, 668265263) ^ Math.imul(b + 1, 374761393);
  hash = Math.imul(hash ^ (hash >>> 15), 2246822519);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
