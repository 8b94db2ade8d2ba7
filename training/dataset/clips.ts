import { basename } from "node:path";
import { readEngineFrame } from "playblast/protocol/engine-frame";
import { readOpenShot, type ShotRequest } from "playblast/protocol/open-shot";
import type { FrameSize } from "playblast/scene/picture";
import { readTake } from "playblast/take/take-reader";
import { renderTick } from "../worlds/render.js";
import { makeWorld } from "../worlds/world.js";
import type { Clip } from "./write-clip.js";

/** The first ticks of a procedurally made world. */
export function worldClip(seed: number, ticks: number, size: FrameSize): Clip {
  const world = makeWorld(seed);
  function* frames() {
    for (let tick = 0; tick < ticks; tick++) yield renderTick(world, tick, size);
  }
  return { name: `world-${seed}`, scene: world.scene, size, frames: frames() };
}

/**
 * The first ticks of a recorded take, its planes scaled to `size`.
 *
 * @throws TakeError when the take cannot be read, BadRequestError when what it holds cannot.
 */
export async function takeClip(path: string, ticks: number, size: FrameSize): Promise<Clip> {
  const shot = await openingOf(path);
  async function* frames() {
    let count = 0;
    let lastTick = -1;
    for await (const message of readTake(path)) {
      if (message.$case !== "engineFrame") continue;
      if (count++ === ticks) return;
      lastTick = message.value.tick;
      yield readEngineFrame(message.value, shot, size, lastTick - 1);
    }
  }
  return { name: basename(path).replace(/\..*$/, ""), scene: shot.scene, size, frames: frames() };
}

async function openingOf(path: string): Promise<ShotRequest> {
  for await (const message of readTake(path)) if (message.$case === "openShot") return readOpenShot(message.value);
  throw new Error(`take ${path} holds no open_shot`);
}
