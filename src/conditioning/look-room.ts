import type { FrameSize } from "../scene/picture.js";
import type { KernelMemory } from "./kernels.js";
import type { SourceRoom } from "./source-frame.js";
import { makeStruct, type Struct } from "./structs.js";

/** Pixels that a flat surface must fill for its pattern to be looked for: kernels/search.ts. */
export const LEAST_PIXELS = 250;
/** Numbers of a pattern and of each of its shifts: kernels/pattern.ts. */
const PATTERN_NUMBERS = 12;
const SHIFT_NUMBERS = 4;
/** Shifts that are remembered of a surface, and texels to either side that its variogram reaches at most: kernels/repeats.ts, kernels/search.ts. */
const MOST_SHIFTS = 32;
const MOST_REACH = 39;
/** Numbers of a facing and of a plane: kernels/search.ts. */
export const GROUP_NUMBERS = 3;
const AXES_NUMBERS = 9;
export const PLANE_NUMBERS = 3;
/** Bytes a pixel that a search takes, which are free again when it has ended. */
export const SEARCH_BYTES = 52;

/** Memory of one flat surface with a texture that repeats: `Pattern` in kernels/layout.ts. */
export interface PatternRoom {
  /** Owner-local unit normal [3], the plane's distance from the owner's origin along it in metres, and what the kernels need beside. */
  readonly numbers: Float64Array;
  /** [shifts, 4] that bring the texture onto itself, the best first: owner-local metres, and how unlike it is then to itself, 1 being random places. */
  readonly shifts: Float64Array;
  readonly struct: Struct<"Pattern">;
}

/** Memory of what holes of a shot are guessed from. Looks that replace one another share it. */
export interface LookRoom {
  readonly source: SourceRoom;
  /** [patterns] their addresses, by where their surfaces face. */
  readonly patterns: Int32Array;
  readonly search: SearchRoom;
  /** Rooms of surfaces, as many as a first frame has had at most. */
  readonly surfaces: PatternRoom[];
  readonly struct: Struct<"Look">;
}

/** What a search has found so far: `Search` in kernels/layout.ts. */
export interface SearchRoom {
  readonly groupCount: Int32Array;
  readonly groups: Int32Array;
  readonly planes: Int32Array;
  readonly struct: Struct<"Search">;
}

/** Makes room for the patterns of first frames that lie in a source's room. */
export function makeLookRoom(memory: KernelMemory, { width, height }: FrameSize, source: SourceRoom): LookRoom {
  const most = Math.floor((width * height) / LEAST_PIXELS);
  const patterns = memory.i32(most);
  const struct = makeStruct(memory, "Look", {
    source: source.struct,
    patterns,
    patternCount: 0,
    rank: memory.u32(width * height),
  });
  const found = {
    groupCount: memory.i32(1),
    groups: memory.i32(most * GROUP_NUMBERS),
    planes: memory.i32(most * PLANE_NUMBERS),
  };
  const search = makeStruct(memory, "Search", {
    ...found,
    source: source.struct,
    axes: memory.f64(most * AXES_NUMBERS),
    ...searchPlanes(0, 0),
  });
  return { source, patterns, search: { ...found, struct: search }, surfaces: [], struct };
}

/** Addresses of a search's planes in memory of `SEARCH_BYTES` a pixel. Normals are not needed any more when the others are written. */
export function searchPlanes(at: number, pixels: number) {
  return {
    normals: at,
    across: at,
    up: at + 8 * pixels,
    picks: at + 16 * pixels,
    keys: at + 24 * pixels,
    spareKeys: at + 32 * pixels,
    order: at + 40 * pixels,
    spareOrder: at + 44 * pixels,
    facing: at + 48 * pixels,
  };
}

/** Room number `index` of a look's surfaces, made when it is first needed. */
export function surfaceRoom(
  memory: KernelMemory,
  { width, height }: FrameSize,
  look: LookRoom,
  index: number,
): PatternRoom {
  while (look.surfaces.length <= index) {
    const room = { numbers: memory.f64(PATTERN_NUMBERS), shifts: memory.f64(MOST_SHIFTS * SHIFT_NUMBERS) };
    const struct = makeStruct(memory, "Pattern", {
      ...room,
      facing: 0,
      shiftCount: 0,
      unlike: memory.f32((2 * MOST_REACH + 1) * (MOST_REACH + 1)),
      reachU: 0,
      reachV: 0,
      // A bit a pixel, rows in whole 64-bit words.
      bits: memory.u8(Math.ceil(width / 64) * 8 * height),
    });
    look.surfaces.push({ ...room, struct });
  }
  return look.surfaces[index];
}
