import { type FrameGeometry, type GeometryRoom, makeGeometryRoom } from "./geometry.js";
import type { KernelMemory } from "./kernels.js";
import { CURVE_NUMBERS } from "./record-sizes.js";
import { makeStruct, type Struct } from "./structs.js";

/** A remembered frame: colours freed of their light, less what the look's transfer paints, and the geometry to find them again. Written by `kernels/remember.ts`. */
export interface SourceFrame {
  readonly geometry: FrameGeometry;
  /** [H, W, 4] linear colour divided by the light that fell on it, less the transfer, and the luminance of that light (1 without a shade plane). */
  readonly paint: Float32Array;
  /** The memory that it takes. */
  readonly room: SourceRoom;
}

/** Memory of a source, to be used again when it is forgotten. */
export interface SourceRoom {
  readonly geometry: GeometryRoom;
  readonly paint: Float32Array;
  readonly struct: Struct<"Source">;
  readonly bytes: number;
  /** [H, W, 4] what the look's transfer paints of a first frame in which patterns are found; made when one first has a transfer. */
  transfer?: Float32Array;
}

/** Makes room for a source; for a first frame with the second differences of its colours. */
export function makeSourceRoom(memory: KernelMemory, pixels: number, owners: number, first: boolean): SourceRoom {
  const before = memory.bytes;
  const geometry = makeGeometryRoom(memory, pixels, owners);
  const paint = memory.f32(pixels * 4);
  const struct = makeStruct(memory, "Source", {
    geometry: geometry.struct,
    paint,
    transfer: undefined,
    // Metres by which a depth may differ and still be this surface.
    tolerance: memory.f32(pixels),
    // 1 where an outline runs through the pixel, so that its colour mixes two surfaces.
    mixed: memory.u8(pixels),
    // How unlike the truth a guess may be (Correspondence.doubt), 0 in what is no guess.
    doubt: memory.u8(pixels),
    // Of each pixel, its right and lower neighbours and the one between them, which a bilinear sample takes together: their owner, where
    // they have one and no outline runs through any, and the range of depths that agree with all four.
    quadOwner: memory.u16(pixels),
    quadNear: memory.f32(pixels),
    quadFar: memory.f32(pixels),
    // Second differences, by which a first frame's colours are sharpened: kernels/sample.ts.
    curves: first ? memory.f32(pixels * CURVE_NUMBERS) : undefined,
  });
  return { geometry, paint, struct, bytes: memory.bytes - before };
}
