import { BACKGROUND_DEPTH } from "./constants";
import { Geometry, Shot } from "./layout";
import { scratch } from "./scratch";
import { invert, matrixOf, multiply } from "./screen";
import { F32s } from "./views";

/** Steps of a unit normal's components that are told apart. */
const NORMAL_STEPS: i32 = 8;
/** Neighbours further apart than this share of their depth (of an orthographic view's height) lie on two surfaces. */
const SURFACE_JUMP: f64 = 0.2;

/** The owner-local point that `pointAt` found, metres. */
export let pointX: f64 = 0;
export let pointY: f64 = 0;
export let pointZ: f64 = 0;
/** The owner-local unit normal that `facingAt` found. */
export let normalX: f64 = 0;
export let normalY: f64 = 0;
export let normalZ: f64 = 0;
/** Column, row and depth in metres of what `project` was asked for. */
export let seenColumn: f64 = 0;
export let seenRow: f64 = 0;
export let seenDepth: f64 = 0;

/** Writes the matrices from a frame's view to the frames of its owners and back; for owners whose place is not known those of the world. */
export function localsOfOwners(shot: Shot, geometry: Geometry): void {
  const inverse = changetype<F32s>(scratch);
  for (let owner = 0; owner < shot.owners; owner++) {
    const toLocal = matrixOf(geometry.toLocal, owner);
    const toView = matrixOf(geometry.toView, owner);
    if (geometry.present[owner] == 0 || !invert(inverse, matrixOf(geometry.transforms, owner))) identity(inverse);
    multiply(toLocal, inverse, geometry.world);
    if (!invert(toView, toLocal)) identity(toView);
  }
}

function identity(out: F32s): void {
  for (let i = 0; i < 16; i++) out[i] = i % 5 == 0 ? 1 : 0;
}

/** What shares of lengths are of at a depth: the depth, or an orthographic view's height. */
export function reachAt(geometry: Geometry, depth: f64): f64 {
  const viewHeight = geometry.lens.viewHeight;
  return viewHeight > 0 ? viewHeight : depth;
}

/** Finds the owner-local point of pixel p. */
export function pointAt(shot: Shot, geometry: Geometry, p: i32): void {
  const lens = geometry.lens;
  const m = matrixOf(geometry.toLocal, geometry.owner[p]);
  const z = geometry.depth[p];
  const k: f64 = lens.viewHeight > 0 ? 1 : z;
  const row = p / shot.width;
  const x = ((<f64>(p - row * shot.width) + 0.5 - lens.cx) / lens.fx) * k;
  placeAt(m, x, ((lens.cy - (<f64>row + 0.5)) / lens.fy) * k, z);
}

/** Finds the point at (x, y, -z) of the view in the frame of an owner. */
function placeAt(m: F32s, x: f64, y: f64, z: f64): void {
  pointX = m[0] * x + m[4] * y - m[8] * z + m[12];
  pointY = m[1] * x + m[5] * y - m[9] * z + m[13];
  pointZ = m[2] * x + m[6] * y - m[10] * z + m[14];
}

/** Finds column and row, which may lie out of view, and depth in which an owner's local point is seen. */
function project(geometry: Geometry, owner: i32, a: f64, b: f64, c: f64): void {
  const lens = geometry.lens;
  const m = matrixOf(geometry.toView, owner);
  const z = -(m[2] * a + m[6] * b + m[10] * c + m[14]);
  const k: f64 = lens.viewHeight > 0 ? 1 : z;
  seenColumn = Math.floor(((m[0] * a + m[4] * b + m[8] * c + m[12]) / k) * lens.fx + lens.cx);
  seenRow = Math.floor(lens.cy - ((m[1] * a + m[5] * b + m[9] * c + m[13]) / k) * lens.fy);
  seenDepth = z;
}

/** The pixel in which an owner's local point is seen, with its depth in `seenDepth`; -1 out of view. */
export function pixelOf(shot: Shot, geometry: Geometry, owner: i32, a: f64, b: f64, c: f64): i32 {
  project(geometry, owner, a, b, c);
  const inside = seenColumn >= 0 && seenColumn < <f64>shot.width && seenRow >= 0 && seenRow < <f64>shot.height;
  return seenDepth > 0 && inside ? <i32>seenRow * shot.width + <i32>seenColumn : -1;
}

/** The pixel in which an owner's local point is seen, or out of view the nearest one; -1 behind the camera. */
export function nearestPixelOf(shot: Shot, geometry: Geometry, owner: i32, a: f64, b: f64, c: f64): i32 {
  project(geometry, owner, a, b, c);
  if (!(seenDepth > 0)) return -1;
  const row = <i32>max(0, min(<f64>(shot.height - 1), seenRow));
  return row * shot.width + <i32>max(0, min(<f64>(shot.width - 1), seenColumn));
}

