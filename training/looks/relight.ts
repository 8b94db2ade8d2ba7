import { underOtherSun } from "./other-sun.js";
import { type Surfaces, underLight } from "./surfaces.js";

/** A low warm sun from the side, cool where it does not reach. */
const EVENING = { towards: [-0.62, 0.35, 0.7], sun: [1.25, 1.0, 0.7], ambient: [0.5, 0.55, 0.7] };

/** The engine's colours under another light. */
export function relight(surfaces: Surfaces): Uint8Array {
  return underLight(surfaces.colour, underOtherSun(surfaces, EVENING));
}
