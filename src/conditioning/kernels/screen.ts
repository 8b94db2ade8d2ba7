import { SCREEN_NUMBERS } from "../record-sizes";
import { Frame, Lens, Shot, Source } from "./layout";
import { scratch } from "./scratch";
import { F32s, F64s } from "./views";

/** out = a b of [4, 4] column-major matrices, rounded to single precision; `out` may be `b`, not `a`. */
export function multiply(out: F32s, a: F32s, b: F32s): void {
  for (let column = 0; column < 16; column += 4) {
    const x = b[column];
    const y = b[column + 1];
    const z = b[column + 2];
    const w = b[column + 3];
    for (let row = 0; row < 4; row++) {
      out[column + row] = x * a[row] + y * a[4 + row] + z * a[8 + row] + w * a[12 + row];
    }
  }
}

/** The inverse of a [4, 4] matrix by cofactors; false where it has none. */
export function invert(out: F32s, a: F32s): bool {
  const b00 = a[0] * a[5] - a[1] * a[4];
  const b01 = a[0] * a[6] - a[2] * a[4];
  const b02 = a[0] * a[7] - a[3] * a[4];
  const b03 = a[1] * a[6] - a[2] * a[5];
  const b04 = a[1] * a[7] - a[3] * a[5];
  const b05 = a[2] * a[7] - a[3] * a[6];
  const b06 = a[8] * a[13] - a[9] * a[12];
  const b07 = a[8] * a[14] - a[10] * a[12];
  const b08 = a[8] * a[15] - a[11] * a[12];
  const b09 = a[9] * a[14] - a[10] * a[13];
  const b10 = a[9] * a[15] - a[11] * a[13];
  const b11 = a[10] * a[15] - a[11] * a[14];
  let det = b00 * b11 - b01 * b10 + b02 * b09 + b03 * b08 - b04 * b07 + b05 * b06;
  if (det == 0 || isNaN(det)) return false;
  det = 1.0 / det;
  out[0] = (a[5] * b11 - a[6] * b10 + a[7] * b09) * det;
  out[1] = (a[2] * b10 - a[1] * b11 - a[3] * b09) * det;
  out[2] = (a[13] * b05 - a[14] * b04 + a[15] * b03) * det;
  out[3] = (a[10] * b04 - a[9] * b05 - a[11] * b03) * det;
  out[4] = (a[6] * b08 - a[4] * b11 - a[7] * b07) * det;
  out[5] = (a[0] * b11 - a[2] * b08 + a[3] * b07) * det;
  out[6] = (a[14] * b02 - a[12] * b05 - a[15] * b01) * det;
  out[7] = (a[8] * b05 - a[10] * b02 + a[11] * b01) * det;
  out[8] = (a[4] * b10 - a[5] * b08 + a[7] * b06) * det;
  out[9] = (a[1] * b08 - a[0] * b10 - a[3] * b06) * det;
  out[10] = (a[12] * b04 - a[13] * b02 + a[15] * b00) * det;
  out[11] = (a[9] * b02 - a[8] * b04 - a[11] * b00) * det;
  out[12] = (a[5] * b07 - a[4] * b09 - a[6] * b06) * det;
  out[13] = (a[0] * b09 - a[1] * b07 + a[2] * b06) * det;
  out[14] = (a[13] * b01 - a[12] * b03 - a[14] * b00) * det;
  out[15] = (a[8] * b03 - a[9] * b01 + a[10] * b00) * det;
  return true;
}

function writeScreenToScreen(
  m: F32s,
  here: Lens,
  fx: f64,
  fy: f64,
  hx: f64,
  hy: f64,
  flat: bool,
  to: Lens,
  out: F64s,
): void {
  for (let i = 0; i < 5; i++) {
    const x = entry(m, 0, i, here, hx, hy);
    const y = entry(m, 1, i, here, hx, hy);
    const forward = -entry(m, 2, i, here, hx, hy);
    // (cx w') with w' = z' under perspective and 1 otherwise.
    const one: f64 = flat ? (i == 4 ? 1 : 0) : forward;
    out[i] = fx * x + to.cx * one;
    out[5 + i] = -fy * y + to.cy * one;
    out[10 + i] = forward;
  }
}

/** Row r of a view-to-view matrix for (u k, v k, k, z, 1) in place of a point of view space. */
function entry(m: F32s, r: i32, i: i32, here: Lens, fx: f64, fy: f64): f64 {
  if (i == 0) return m[r] / fx;
  if (i == 1) return -m[4 + r] / fy;
  if (i == 2) return (-m[r] * here.cx) / fx + (m[4 + r] * here.cy) / fy;
  return i == 3 ? -m[8 + r] : m[12 + r];
}

/**
 * For each owner the [3, 5] matrix from (u k, v k, k, z, 1) of the frame's pixels to (u' w', v' w', z') in source number `index`,
 * where k is z under perspective and 1 otherwise, and z is metres along the view axis; and as the last row that of the background's
 * directions, with k = z and w' = z'. P' = T_owner(source) T_owner(frame)^-1 P.
 */
export function screenToScreen(shot: Shot, frame: Frame, index: i32): void {
  const here = frame.geometry;
  const there = changetype<Source>(frame.sources[index]).geometry;
  const owners = shot.owners;
  const matrices = changetype<F64s>(
    changetype<usize>(frame.matrices) + ((<usize>(index * (owners + 1) * SCREEN_NUMBERS)) << 3),
  );
  const known = changetype<usize>(frame.known) + <usize>(index * owners);
  const m = changetype<F32s>(scratch);
  const inverse = changetype<F32s>(scratch + 64);
  const to = there.lens;
  const from = here.lens;
  for (let owner = 0; owner < owners; owner++) {
    store<u8>(known + <usize>owner, 0);
    if (here.present[owner] == 0 || there.present[owner] == 0) continue;
    if (!invert(inverse, matrixOf(here.transforms, owner))) continue;
    store<u8>(known + <usize>owner, 1);
    multiply(m, inverse, here.world);
    multiply(m, matrixOf(there.transforms, owner), m);
    multiply(m, there.view, m);
    const out = changetype<F64s>(changetype<usize>(matrices) + ((<usize>(owner * SCREEN_NUMBERS)) << 3));
    writeScreenToScreen(m, from, to.fx, to.fy, from.fx, from.fy, to.viewHeight > 0, to, out);
  }
  multiply(m, there.view, here.world);
  for (let i = 12; i < 15; i++) m[i] = 0;
  const out = changetype<F64s>(changetype<usize>(matrices) + ((<usize>(owners * SCREEN_NUMBERS)) << 3));
  writeScreenToScreen(m, from, to.skyX, to.skyY, from.skyX, from.skyY, false, to, out);
}

/** The matrix of one owner among [owners, 16]. */
export function matrixOf(matrices: F32s, owner: i32): F32s {
  return changetype<F32s>(changetype<usize>(matrices) + ((<usize>owner) << 6));
}
