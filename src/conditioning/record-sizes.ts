// How many numbers the records have that TypeScript writes and kernels read. Read by both.

/** Of a light in view space, see lights.ts: kind, towards-the-light or position xyz, luminance, range. */
export const LIGHT_NUMBERS = 6;
/** Of a capsule, see capsules.ts: start xyz, way to its end xyz, 1 / squared length, radius. */
export const CAPSULE_NUMBERS = 8;
/** Of each axis of a box, see owner-solids.ts: row of the matrix to local, middle, half side with margin, scale. */
export const BOX_NUMBERS = 7;
/** Of a matrix from screen to screen, [3, 5], see kernels/screen.ts. */
export const SCREEN_NUMBERS = 15;
/** Of a pixel's second differences, see kernels/sample.ts: red, green, blue and 0 across, and then down. */
export const CURVE_NUMBERS = 8;
/** Steps of the table of light ratios for a ratio of 1. */
export const RATIO_STEPS = 4096;
