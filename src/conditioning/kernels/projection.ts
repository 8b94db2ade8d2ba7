import { Geometry, Lens, Shot } from "./layout";
import { F32s } from "./views";

// The pinhole (or parallel) camera, once: pixel (0, 0) covers [0, 1) x [0, 1), y down; view space looks down -Z. A point at depth z lies at
// (slope k, -z) with k = z under perspective and 1 otherwise. (`screen.ts` has the same as a matrix from screen to screen.)

/** What a slope is multiplied by at a depth. */
export function spreadAt(lens: Lens, depth: f64): f64 {
  return lens.viewHeight > 0 ? 1 : depth;
}

/** Slope to the right of a column's middle. */
export function slopeAcross(lens: Lens, column: i32): f64 {
  return (<f64>column + 0.5 - lens.cx) / lens.fx;
}

/** Slope upwards of a row's middle. */
export function slopeUp(lens: Lens, row: i32): f64 {
  return (lens.cy - (<f64>row + 0.5)) / lens.fy;
}

/** What shares of lengths are of at a depth: the depth, or an orthographic view's height. */
export function reachAt(lens: Lens, depth: f64): f64 {
  return lens.viewHeight > 0 ? lens.viewHeight : depth;
}

/** The point that `place` found. */
export let placeX: f64 = 0;
export let placeY: f64 = 0;
export let placeZ: f64 = 0;

/** Finds the point at (x, y, -z) of the view by a matrix that takes the view to where it is wanted. */
export function place(m: F32s, x: f64, y: f64, z: f64): void {
  placeX = m[0] * x + m[4] * y - m[8] * z + m[12];
  placeY = m[1] * x + m[5] * y - m[9] * z + m[13];
  placeZ = m[2] * x + m[6] * y - m[10] * z + m[14];
}

/** Finds the point of the surface under a pixel by such a matrix. */
export function unproject(shot: Shot, geometry: Geometry, m: F32s, p: i32): void {
  const lens = geometry.lens;
  const depth = geometry.depth[p];
  const spread = spreadAt(lens, depth);
  const row = p / shot.width;
  place(m, slopeAcross(lens, p - row * shot.width) * spread, slopeUp(lens, row) * spread, depth);
}

/** Column, row and depth in metres of what `project` was asked for. */
export let seenColumn: f64 = 0;
export let seenRow: f64 = 0;
export let seenDepth: f64 = 0;

/** Finds column and row, which may lie out of view, and depth in which a point is seen, by a matrix that takes it to the view. */
export function project(lens: Lens, m: F32s, a: f64, b: f64, c: f64): void {
  const z = -(m[2] * a + m[6] * b + m[10] * c + m[14]);
  const spread = spreadAt(lens, z);
  seenColumn = Math.floor(((m[0] * a + m[4] * b + m[8] * c + m[12]) / spread) * lens.fx + lens.cx);
  seenRow = Math.floor(lens.cy - ((m[1] * a + m[5] * b + m[9] * c + m[13]) / spread) * lens.fy);
  seenDepth = z;
}
