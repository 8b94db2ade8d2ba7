import type { KernelMemory } from "./kernels.js";
import { makeStruct, type Struct } from "./structs.js";

/**
 * Where each pixel of a frame is to be found in remembered frames: geometry alone, no colours. The same arrays serve a
 * live shot and training. Found by `kernels/correspond.ts`.
 */
export interface Layer {
  /** [H, W] which source answers, -1 for none. */
  readonly source: Int16Array;
  /** [H, W] sample position in 1/256 pixel, pixel centres at whole numbers. */
  readonly x: Uint32Array;
  readonly y: Uint32Array;
  /** [H, W] taps that may be used: bit 0 (x, y), 1 (x+1, y), 2 (x, y+1), 3 (x+1, y+1); INSIDE where these and all beside them are of one surface. */
  readonly taps: Uint8Array;
  /** [H, W] 0..255; 0 where there is no answer. */
  readonly trust: Uint8Array;
}

/** Room for the answers of one frame, and the kernels' view of it. */
export function makeLayer(
  memory: KernelMemory,
  pixels: number,
): { readonly layer: Layer; readonly struct: Struct<"Layer"> } {
  const layer = {
    source: memory.i16(pixels),
    x: memory.u32(pixels),
    y: memory.u32(pixels),
    taps: memory.u8(pixels),
    trust: memory.u8(pixels),
  };
  return { layer, struct: makeStruct(memory, "Layer", layer) };
}
