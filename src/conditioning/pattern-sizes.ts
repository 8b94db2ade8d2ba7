// Sizes of what is searched for patterns and kept of them. Read by the kernels and by TypeScript alike.

/** Pixels that a flat surface must fill for its pattern to be looked for. */
export const LEAST_PIXELS = 250;
/** Texels a side of the patch of surface that is searched, at the resolution of most of its pixels. */
export const GRID = 112;
/** Texels of half that resolution to either side that a variogram measures at most: 0.7 of the patch. */
export const MOST_REACH = 39;
/** Shifts that are remembered of a surface, each with its opposite. */
export const MOST_REPEATS = 16;
/** Numbers of a shift: owner-local [x, y, z] in metres, and how unlike the texture is to itself there. */
export const SHIFT = 4;
/** Numbers of a pattern, see `Pattern` in kernels/layout.ts. */
export const PATTERN = 15;
/** Numbers of a facing in a search's `groups` and `axes`, and of a plane in its `planes`, see `Search` in kernels/layout.ts. */
export const GROUP = 3;
export const AXES = 9;
export const PLANE = 3;
/** Bytes of scratch memory that each thread's kernels need: for a patch, which is more than anything else needs, see kernels/patch.ts. */
export const SCRATCH_BYTES = 217088;
