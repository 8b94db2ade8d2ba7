import type { KernelMemory } from "./kernels.js";
import { makeStruct, type Struct } from "./structs.js";
import { COLOUR_NODES, FEATURES, RINGS, SPACE_NODES } from "./transfer-sizes.js";

/** Pixels of a first frame that a transfer is learnt from, at most: more predict no better and take longer. */
export const MOST_SAMPLES = 10_000;
/** Surface ids are at most this. */
const MOST_SURFACES = 1 << 16;

/** Memory of what is learnt of a look's colours: `Transfer` in kernels/layout.ts. */
export interface TransferRoom {
  readonly struct: Struct<"Transfer">;
  /** [4] */
  readonly base: Float32Array;
  /** [COLOUR_NODES, COLOUR_NODES, COLOUR_NODES, 4] */
  readonly engine: Float32Array;
  readonly around: Float32Array;
  /** [SPACE_NODES, SPACE_NODES, SPACE_NODES, 4] */
  readonly facing: Float32Array;
  readonly place: Float32Array;
  /** [RINGS, 4] */
  readonly rings: Float32Array;
  /** [owners + 1, 4], or as many surfaces as there are ids once ids come. */
  surfaces: Float32Array;
  readonly space: Float64Array;
  /** [256] see `Frame.fade` in kernels/layout.ts. */
  readonly fade: Uint8Array;
  /** [H, W] shares of what the transfer does not paint that are believed. */
  readonly belief: Float32Array;
  /** [MOST_SAMPLES, FEATURES] */
  readonly features: Float32Array;
}

/** Makes room for a transfer in a shot of so many pixels and owners. */
export function makeTransferRoom(memory: KernelMemory, pixels: number, owners: number): TransferRoom {
  const room = {
    base: memory.f32(4),
    engine: memory.f32(COLOUR_NODES ** 3 * 4),
    around: memory.f32(COLOUR_NODES ** 3 * 4),
    facing: memory.f32(SPACE_NODES ** 3 * 4),
    place: memory.f32(SPACE_NODES ** 3 * 4),
    rings: memory.f32(RINGS * 4),
    surfaces: memory.f32((owners + 1) * 4),
    space: memory.f64(6),
  };
  const struct = makeStruct(memory, "Transfer", { ...room, tables: 0 });
  return {
    ...room,
    struct,
    fade: memory.u8(256),
    belief: memory.f32(pixels),
    features: memory.f32(Math.min(pixels, MOST_SAMPLES) * FEATURES),
  };
}

/** Makes room for a table by surface ids where there is none yet. */
export function roomForSurfaceIds(memory: KernelMemory, room: TransferRoom): void {
  if (room.surfaces.length >= MOST_SURFACES * 4) return;
  room.surfaces = memory.f32(MOST_SURFACES * 4);
  room.struct.set({ surfaces: room.surfaces });
}
