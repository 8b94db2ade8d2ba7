import { CONTROL_CHANNELS } from "./controls.js";
import { type GeometryRoom, makeGeometryRoom } from "./geometry.js";
import type { KernelMemory } from "./kernels.js";
import { type Layer, makeLayer } from "./layer.js";
import { CAPSULE_NUMBERS, SCREEN_NUMBERS } from "./record-sizes.js";
import { makeStruct, type Struct } from "./structs.js";

/** Width and height of a tile, whole rows of which a thread takes at a time: kernels/layout.ts. */
export const TILE = 16;
/** Keyframes that a shot remembers at most. At 256x144 one takes about 1.5 MB. */
export const MOST_KEYFRAMES = 6;
/** Images of a look that a shot remembers at most. */
export const MOST_LOOKS = 4;
/** Sources that a frame is looked for in at most, and numbers that each band of rows counts: kernels/layout.ts. */
export const MOST_SOURCES = MOST_LOOKS + MOST_KEYFRAMES + 1;
export const BAND_COUNTS = 1 + 2 * MOST_SOURCES;

/** From where each hole of a frame takes its colour. */
export interface HoleFill {
  /** [H, W] index of the covered pixel that answers for this one; itself where covered. */
  readonly from: Uint32Array;
  /** [H, W] steps to it, 0 where covered; 64 is added for each weakening of "same surface". */
  readonly distance: Uint8Array;
}

/** How large the frames of a shot are, and what is in them. */
export interface FrameExtent {
  readonly width: number;
  readonly height: number;
  readonly owners: number;
  readonly characters: number;
  /** Bones of all characters. */
  readonly bones: number;
}

/** What a chunk model reads of a frame. */
export interface Tensors {
  /** [CONTROL_CHANNELS, H, W], channels as in CONTROLS. */
  readonly control: Float32Array;
  /** [H, W] how far the filled warp can be believed, 0..1. */
  readonly trust: Float32Array;
}

/** Makes room for the tensors of a frame. */
export function makeTensors(memory: KernelMemory, pixels: number): Tensors {
  return { control: memory.f32(CONTROL_CHANNELS * pixels), trust: memory.f32(pixels) };
}

/** Memory of a frame that is being conditioned, all but its tensors, and the kernels' view of it. */
export interface FrameRoom {
  readonly geometry: GeometryRoom;
  readonly sources: Int32Array;
  readonly counts: Int32Array;
  readonly anchor: Layer;
  readonly memory: Layer;
  readonly covered: Uint8Array;
  /** [H, W] 1 where a source answers well, and where the first frame does. */
  readonly certain: Uint8Array;
  readonly seen: Uint8Array;
  readonly doubt: Uint8Array;
  readonly fill: HoleFill;
  readonly outlines: Uint8Array;
  /** [H, W] owners with the background as one more. */
  readonly surface: Uint16Array;
  /** Whether the frame that was loaded has a shade plane. */
  lit: boolean;
  readonly capsules: Float32Array;
  readonly capsuleBones: Int32Array;
  readonly firstCapsule: Int32Array;
  readonly struct: Struct<"Frame">;
  /** Rooms for what not every frame has, made when one first has it. */
  ids?: Uint16Array;
  shade?: Float32Array;
  normal?: Float32Array;
  albedo?: Uint8Array;
  colour?: Uint8Array;
  surfaceIds?: Uint16Array;
  engine?: Float32Array;
  transfer?: Float32Array;
  lights?: Float64Array;
  /** Addresses of the structs in `solidRooms`. */
  solids?: Int32Array;
  solidRooms?: readonly { readonly struct: Struct<"Solid">; readonly numbers: Float64Array }[];
}

/** Makes room for a frame. */
export function makeFrameRoom(memory: KernelMemory, extent: FrameExtent): FrameRoom {
  const { width, height, owners, characters, bones } = extent;
  const pixels = width * height;
  const rows = Math.ceil(height / TILE);
  const tiles = rows * Math.ceil(width / TILE);
  const anchor = makeLayer(memory, pixels);
  const later = makeLayer(memory, pixels);
  const fill = { from: memory.u32(pixels), distance: memory.u8(pixels) };
  const room = {
    geometry: makeGeometryRoom(memory, pixels, owners),
    sources: memory.i32(MOST_SOURCES),
    counts: memory.i32(rows * BAND_COUNTS),
    covered: memory.u8(pixels),
    certain: memory.u8(pixels),
    seen: memory.u8(pixels),
    doubt: memory.u8(pixels),
    outlines: memory.u8(pixels),
    surface: memory.u16(pixels),
    capsules: memory.f32(bones * 2 * CAPSULE_NUMBERS),
    capsuleBones: memory.i32(bones * 2),
    firstCapsule: memory.i32(characters + 1),
  };
  const struct = makeStruct(memory, "Frame", {
    ...room,
    ...fill,
    geometry: room.geometry.struct,
    anchor: anchor.struct,
    memory: later.struct,
    ids: undefined,
    shade: undefined,
    normal: undefined,
    albedo: undefined,
    colour: undefined,
    surfaceIds: undefined,
    engine: undefined,
    transfer: undefined,
    learnt: undefined,
    fade: undefined,
    guesses: 0,
    lights: undefined,
    solids: undefined,
    solidCount: 0,
    control: undefined,
    trust: undefined,
    lightCount: 0,
    sourceCount: 0,
    lookCount: 0,
    hasNewest: 0,
    look: undefined,
    matrices: memory.f64(MOST_SOURCES * (owners + 1) * SCREEN_NUMBERS),
    known: memory.u8(MOST_SOURCES * owners),
    tileOwner: memory.i32(tiles),
    tileNear: memory.f32(tiles),
    tileFar: memory.f32(tiles),
    outside: memory.u8(tiles),
    list: memory.u32(pixels),
    queue: memory.u32(pixels),
    patternOf: memory.u32(pixels),
    done: memory.u8(pixels),
    settled: memory.u8(pixels),
    lastSeen: memory.i32(owners + 1),
  });
  return { ...room, lit: false, anchor: anchor.layer, memory: later.layer, fill, struct };
}
