import { Pattern, Shot } from "./layout";

// Numbers of a pattern.
export const NORMAL: i32 = 0;
export const DISTANCE: i32 = 3;
export const U: i32 = 4;
export const V: i32 = 7;
export const TEXEL: i32 = 10;
export const DIFFERENCE: i32 = 11;
export const MEAN: i32 = 12;

/** The product of three of a pattern's numbers with a vector. */
export function dot(pattern: Pattern, numbers: i32, x: f64, y: f64, z: f64): f64 {
  return pattern.numbers[numbers] * x + pattern.numbers[numbers + 1] * y + pattern.numbers[numbers + 2] * z;
}

/** The address of the bits of a row of the first frame. */
export function bitsOfRow(shot: Shot, pattern: Pattern, row: i32): usize {
  return pattern.bits + ((<usize>(row * ((shot.width + 63) >> 6))) << 3);
}

/** Whether pixel p of the first frame shows a pattern's surface. */
export function shows(shot: Shot, pattern: Pattern, p: i32): bool {
  const row = p / shot.width;
  const column = p - row * shot.width;
  return ((load<u8>(bitsOfRow(shot, pattern, row) + <usize>(column >> 3)) >> <u8>(column & 7)) & 1) != 0;
}

/** How unlike two places are that lie so many metres apart along the tangents, bilinear; 1, as of random places, beyond what was measured. */
export function unlikeAlong(pattern: Pattern, u: f64, v: f64): f64 {
  const texel = pattern.numbers[TEXEL];
  const x = u / texel;
  const y = v / texel;
  const column = Math.floor(x);
  const row = Math.floor(y);
  let sum: f64 = 0;
  for (let tap = 0; tap < 4; tap++) {
    const i = column + <f64>(tap & 1);
    const j = row + <f64>(tap >> 1);
    const near = Math.abs(i) <= <f64>pattern.reachU && Math.abs(j) <= <f64>pattern.reachV;
    const value = near ? unlikeAt(pattern, <i32>i, <i32>j) : Infinity;
    sum += (1 - Math.abs(x - i)) * (1 - Math.abs(y - j)) * (value == Infinity ? 1 : value);
  }
  return sum;
}

/** How unlike two places are that lie a whole number of texels apart; infinite beyond what was measured. */
export function unlikeAt(pattern: Pattern, du: i32, dv: i32): f64 {
  const reach = pattern.reachU;
  if (abs(du) > reach || abs(dv) > pattern.reachV) return Infinity;
  return pattern.unlike[abs(dv) * (2 * reach + 1) + (dv < 0 ? -du : du) + reach];
}
