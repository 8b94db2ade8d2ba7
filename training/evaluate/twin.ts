import type { ConditionedFrame } from "playblast/conditioning/conditioner";
import { channel, channelBlock, FILLED_WARP } from "playblast/conditioning/controls";
import type { ChunkModel } from "playblast/diffusion/chunk-model";
import type { FrameSize } from "playblast/scene/picture";
import type { Painter } from "./rollout.js";

const MEMORY = channelBlock("memory red", "memory green", "memory blue");
/** What tells of the world cache. */
const OF_THE_CACHE = (["trust of the first frame", "trust of memory", "doubt", "light ratio"] as const).map(channel);

/**
 * The 2D-conditioned twin: the same network, trained for the same time, without the world cache. It sees the same depth, normals and
 * light, but the first frame and its own newest one lie as they were, not where the world moved them (training/clips.py, condition_flat).
 */
export function twinPainter(model: ChunkModel, size: FrameSize, seed: number): Painter {
  const pixels = size.width * size.height;
  const trust = new Float32Array(pixels);
  let first: Float32Array | undefined;
  let newest: Float32Array = new Float32Array(0);
  return async (frames, chunk) => {
    if (!first) {
      first = planes(frames[0].frame.truth as Uint8Array, pixels);
      newest = first;
    }
    const look = first;
    const flat = frames.map((frame): ConditionedFrame => {
      const control = frame.control.slice();
      for (let i = 0; i < look.length; i++) {
        control[FILLED_WARP * pixels + i] = newest[i] * 2 - 1;
        control[MEMORY * pixels + i] = look[i] - newest[i];
      }
      for (const at of OF_THE_CACHE) control.fill(0, at * pixels, (at + 1) * pixels);
      return { ...frame, control, trust };
    });
    const pictures = await model.paint(flat, { size, seed, chunk, steps: model.card.steps });
    newest = planes(pictures[pictures.length - 1], pixels);
    return pictures;
  };
}

/** 8-bit [H, W, 3] as planes [3, H, W] in 0..1. */
function planes(rgb: Uint8Array, pixels: number): Float32Array {
  return Float32Array.from({ length: 3 * pixels }, (_, i) => rgb[(i % pixels) * 3 + Math.floor(i / pixels)] / 255);
}
