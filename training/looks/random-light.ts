import type { Random } from "../worlds/random.js";
import { underOtherSun } from "./other-sun.js";
import type { Surfaces } from "./surfaces.js";

/** The light [H, W, 3], linear, that a look paints under. */
export type LookLight = (surfaces: Surfaces) => Float32Array;

/** The engine's light, mostly; else bent in contrast, or with another sun in it. */
export function randomLight(random: Random): LookLight {
  const kind = random.unit();
  const exposure = random.range(0.8, 1.25);
  if (kind < 0.55) return ({ light }) => light.map((value) => exposure * value);
  if (kind < 0.75) {
    const gamma = random.range(0.6, 1.4);
    return ({ light }) => light.map((value) => exposure * value ** gamma);
  }
  return otherSun(random);
}

function otherSun(random: Random): LookLight {
  const turn = random.range(0, 2 * Math.PI);
  const height = random.range(0.1, 0.9);
  const level = Math.sqrt(1 - height * height);
  const towards = [level * Math.cos(turn), height, level * Math.sin(turn)];
  const warm = random.range(-0.3, 0.3);
  const strength = random.range(0.3, 1.3);
  const sun = [strength * (1 + warm), strength, strength * (1 - warm)];
  const ambient = [0, 1, 2].map(() => random.range(0.35, 0.85));
  return (surfaces) => underOtherSun(surfaces, { towards, sun, ambient });
}
