import { strokes } from "./strokes.js";
import { brightness, type Surfaces, toned, underLight } from "./surfaces.js";

/** Half side of a stroke in pixels. */
const STROKE = 3;
const TONES = 4;
const EDGE = 0.3;
const SATURATION = 1.25;
/** Colours that dark and bright surfaces lean to, sRGB 0..1, and how far. */
const DARK = [0.1, 0.06, 0.45];
const BRIGHT = [1.0, 0.84, 0.5];
const LEAN = 0.55;
const EXPOSURE = 1.2;

/** Broad flat strokes within the outlines, few tones, another palette, under the engine's light: as examples/paint-first-frame.mjs paints. */
export function paint(surfaces: Surfaces): Uint8Array {
  const colours = strokes(surfaces, STROKE);
  for (let p = 0; p < colours.length / 3; p++) {
    const bright = brightness(colours, p);
    const tone = toned(bright, TONES, EDGE);
    for (let c = 0; c < 3; c++) {
      const hue = (colours[3 * p + c] - bright) * SATURATION;
      const towards = DARK[c] + (BRIGHT[c] - DARK[c]) * tone;
      colours[3 * p + c] = Math.max(0, Math.min(1, tone + hue + (towards - tone) * LEAN));
    }
  }
  return underLight(colours, surfaces.light, EXPOSURE);
}
