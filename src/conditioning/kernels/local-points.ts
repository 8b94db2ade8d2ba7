import { FACING_JUMP } from "../../scene/depth-edges";
import { BACKGROUND_DEPTH } from "./constants";
import { Geometry, Shot } from "./layout";
import { placeX, placeY, placeZ, project, reachAt, seenColumn, seenDepth, seenRow, unproject } from "./projection";
import { scratch } from "./scratch";
import { invert, matrixOf, multiply } from "./screen";
import { F32s } from "./views";

/** Steps of a unit normal's components that are told apart. */
const NORMAL_STEPS: i32 = 8;

/** The owner-local unit normal that `facingAt` found. */
export let normalX: f64 = 0;
export let normalY: f64 = 0;
export let normalZ: f64 = 0;
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

/** Finds the owner-local point of pixel p, in metres: `placeX` and so on. */
export function pointAt(shot: Shot, geometry: Geometry, p: i32): void {
  unproject(shot, geometry, matrixOf(geometry.toLocal, geometry.owner[p]), p);
}

/** The pixel in which an owner's local point is seen, with its depth in `seenDepth`; -1 out of view. */
export function pixelOf(shot: Shot, geometry: Geometry, owner: i32, a: f64, b: f64, c: f64): i32 {
  project(geometry.lens, matrixOf(geometry.toView, owner), a, b, c);
  const inside = seenColumn >= 0 && seenColumn < <f64>shot.width && seenRow >= 0 && seenRow < <f64>shot.height;
  return seenDepth > 0 && inside ? <i32>seenRow * shot.width + <i32>seenColumn : -1;
}

/** The pixel in which an owner's local point is seen, or out of view the nearest one; -1 behind the camera. */
export function nearestPixelOf(shot: Shot, geometry: Geometry, owner: i32, a: f64, b: f64, c: f64): i32 {
  project(geometry.lens, matrixOf(geometry.toView, owner), a, b, c);
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
  if (!(jump <= FACING_JUMP * reachAt(geometry.lens, geometry.depth[p]))) return 0;
  return before <= behind ? -1 : 1;
}

/**
 * A number that stands for pixel p's owner and, in steps, for where its surface faces in the owner's frame; the same in every frame, -1
 * where that is not known. The owner-local unit normal is left in `normalX` and so on, the pixel's point in `placeX` and so on.
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
  const m = matrixOf(geometry.toLocal, geometry.owner[p]);
  unproject(shot, geometry, m, p + right);
  let ax = placeX;
  let ay = placeY;
  let az = placeZ;
  unproject(shot, geometry, m, p + down * width);
  let dx = placeX;
  let dy = placeY;
  let dz = placeZ;
  unproject(shot, geometry, m, p);
  // To the right and upwards.
  const a = <f64>right;
  const d = <f64>(-down * width);
  ax = (ax - placeX) * a;
  ay = (ay - placeY) * a;
  az = (az - placeZ) * a;
  dx = (dx - placeX) * d;
  dy = (dy - placeY) * d;
  dz = (dz - placeZ) * d;
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
