import { type Surfaces, underLight } from "./surfaces.js";

/** Where the other light comes from in the owner's space, and its colour; what is left of the engine's light. */
const TOWARDS = [-0.62, 0.35, 0.7];
const SUN = [1.25, 1.0, 0.7];
const AMBIENT = [0.5, 0.55, 0.7];

/** The engine's colours under another light: a low warm sun from the side, cool where it does not reach. */
export function relight({ colour, light, normal, depth }: Surfaces): Uint8Array {
  const other = light.map((value, i) => {
    const p = Math.floor(i / 3);
    const c = i % 3;
    if (depth[p] >= 1e4) return value;
    const facing = normal[3 * p] * TOWARDS[0] + normal[3 * p + 1] * TOWARDS[1] + normal[3 * p + 2] * TOWARDS[2];
    return value * (AMBIENT[c] + SUN[c] * Math.max(0, facing));
  });
  return underLight(colour, other);
}
