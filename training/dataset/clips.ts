import type { FrameSize } from "playblast/scene/picture";
import { renderTick } from "../worlds/render.js";
import { makeWorld } from "../worlds/world.js";
import type { Clip } from "./write-clip.js";

/** The first ticks of a procedurally made world; without `shade` its light plane is left out. */
export function worldClip(seed: number, ticks: number, size: FrameSize, shade: boolean): Clip {
  const world = makeWorld(seed);
  function* frames() {
    for (let tick = 0; tick < ticks; tick++) {
      const frame = renderTick(world, tick, size);
      yield shade ? frame : { ...frame, shade: undefined };
    }
  }
  return { name: `world-${seed}`, scene: world.scene, size, frames: frames() };
}
