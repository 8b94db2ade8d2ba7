import { drawnOutlines } from "./drawn-outlines.js";
import { grainAt } from "./grain.js";
import { brightness, type Surfaces, underLight } from "./surfaces.js";

/** How dark the pixels of an outline are, and those beside. */
const INKED = [0.85, 0.45];
/** How much of a surface's hue is left, and the paper's colour that all leans to. */
const OWN_HUE = 0.7;
const PAPER = [0.96, 0.93, 0.88];
const LEAN = 0.35;
/** Metres of the paper's grain, and its strength. */
const GRAIN = 0.16;
const STRENGTH = 0.13;

/** Washed colours on grainy paper that lies on the surfaces, and drawn outlines. */
export function ink(surfaces: Surfaces): Uint8Array {
  const { colour, light, extent } = surfaces;
  const lines = drawnOutlines(surfaces, INKED);
  const painted = new Float32Array(colour.length);
  for (let p = 0; p < extent.length; p++) {
    const bright = brightness(colour, p);
    const grain = STRENGTH * grainAt(surfaces, p, GRAIN);
    for (let c = 0; c < 3; c++) {
      const washed = bright + (colour[3 * p + c] - bright) * OWN_HUE;
      const value = washed + (PAPER[c] - washed) * LEAN + grain;
      painted[3 * p + c] = Math.max(0, Math.min(1, value * (1 - lines[p])));
    }
  }
  return underLight(painted, light);
}
