/**
 * Steps of the table of sRGB encodings: fine enough that the steepest part of the curve moves by a fifth of an 8-bit code. The conditioning's kernels
 * read this file too.
 */
export const ENCODED_STEPS = 16384;
