import { F32s, F64s, I16s, I32s, U8s, U16s } from "./views";

/** Width and height of a tile in pixels; bands of rows are whole rows of tiles. */
export const TILE: i32 = 16;

/** What all frames of a shot share. */
@unmanaged
export class Shot {
  width: i32;
  height: i32;
  /** Rows of the owner table. */
  owners: i32;
  /** [owners] of the parent bone, -1 where there is none. */
  parent: I32s;
  /** [owners] the first owner of the same character, or the owner itself. */
  group: I32s;
  /** [65536] owner of each id of an owner-id plane; -1 - c where the nearest bone of character c is to be found. */
  ownerOfId: I32s;
  /** [characters] owner of bone 0. */
  firstBone: I32s;
  /** [256] linear value of each sRGB code. */
  linear: F32s;
  /** [2^14 + 1] sRGB encoding of a linear value. */
  encoded: F32s;
  /** [256] i / 255. */
  shares: F64s;
  /** Light ratios in powers of two. */
  stops: F32s;
}

/** A camera's intrinsics in pixels, see `Intrinsics` and `FrameGeometry.skyFocal`. */
@unmanaged
export class Lens {
  fx: f64;
  fy: f64;
  cx: f64;
  cy: f64;
  /** Metres; 0 under perspective. */
  viewHeight: f64;
  skyX: f64;
  skyY: f64;
}

/** Where each pixel is to be found in remembered frames, planes of [H, W]; see layer.ts. */
@unmanaged
export class Layer {
  source: I16s;
  x: I32s;
  y: I32s;
  taps: U8s;
  trust: U8s;
}

/** Geometry of a frame: its camera, what is where, and what it moves with. */
@unmanaged
export class Geometry {
  lens: Lens;
  /** Camera to world, world to camera: [16] column-major. */
  world: F32s;
  view: F32s;
  /** [owners, 16] owner-local to world. */
  transforms: F32s;
  /** [owners] */
  present: U8s;
  /** [owners, 16] view to owner-local and back, see `localsOfOwners`. */
  toLocal: F32s;
  toView: F32s;
  /** [H, W] */
  depth: F32s;
  owner: U16s;
}

/** A remembered frame, see `SourceFrame` in source-frame.ts. */
@unmanaged
export class Source {
  geometry: Geometry;
  paint: F32s;
  /** [H, W, 4] what the look's transfer paints there, of a first frame with a transfer whose patterns are known; else 0. */
  transfer: F32s;
  tolerance: F32s;
  mixed: U8s;
  doubt: U8s;
  quadOwner: U16s;
  quadNear: F32s;
  quadFar: F32s;
  /** [H, W, CURVE_NUMBERS], of a first frame alone; else 0. */
  curves: F32s;
}

/** Most sources that a frame is looked for in: the look's images, keyframes and the newest. */
export const MOST_SOURCES: i32 = 11;
/** 32-bit counts that a band leaves: of its covered pixels, then for each source how many pixels were asked and answered. */
export const COUNTS: i32 = 1 + 2 * MOST_SOURCES;

/** A flat surface of a first frame with a texture that repeats, see `findPatterns` in patterns.ts. */
@unmanaged
export class Pattern {
  /** What `facingAt` says of its pixels. */
  facing: i32;
  /** Unit normal [3], distance in metres, tangents u [3] and v [3], metres a texel of the variogram, difference of random places, mean paint [3]. */
  numbers: F64s;
  /** [shifts, 4]: [x, y, z] in metres and how unlike. */
  shifts: F64s;
  shiftCount: i32;
  /**
   * The variogram [reachV + 1, 2 reachU + 1]: how unlike two places are by the way from one to the other, for ways of -reachU..reachU and 0..reachV
   * texels: the mean squared difference of a patch and its shifted self in units of that of random places; infinite where they overlap too little.
   */
  unlike: F32s;
  reachU: i32;
  reachV: i32;
  /** [H, ceil(W / 64)] 64-bit words, a bit for each pixel: 1 where it shows the surface. */
  bits: usize;
}

/** What a first frame shows, to fill holes from its patterns. */
@unmanaged
export class Look {
  source: Source;
  /** [patternCount] addresses of patterns, by rising `facing`. */
  patterns: I32s;
  patternCount: i32;
  /** [H, W] for a surface's pixels the order in which they are asked where several are equally near. */
  rank: I32s;
}

