import type { Clip } from "../dataset/clip.js";
import { grade, toon } from "./grades.js";
import { hatch } from "./hatch.js";
import { ink } from "./ink.js";
import { greyBox } from "./materials.js";
import { moved } from "./moved.js";
import { paint } from "./paint.js";
import { relight } from "./relight.js";
import { SurfaceFinder, type Surfaces } from "./surfaces.js";

/**
 * What all pictures of a clip are turned into, the first frame and the truth alike. `engine` leaves them as they were recorded, so that nothing
 * is to be learnt of the look; `graded` and `toon` depend on one pixel's colour alone; `paint`, `hatch`, `ink` and `relight` on the surfaces and
 * what surrounds them; `moved-2` and `moved-4` are `paint` with a first frame that lies so many pixels off the engine's outlines. In `grey-box` the engine's colours are one
 * grey, and its own picture is the look.
 */
export const LOOKS = [
  "engine",
  "graded",
  "toon",
  "paint",
  "hatch",
  "ink",
  "relight",
  "moved-2",
  "moved-4",
  "grey-box",
] as const;
export type Look = (typeof LOOKS)[number];

/** Pixels by which a look's first frame lies to the right and down of where it belongs. */
const MOVED: Partial<Record<Look, number>> = { "moved-2": 2, "moved-4": 4 };

const ON_COLOURS: Partial<Record<Look, (rgb: Uint8Array) => Uint8Array>> = { graded: grade, toon };
const ON_SURFACES: Partial<Record<Look, (surfaces: Surfaces) => Uint8Array>> = {
  paint,
  hatch,
  ink,
  relight,
  "moved-2": paint,
  "moved-4": paint,
};

/** The same clip in another look; the first frame is its first truth. Each truth depends on its own frame alone. */
export function inLook(clip: Clip, look: Look): Clip {
  const onColours = ON_COLOURS[look];
  const onSurfaces = ON_SURFACES[look];
  async function* frames() {
    const finder = onSurfaces && new SurfaceFinder(clip.scene, clip.size);
    let by = MOVED[look] ?? 0;
    for await (const frame of clip.frames) {
      if (look === "grey-box") yield greyBox(frame);
      else if (!frame.truth) yield frame;
      else if (onColours) yield { ...frame, truth: onColours(frame.truth) };
      else if (onSurfaces && finder) {
        yield { ...frame, truth: moved(onSurfaces(finder.of(frame)), clip.size, { x: by, y: by }) };
        by = 0;
      } else yield frame;
    }
    finder?.close();
  }
  return { ...clip, frames: frames() };
}
