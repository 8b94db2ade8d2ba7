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
  const y = ((lens.cy - (<f64>row + 0.5)) / lens.fy) * k;
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

/** How far in depth the neighbour q of p is, infinite where it belongs to another owner or lies out of the picture (-1). */
function apart(geometry: Geometry, p: i32, q: i32): f64 {
  if (q < 0 || geometry.owner[q] != geometry.owner[p]) return Infinity;
  return Math.abs(geometry.depth[q] - geometry.depth[p]);
}

/** The one of two neighbours that goes on with the surface of p, or -1. */
function neighbour(geometry: Geometry, p: i32, a: i32, b: i32): i32 {
  const toA = apart(geometry, p, a);
  const toB = apart(geometry, p, b);
  const jump = toA <= toB ? toA : toB;
  if (!(jump <= SURFACE_JUMP * reachAt(geometry, geometry.depth[p]))) return -1;
  return toA <= toB ? a : b;
}

/**
 * A number that stands for pixel p's owner and, in steps, for where its surface faces in the owner's frame; the same in every frame, -1
 * where that is not known. The owner-local unit normal is left in `normalX` and so on, the pixel's point in `pointX` and so on.
 */
export function facingAt(shot: Shot, geometry: Geometry, p: i32): i32 {
  const width = shot.width;
  if (geometry.depth[p] >= BACKGROUND_DEPTH) return -1;
  const column = p % width;
  const q = neighbour(geometry, p, column > 0 ? p - 1 : -1, column < width - 1 ? p + 1 : -1);
  if (q < 0) return -1;
  const r = neighbour(geometry, p, p - width, p + width < width * shot.height ? p + width : -1);
  if (r < 0) return -1;
  pointAt(shot, geometry, q);
  let ax = pointX;
  let ay = pointY;
  let az = pointZ;
  pointAt(shot, geometry, r);
  let dx = pointX;
  let dy = pointY;
  let dz = pointZ;
  pointAt(shot, geometry, p);
  const right = <f64>(q - p);
  const down = <f64>(p - r);
  ax = (ax - pointX) * right;
  ay = (ay - pointY) * right;
  az = (az - pointZ) * right;
  dx = (dx - pointX) * down;
  dy = (dy - pointY) * down;
  dz = (dz - pointZ) * down;
  const x = ay * dz - az * dy;
  const y = az * dx - ax * dz;
  const z = ax * dy - ay * dx;
  const length = hypot(x, y, z);
  if (!(length > 0)) return -1;
  normalX = x / length;
  normalY = y / length;
  normalZ = z / length;
  const facing = step(step(geometry.owner[p], normalX), normalY);
  return step(facing, normalZ);
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