/** What was learnt of a look's colours, see transfer.ts: tables whose sum is the square root of a colour without light. */
@unmanaged
export class Transfer {
  /** USES_... bits of the tables that are used. */
  tables: i32;
  /** [4] */
  base: F32s;
  /** [COLOUR_NODES, COLOUR_NODES, COLOUR_NODES, 4] by the engine's colour and by the mean of its surroundings, red fastest. */
  engine: F32s;
  around: F32s;
  /** [SPACE_NODES, SPACE_NODES, SPACE_NODES, 4] by world-space normal and by place. */
  facing: F32s;
  place: F32s;
  /** [RINGS, 4] */
  rings: F32s;
  /** [surfaces, 4] */
  surfaces: F32s;
  /** Middle [3] of what the first frame shows, and what metres away from it are multiplied by [3]. */
  space: F64s;
}

/** Memory in which the patterns of a first frame are looked for, see search.ts. */
@unmanaged
export class Search {
  source: Source;
  /** [H, W] what `facingAt` says, and the normals [H, W, 3]. */
  facing: I32s;
  normals: F64s;
  /** [H, W] metres along the tangents by place in `order`, and values to select from, where normals lay before. */
  across: F64s;
  up: F64s;
  picks: F64s;
  /** [H, W] pixels by facing, then by distance along the normal, with the keys by which they are sorted, and room to sort. */
  order: I32s;
  spareOrder: I32s;
  keys: usize;
  spareKeys: usize;
  /** How many facings have enough pixels, and [facings, 3] where they begin and end in `order` and how many planes they have. */
  groupCount: I32s;
  groups: I32s;
  /** [facings, 9] normal and tangents. */
  axes: F64s;
  /**
   * [planes, 3] where they begin and end in `order` and how many shifts their patterns have: those of a facing from 1 / LEAST_PIXELS of where it
   * begins on.
   */
  planes: I32s;
}

/** What pixels may belong to where no plane tells, see owner-solids.ts: an object's box, or a character's capsules. */
@unmanaged
export class Solid {
  /** Owner of the object, or of the character's bone 0. */
  owner: i32;
  /** -1 for an object. */
  character: i32;
  /** Pixels in which it may be seen. */
  left: i32;
  right: i32;
  top: i32;
  bottom: i32;
  /** Of an object [3, BOX_NUMBERS]; of a character metres by which it may stand out of its capsules. */
  numbers: F64s;
}

/** A frame that is being conditioned: what the engine sent and what comes of it. */
@unmanaged
export class Frame {
  geometry: Geometry;
  /** The engine's planes; 0 where none came. */
  ids: U16s;
  shade: F32s;
  normal: F32s;
  albedo: U8s;
  colour: U8s;
  surfaceIds: U16s;
  /** [H, W, 4] the engine's own colour, see `engineRows`, and what a look's transfer paints there, see `transferRows`; 0 where there is none. */
  engine: F32s;
  transfer: F32s;
  /** What was learnt of the look; 0 where nothing was. */
  learnt: Transfer;
  /** [256] the doubt in a guess by how far away it was taken, as in `distance`. */
  fade: U8s;
  /** A place in GUESSES of ../conditioner.ts. */
  guesses: i32;
  /** How many sources, and which, in the order of asking; the images of the look come first, the first frame foremost. */
  sourceCount: i32;
  /** How many sources are images of the look, and 1 where the last is the newest frame. */
  lookCount: i32;
  hasNewest: i32;
  /** Patterns of the first frame; 0 where holes are not guessed from any. */
  look: Look;
  sources: I32s;
  /** [sources, owners + 1, 15] and [sources, owners], see `screenToScreen`. */
  matrices: F64s;
  known: U8s;
  /** [tiles] */
  tileOwner: I32s;
  tileNear: F32s;
  tileFar: F32s;
  outside: U8s;
  /** [bands, COUNTS] */
  counts: I32s;
  anchor: Layer;
  memory: Layer;
  /** [H, W], see `Correspondence` in world-cache.ts. */
  covered: U8s;
  certain: U8s;
  seen: U8s;
  doubt: U8s;
  from: I32s;
  /** [H, W] address of the pattern by which a pixel was guessed, 0 for none. */
  patternOf: I32s;
  distance: U8s;
  /** [H, W] owners with the background as one more. */
  surface: U16s;
  /** [H, W] pixels that wait for something. */
  list: I32s;
  queue: I32s;
  done: U8s;
  settled: U8s;
  /** [owners + 1] */
  lastSeen: I32s;
  outlines: U8s;
  trust: F32s;
  /** [channels, H, W], see controls.ts. */
  control: F32s;
  /** [lights, 6] in view space, see lights.ts. */
  lights: F64s;
  lightCount: i32;
  /** [capsules, 8] and [capsules], see capsules.ts; [characters + 1] the first one of each character. */
  capsules: F32s;
  capsuleBones: I32s;
  firstCapsule: I32s;
  /** [solids] where no owner-id plane came. */
  solids: I32s;
  solidCount: i32;
}
