import { Random } from "../worlds/random.js";
import { drawnOutlines } from "./drawn-outlines.js";
import { randomGrade } from "./random-grade.js";
import { randomLight } from "./random-light.js";
import { type LookStep, randomPalette } from "./random-palette.js";
import { randomTexture } from "./random-texture.js";
import { strokes } from "./strokes.js";
import { type Surfaces, underLight } from "./surfaces.js";

/** A look to train in. */
export interface TrainingLook {
  /** The truth of a frame, 8-bit sRGB [H, W, 3]. */
  readonly paint: (surfaces: Surfaces) => Uint8Array;
  /** Pixels to the right and down by which the first frame lies off the engine's outlines. */
  readonly moved: { readonly x: number; readonly y: number };
}

/** Share of looks that leave the engine's picture as it is but for light and a grade, as photographs of the set would. */
const PLAIN = 0.12;
const STROKES = 0.45;
const TEXTURE = 0.5;
const SECOND_TEXTURE = 0.3;
const OUTLINES = 0.35;
const MOVED = 0.15;

/**
 * The look of a seed: strokes, a palette, texture on the surfaces, drawn outlines, another light and a grade, each of random parameters and each in some
 * looks only. The looks that evaluation paints (`LOOKS`) are like these and none of them.
 */
export function randomLook(seed: number): TrainingLook {
  const random = new Random(seed);
  const plain = random.chance(PLAIN);
  const stroke = !plain && random.chance(STROKES) ? random.whole(1, 4) : 0;
  const steps: LookStep[] = [];
  const palette = plain ? undefined : randomPalette(random);
  if (palette) steps.push(palette);
  if (!plain && random.chance(TEXTURE)) steps.push(randomTexture(random));
  if (steps.length > 1 && random.chance(SECOND_TEXTURE)) steps.push(randomTexture(random));
  if (!plain && random.chance(OUTLINES)) steps.push(outlines(random));
  const light = randomLight(random);
  const grade = randomGrade(random);
  const moved = random.chance(MOVED) ? { x: random.whole(-2, 2), y: random.whole(-2, 2) } : { x: 0, y: 0 };
  return {
    moved,
    paint(surfaces) {
      const colours = stroke > 0 ? strokes(surfaces, stroke) : surfaces.colour.slice();
      for (const step of steps) {
        step(colours, surfaces);
        for (let i = 0; i < colours.length; i++) colours[i] = Math.max(0, Math.min(1, colours[i]));
      }
      const painted = underLight(colours, light(surfaces));
      return grade ? grade(painted) : painted;
    },
  };
}

/** Outlines of random width, darkness, colour and side. */
function outlines(random: Random): LookStep {
  const side = random.pick(["nearer", "nearer", "further"] as const);
  const darkest = random.range(0.3, 1);
  const inked = [darkest, ...(random.chance(0.6) ? [darkest * random.range(0.2, 0.8)] : [])];
  if (inked.length > 1 && random.chance(0.3)) inked.push(inked[1] * 0.4);
  const ink = [0, 1, 2].map(() => random.range(0, 0.25));
  return (colours, surfaces) => {
    const lines = drawnOutlines(surfaces, inked, side);
    for (let i = 0; i < colours.length; i++) colours[i] += (ink[i % 3] - colours[i]) * lines[Math.floor(i / 3)];
  };
}
