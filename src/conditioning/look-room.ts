import type { FrameSize } from "../scene/picture.js";
import type { KernelMemory } from "./kernels.js";
import { MOST_REACH, MOST_SHIFTS } from "./patch.js";
import type { SourceRoom } from "./source-frame.js";
import { makeStruct, type Struct } from "./structs.js";

/** Numbers of a pattern and of each of its shifts: kernels/pattern.ts. */
const PATTERN_NUMBERS = 12;
const SHIFT_NUMBERS = 4;

/** Memory of a pattern, see `Pattern` in patterns.ts. */
export interface PatternRoom {
  readonly numbers: Float64Array;
  readonly shifts: Float64Array;
  readonly unlike: Float32Array;
  readonly bits: Uint8Array;
  readonly struct: Struct<"Pattern">;
}

/** Memory of what holes of a shot are guessed from. Looks that replace one another share it. */
export interface LookRoom {
  /** Addresses of patterns. */
  readonly patterns: Int32Array;
  /** [H, W] for a surface's pixels the order in which they are asked where several are equally near. */
  readonly rank: Uint32Array;
  readonly rooms: PatternRoom[];
  readonly struct: Struct<"Look">;
}

/** Makes room for the patterns of a first frame. */
export function makeLookRoom(
  memory: KernelMemory,
  { width, height }: FrameSize,
  source: SourceRoom,
  mostPatterns: number,
): LookRoom {
  const patterns = memory.i32(mostPatterns);
  const rank = memory.u32(width * height);
  const struct = makeStruct(memory, "Look", { source: source.struct, patterns, patternCount: 0, rank });
  return { patterns, rank, rooms: [], struct };
}

/** Room number `index` of a look's patterns, made when it is first needed. */
export function patternRoom(
  memory: KernelMemory,
  { width, height }: FrameSize,
  look: LookRoom,
  index: number,
): PatternRoom {
  while (look.rooms.length <= index) {
    const room = {
      numbers: memory.f64(PATTERN_NUMBERS),
      shifts: memory.f64(MOST_SHIFTS * SHIFT_NUMBERS),
      unlike: memory.f32((2 * MOST_REACH + 1) * (MOST_REACH + 1)),
      bits: memory.u8(bitsStride(width) * height),
    };
    const struct = makeStruct(memory, "Pattern", { ...room, facing: 0, shiftCount: 0, reachU: 0, reachV: 0 });
    look.rooms.push({ ...room, struct });
  }
  return look.rooms[index];
}

/** Bytes of a row of bits: whole 64-bit words. */
export function bitsStride(width: number): number {
  return Math.ceil(width / 64) * 8;
}
