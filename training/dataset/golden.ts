import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Conditioner } from "playblast/conditioning/conditioner";
import { filledWarp } from "playblast/conditioning/filled-warp";
import { withoutMaterials } from "../looks/materials.js";
import { CHUNK, type Clip } from "./clip.js";
import { takeClip } from "./clips.js";
import { writeClip } from "./write-clip.js";

/** Small, since it lies in the repository, and large enough for holes, outlines and interpolation to occur. */
const SIZE = { width: 40, height: 24 };
/** Two chunks: in the second one memory answers. */
const TICKS = 2 * CHUNK;
/** Of the take every so many ticks, so that its camera has gone far enough for holes. */
const STRIDE = 11;
/** The tick of the clip whose tensors are kept. */
export const GOLDEN_TICK = TICKS - 2;

/**
 * Writes into `folder` a clip of a take and what serving makes of one of its ticks: `served-control.f32`, the control tensor, `served-trust.f32`,
 * the trust in the filled warp, and `remembered.u8`, the picture that the first chunk left in memory.
 */
export async function writeGolden(take: string, folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const clip = await fewTicks(take);
  await writeClip(clip, folder);
  renameSync(join(folder, clip.name), join(folder, "clip"));
  const { scene, size, frames } = await fewTicks(take);
  const conditioner = new Conditioner(scene, size);
  let index = 0;
  for await (const frame of frames) {
    if (index === 0) conditioner.setFirstFrame(frame.truth as Uint8Array, frame);
    const [conditioned] = conditioner.condition([frame]);
    if (index === CHUNK - 1) writeFileSync(join(folder, "remembered.u8"), filledWarp(conditioned.control, size));
    if (index === GOLDEN_TICK) {
      writeFileSync(join(folder, "served-control.f32"), conditioned.control);
      writeFileSync(join(folder, "served-trust.f32"), conditioned.trust);
    }
    index++;
    if (index % CHUNK === 0) conditioner.remember(conditioned);
    conditioner.release(conditioned);
  }
  conditioner.close();
}

async function fewTicks(take: string): Promise<Clip> {
  const clip = withoutMaterials(await takeClip(take, STRIDE * TICKS, SIZE));
  async function* frames() {
    let index = 0;
    for await (const frame of clip.frames) if (index++ % STRIDE === 0) yield frame;
  }
  return { ...clip, frames: frames() };
}
