import { basename } from "node:path";
import { readEngineFrame } from "playblast/protocol/engine-frame";
import { readOpenShot, type ShotRequest } from "playblast/protocol/open-shot";
import type { FrameSize } from "playblast/scene/picture";
import { readTake } from "playblast/take/take-reader";
import { renderTick } from "../worlds/render.js";
import { makeWorld } from "../worlds/world.js";
import type { Clip } from "./clip.js";

/** Tells by its place in a clip, from 0 on, whether a frame is wanted. */
export type Wanted = (index: number) => boolean;

const ALL: Wanted = () => true;

/** The first ticks of a procedurally made world, of these the wanted ones. */
export function worldClip(seed: number, ticks: number, size: FrameSize, wanted = ALL): Clip {
  const world = makeWorld(seed);
  function* frames() {
    for (let tick = 0; tick < ticks; tick++) if (wanted(tick)) yield renderTick(world, tick, size);
  }
  return { name: `world-${seed}`, scene: world.scene, size, frames: frames() };
}

/**
 * The first ticks of a recorded take, of these the wanted ones, their planes scaled to `size`.
 *
 * @throws TakeError when the take cannot be read, BadRequestError when what it holds cannot.
 */
export async function takeClip(path: string, ticks: number, size: FrameSize, wanted = ALL): Promise<Clip> {
  const shot = await openingOf(path);
  async function* frames() {
    let count = 0;
    let lastTick = -1;
    for await (const message of readTake(path)) {
      if (message.$case !== "engineFrame") continue;
      if (count === ticks) return;
      lastTick = message.value.tick;
      if (wanted(count++)) yield readEngineFrame(message.value, shot, size, lastTick - 1);
    }
  }
  return { name: basename(path).replace(/\..*$/, ""), scene: shot.scene, size, frames: frames() };
}

async function openingOf(path: string): Promise<ShotRequest> {
  for await (const message of readTake(path)) if (message.$case === "openShot") return readOpenShot(message.value);
  throw new Error(`take ${path} holds no open_shot`);
}