/** How far in depth the neighbour q of p is, infinite where it belongs to another owner. */
function apart(geometry: Geometry, p: i32, q: i32): f64 {
  return geometry.owner[q] == geometry.owner[p] ? Math.abs(geometry.depth[q] - geometry.depth[p]) : Infinity;
}

/** The step to the one of two neighbours that goes on with the surface of p, `step` behind it or before it, or 0. */
function onward(geometry: Geometry, p: i32, step: i32, hasBefore: bool, hasBehind: bool): i32 {
  const before = hasBefore ? apart(geometry, p, p - step) : Infinity;
  const behind = hasBehind ? apart(geometry, p, p + step) : Infinity;
  const jump = before <= behind ? before : behind;
  if (!(jump <= SURFACE_JUMP * reachAt(geometry, geometry.depth[p]))) return 0;
  return before <= behind ? -1 : 1;
}

/**
 * A number that stands for pixel p's owner and, in steps, for where its surface faces in the owner's frame; the same in every frame, -1
 * where that is not known. The owner-local unit normal is left in `normalX` and so on, the pixel's point in `pointX` and so on.
 */
export function facingAt(shot: Shot, geometry: Geometry, p: i32): i32 {
  const width = shot.width;
  const depth = geometry.depth;
  const z = depth[p];
  if (z >= BACKGROUND_DEPTH) return -1;
  const row = p / width;
  const column = p - row * width;
  const right = onward(geometry, p, 1, column > 0, column < width - 1);
  if (right == 0) return -1;
  const down = onward(geometry, p, width, row > 0, row < shot.height - 1);
  if (down == 0) return -1;
  const lens = geometry.lens;
  const flat = lens.viewHeight > 0;
  const m = matrixOf(geometry.toLocal, geometry.owner[p]);
  const kx = (<f64>column + 0.5 - lens.cx) / lens.fx;
  const ky = (lens.cy - (<f64>row + 0.5)) / lens.fy;
  const zAcross = depth[p + right];
  placeAt(
    m,
    ((<f64>(column + right) + 0.5 - lens.cx) / lens.fx) * (flat ? 1 : zAcross),
    ky * (flat ? 1 : zAcross),
    zAcross,
  );
  let ax = pointX;
  let ay = pointY;
  let az = pointZ;
  const zDown = depth[p + down * width];
  placeAt(m, kx * (flat ? 1 : zDown), ((lens.cy - (<f64>(row + down) + 0.5)) / lens.fy) * (flat ? 1 : zDown), zDown);
  let dx = pointX;
  let dy = pointY;
  let dz = pointZ;
  placeAt(m, kx * (flat ? 1 : z), ky * (flat ? 1 : z), z);
  // To the right and upwards.
  const a = <f64>right;
  const d = <f64>(-down * width);
  ax = (ax - pointX) * a;
  ay = (ay - pointY) * a;
  az = (az - pointZ) * a;
  dx = (dx - pointX) * d;
  dy = (dy - pointY) * d;
  dz = (dz - pointZ) * d;
  const x = ay * dz - az * dy;
  const y = az * dx - ax * dz;
  const n = ax * dy - ay * dx;
  const length = hypot(x, y, n);
  if (!(length > 0)) return -1;
  normalX = x / length;
  normalY = y / length;
  normalZ = n / length;
  return step(step(step(geometry.owner[p], normalX), normalY), normalZ);
}

/** A number with one more digit: a component of a unit normal in steps. */
function step(digits: i32, component: f64): i32 {
  return digits * (2 * NORMAL_STEPS + 1) + round(component * <f64>NORMAL_STEPS) + NORMAL_STEPS;
}

/** The nearest whole number, as Math.round gives it. */
function round(value: f64): i32 {
  const up = Math.ceil(value);
  return <i32>(up - 0.5 > value ? up - 1 : up);
}

/** The length of a vector, as Math.hypot gives it: scaled and summed with compensation. */
export function hypot(x: f64, y: f64, z: f64): f64 {
  const most = max(Math.abs(x), max(Math.abs(y), Math.abs(z)));
  if (!(most > 0)) return most;
  if (most == Infinity) return most;
  const a = square(x / most);
  const b = square(y / most);
  const c = square(z / most);
  const one = a + b;
  const lost = one - a - b;
  const last = c - lost;
  return Math.sqrt(one + last) * most;
}

function square(value: f64): f64 {
  return value * value;
}
