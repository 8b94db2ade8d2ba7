import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Conditioner } from "playblast/conditioning/conditioner";
import { CONTROLS } from "playblast/conditioning/controls";
import type { EngineFrame } from "playblast/scene/engine-frame";
import type { FrameSize } from "playblast/scene/picture";
import type { Scene } from "playblast/scene/scene";
import type { PlannedFrame } from "./chunk-plan.js";
import { CHUNK } from "./clip.js";

/** Steps from a plane's least value to its most: an even number, so that the middle of a range around 0 is 0. */
export const STEPS = 254;

/** Planes behind the controls: the trust in the filled warp, 0..1, and the truth, sRGB-encoded 0..1, which has all 255 steps. */
export const OTHER_PLANES = ["trust", "truth red", "truth green", "truth blue"] as const;

/** A clip in a look, as frames that were planned: what conditioning is told, and the truth that is to be painted. */
export interface PaintedClip {
  readonly name: string;
  readonly scene: Scene;
  readonly size: FrameSize;
  /** What the first frame shows, 8-bit sRGB [H, W, 3]. */
  readonly firstFrame: Uint8Array;
  readonly frames: readonly { readonly frame: EngineFrame; readonly truth: Uint8Array }[];
  readonly plan: readonly PlannedFrame[];
}

/**
 * Writes what a network is fed of a clip, and the truth (see training/README.md). Memory holds what conditioning made and never what a network painted, so
 * that all of this is known before there is a network. Returns the number of ticks that were written.
 */
export function writePainted(clip: PaintedClip, root: string): number {
  const { name, scene, size, frames, plan } = clip;
  const folder = join(root, name);
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const file = openSync(join(partial, "planes.u8"), "w");
  const conditioner = new Conditioner(scene, size, { threads: 1 });
  conditioner.setFirstFrame(clip.firstFrame, frames[0].frame);
  let ticks = 0;
  let transferred = false;
  for (const [i, { written, remembered }] of plan.entries()) {
    const { frame, truth } = frames[i];
    const [conditioned] = conditioner.condition([frame]);
    if (written) {
      writeSync(file, planesOf(conditioned.control, conditioned.trust, truth));
      transferred = conditioned.transferred;
      ticks++;
    }
    if (remembered) conditioner.remember(conditioned);
    conditioner.release(conditioned);
  }
  conditioner.close();
  closeSync(file);
  const meta = {
    width: size.width,
    height: size.height,
    ticks,
    chunk: CHUNK,
    steps: STEPS,
    transferred,
    /** The planes of a tick, in order. */
    planes: [...CONTROLS.map((control) => control.name), ...OTHER_PLANES],
  };
  writeFileSync(join(partial, "meta.json"), JSON.stringify(meta));
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
  return ticks;
}

/** One tick's planes [P, H, W]. */
function planesOf(control: Float32Array, trust: Float32Array, truth: Uint8Array): Uint8Array {
  const pixels = trust.length;
  const out = new Uint8Array((CONTROLS.length + OTHER_PLANES.length) * pixels);
  const write = (plane: number, values: Float32Array, [least, most]: readonly [number, number]) => {
    const steps = STEPS / (most - least);
    for (let p = 0, o = plane * pixels; p < pixels; p++, o++)
      out[o] = Math.max(0, Math.min(STEPS, (values[p] - least) * steps)) + 0.5;
  };
  for (const [i, { range }] of CONTROLS.entries()) write(i, control.subarray(i * pixels, (i + 1) * pixels), range);
  write(CONTROLS.length, trust, [0, 1]);
  for (let c = 0, o = (CONTROLS.length + 1) * pixels; c < 3; c++)
    for (let p = 0; p < pixels; p++, o++) out[o] = truth[3 * p + c];
  return out;
}
