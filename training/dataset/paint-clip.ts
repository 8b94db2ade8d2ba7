import type { EngineFrame } from "playblast/scene/engine-frame";
import { bare, coloured, greyBox } from "../looks/materials.js";
import { moved } from "../looks/moved.js";
import { randomLook } from "../looks/random-look.js";
import { SurfaceFinder } from "../looks/surfaces.js";
import { Random } from "../worlds/random.js";
import type { PlannedFrame } from "./chunk-plan.js";
import type { Clip } from "./clip.js";
import type { PaintedClip } from "./write-painted.js";

/** Shares of clips whose engine sends no materials, one grey for all of them, its finished picture alone, or the albedo alone; the others send both. */
const NO_MATERIALS = 0.15;
const GREY_BOX = 0.1;
const PICTURE_ALONE = 0.35;
const ALBEDO_ALONE = 0.12;
/** Shares of clips without surface ids, and without a shade plane. */
const NO_SURFACE_IDS = 0.4;
const NO_SHADE = 0.12;

/** Frames that were planned, in a random look and of an engine that sends random planes. The same seed gives the same. */
export function paintClip(
  { name, scene, size }: Omit<Clip, "frames">,
  frames: readonly EngineFrame[],
  plan: readonly PlannedFrame[],
  seed: number,
): PaintedClip {
  const look = randomLook(seed);
  const told = randomEngine(new Random(seed ^ 0x5bd1e995));
  const finder = new SurfaceFinder(scene, size);
  const painted = frames.map((frame) => ({ frame: told(frame), truth: look.paint(finder.of(frame)) }));
  finder.close();
  return { name, scene, size, plan, frames: painted, firstFrame: moved(painted[0].truth, size, look.moved) };
}

/** What an engine sends of its frames. */
function randomEngine(random: Random): (frame: EngineFrame) => EngineFrame {
  const kind = random.unit();
  const shade = !random.chance(NO_SHADE);
  const ids = !random.chance(NO_SURFACE_IDS);
  const tell = (frame: EngineFrame): EngineFrame => {
    if (kind < NO_MATERIALS) return bare(frame);
    if (kind < NO_MATERIALS + GREY_BOX) return greyBox(frame);
    if (kind < NO_MATERIALS + GREY_BOX + PICTURE_ALONE) return coloured({ ...frame, albedo: undefined });
    if (kind < NO_MATERIALS + GREY_BOX + PICTURE_ALONE + ALBEDO_ALONE && frame.albedo)
      return { ...frame, colour: undefined };
    return coloured(frame);
  };
  return (frame) => {
    const told = tell(frame);
    return { ...told, shade: shade ? told.shade : undefined, surfaceId: ids ? told.surfaceId : undefined };
  };
}
