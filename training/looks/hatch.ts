import { lineCover } from "./lines.js";
import { brightness, type Surfaces, toned, underLight } from "./surfaces.js";

const TONES = 5;
const EDGE = 0.4;
/** Colours of the darkest and the brightest tone, sRGB 0..1, and how much of a surface's own hue is left. */
const INK = [0.16, 0.13, 0.3];
const PAPER = [0.98, 0.93, 0.8];
const OWN_HUE = 0.5;
/** Metres from line to line, lines aslant in the plane that a surface faces, and how dark they are. */
const LINES = { spacing: 0.22, slant: [0.766, 0.643] } as const;
const DARKNESS = 0.45;
/** Share of the paper that lines cover, from the brightest to the darkest tone. */
const LEAST_INK = 0.12;
const MOST_INK = 0.6;

/** Flat tones, a tint, and hatching that is anchored in the world, of which the engine's picture has nothing. */
export function hatch(surfaces: Surfaces): Uint8Array {
  const { colour, light, extent } = surfaces;
  const painted = new Float32Array(colour.length);
  for (let p = 0; p < extent.length; p++) {
    const bright = brightness(colour, p);
    const tone = toned(bright, TONES, EDGE);
    const ink = LEAST_INK + (MOST_INK - LEAST_INK) * (1 - tone);
    const covered = lineCover(surfaces, p, ink, LINES);
    for (let c = 0; c < 3; c++) {
      const hue = (colour[3 * p + c] - bright) * OWN_HUE;
      const value = INK[c] + (PAPER[c] - INK[c]) * tone + hue;
      painted[3 * p + c] = Math.max(0, Math.min(1, value * (1 - DARKNESS * covered)));
    }
  }
  return underLight(painted, light);
}
