import type { Surfaces } from "./surfaces.js";

/** Grain that lies on surfaces, -1.5..1.5: value noise of two scales, the finer one so many metres, faded where it is finer than pixels. */
export function grainAt({ place, extent }: Surfaces, p: number, scale: number): number {
  const sharp = Math.min(1, (0.5 * scale) / extent[p]);
  return sharp * (lattice(place, p, scale) + 0.5 * lattice(place, p, 2.3 * scale));
}

/** Value noise at a place, -1..1. */
function lattice(place: Float32Array, p: number, scale: number): number {
  const cell = [0, 0, 0];
  const inside = [0, 0, 0];
  for (let axis = 0; axis < 3; axis++) {
    const at = place[3 * p + axis] / scale;
    cell[axis] = Math.floor(at);
    const t = at - cell[axis];
    inside[axis] = t * t * (3 - 2 * t);
  }
  let sum = 0;
  for (let corner = 0; corner < 8; corner++) {
    let weight = 1;
    let hash = 374761393;
    for (let axis = 0; axis < 3; axis++) {
      const bit = (corner >> axis) & 1;
      weight *= bit === 1 ? inside[axis] : 1 - inside[axis];
      hash = Math.imul(hash ^ (cell[axis] + bit), 668265263 + 2 * axis);
      hash ^= hash >>> 15;
    }
    sum += weight * (((hash >>> 8) & 0xffff) / 32768 - 1);
  }
  return sum;
}
