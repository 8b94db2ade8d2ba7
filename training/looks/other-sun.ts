import { BACKGROUND_DEPTH } from "playblast/scene/engine-frame";
import type { Surfaces } from "./surfaces.js";

/** Another light than the engine's, red, green and blue: a sun, where it comes from (a unit vector in the space of owners), and what is left of the engine's. */
export interface OtherSun {
  readonly towards: readonly number[];
  readonly sun: readonly number[];
  readonly ambient: readonly number[];
}

/** The engine's light [H, W, 3], linear, with another sun in it; the background's as it is. */
export function underOtherSun({ light, normal, depth }: Surfaces, { towards, sun, ambient }: OtherSun): Float32Array {
  return light.map((value, i) => {
    const p = Math.floor(i / 3);
    if (depth[p] >= BACKGROUND_DEPTH) return value;
    const facing = normal[3 * p] * towards[0] + normal[3 * p + 1] * towards[1] + normal[3 * p + 2] * towards[2];
    return value * (ambient[i % 3] + sun[i % 3] * Math.max(0, facing));
  });
}
