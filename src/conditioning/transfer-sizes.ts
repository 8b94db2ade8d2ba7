// How the tables of a transfer lie in memory. Read by TypeScript and by kernels.

/** Nodes a side of a table over colours, and over normals or places. */
export const COLOUR_NODES = 17;
export const SPACE_NODES = 9;
/** Kinds of pixels by how they lie to outlines: off them, on the nearer and on the further side, and beside. */
export const RINGS = 4;
/**
 * Numbers of a pixel's features: the engine's colour [3] and 1 where it is known; the mean of its surroundings [3] and the kind of RINGS; the
 * world-space normal [3] and the surface; the place in the world [3] and 1 where it is one of the static world. Colours, normals and places
 * are 0..1.
 */
export const FEATURES = 16;
/** Where each of these begins. */
export const ENGINE = 0;
export const KNOWN = 3;
export const AROUND = 4;
export const RING = 7;
export const FACING = 8;
export const SURFACE = 11;
export const PLACE = 12;
export const STATIC = 15;
/** Half side, in pixels, of the square whose mean is a pixel's surroundings. */
export const SURROUNDINGS = 2;

// Bits that say which tables a transfer uses.
export const USES_ENGINE = 1;
export const USES_AROUND = 2;
export const USES_FACING = 4;
export const USES_PLACE = 8;
export const USES_RINGS = 16;
export const USES_SURFACES = 32;
