import { AXES, GROUP, LEAST_PIXELS, PLANE, SCRATCH_BYTES } from "../pattern-sizes";
import { Look, Pattern, Search, Shot } from "./layout";
import { facingAt, hypot, normalX, normalY, normalZ, pointAt } from "./local-points";
import { halved, LANES, Patch, patchOf } from "./patch";
import { bitsOfRow, DIFFERENCE, DISTANCE, dot, MEAN, NORMAL, TEXEL, U, V } from "./pattern";
import { placeX, placeY, placeZ } from "./projection";
import { BEHIND_REPEATS, repeatsOf } from "./repeats";
import { scratch } from "./scratch";
import { sortByKey } from "./select";
import { textureAt } from "./texture";
import { unlikenessOfLanes } from "./unlikeness";
import { F64s, I32s } from "./views";

/** Sorted by their distance along the normal, points of one plane follow one another within this many metres. */
const PLANE_GAP: f64 = 0.1;
/** And lie within so many metres: more is a slope or something round. */
const PLANE_THICKNESS: f64 = 0.4;
/** Distances are measured up to this share of a patch. */
const FARTHEST: f64 = 0.7;

/** Finds where the pixels of some rows of a first frame face. */
export function facingsOfRows(shot: Shot, search: Search, fromRow: i32, toRow: i32): void {
  const geometry = search.source.geometry;
  const normals = search.normals;
  for (let p = fromRow * shot.width; p < toRow * shot.width; p++) {
    const facing = facingAt(shot, geometry, p);
    search.facing[p] = facing;
    if (facing < 0) continue;
    normals[p * 3] = normalX;
    normals[p * 3 + 1] = normalY;
    normals[p * 3 + 2] = normalZ;
  }
}

/** Groups pixels by where they face, and finds the mean normals of facings that have enough. */
export function groupFacings(shot: Shot, search: Search): void {
  const facing = search.facing;
  const order = search.order;
  const pixels = shot.width * shot.height;
  let count = 0;
  for (let p = 0; p < pixels; p++) {
    if (facing[p] < 0) continue;
    store<u64>(search.keys + ((<usize>count) << 3), <u64>facing[p]);
    order[count++] = p;
  }
  if (count > 0) sortByKey(search.keys, order, search.spareKeys, search.spareOrder, count);
  let found = 0;
  for (let start = 0, end = 0; start < count; start = end) {
    const one = facing[order[start]];
    while (end < count && facing[order[end]] == one) end++;
    if (end - start < LEAST_PIXELS) continue;
    let x: f64 = 0;
    let y: f64 = 0;
    let z: f64 = 0;
    for (let i = start; i < end; i++) {
      const p = order[i] * 3;
      x += search.normals[p];
      y += search.normals[p + 1];
      z += search.normals[p + 2];
    }
    search.groups[found * GROUP] = start;
    search.groups[found * GROUP + 1] = end;
    writeAxes(search, found, x, y, z);
    found++;
  }
  search.groupCount[0] = found;
}

/** Writes the unit normal of a facing and two unit vectors that span its plane. */
function writeAxes(search: Search, group: i32, x: f64, y: f64, z: f64): void {
  const axes = changetype<F64s>(changetype<usize>(search.axes) + ((<usize>(group * AXES)) << 3));
  const length = hypot(x, y, z);
  const a = x / length;
  const b = y / length;
  const c = z / length;
  axes[0] = a;
  axes[1] = b;
  axes[2] = c;
  // The axis furthest from the normal, so that walls are measured along and upwards.
  let least = 0;
  for (let i = 1; i < 3; i++) if (Math.abs(axes[i]) < Math.abs(axes[least])) least = i;
  for (let i = 0; i < 3; i++) axes[3 + i] = (i == least ? 1.0 : 0.0) - axes[i] * axes[least];
  const across = hypot(axes[3], axes[4], axes[5]);
  for (let i = 3; i < 6; i++) axes[i] = axes[i] / across;
  axes[6] = b * axes[5] - c * axes[4];
  axes[7] = c * axes[3] - a * axes[5];
  axes[8] = a * axes[4] - b * axes[3];
}

/** Splits pixels that face one way into planes. */
export function planesOfFacing(shot: Shot, search: Search, group: i32): void {
  const start = search.groups[group * GROUP];
  const end = search.groups[group * GROUP + 1];
  const axes = changetype<F64s>(changetype<usize>(search.axes) + ((<usize>(group * AXES)) << 3));
  for (let i = start; i < end; i++) {
    pointAt(shot, search.source.geometry, search.order[i]);
    // A sum with 0 has no sign where it is 0.
    const along = axes[0] * placeX + axes[1] * placeY + axes[2] * placeZ + 0;
    store<u64>(search.keys + ((<usize>i) << 3), keyOf(along));
  }
  sortByKey(
    search.keys + ((<usize>start) << 3),
    changetype<I32s>(changetype<usize>(search.order) + ((<usize>start) << 2)),
    search.spareKeys + ((<usize>start) << 3),
    changetype<I32s>(changetype<usize>(search.spareOrder) + ((<usize>start) << 2)),
    end - start,
  );
  const first = start / LEAST_PIXELS;
  let found = 0;
  let begin = start;
  for (let i = start + 1; i <= end; i++) {
    if (i < end && alongAt(search, i) - alongAt(search, i - 1) < PLANE_GAP) continue;
    if (alongAt(search, i - 1) - alongAt(search, begin) < PLANE_THICKNESS && i - begin >= LEAST_PIXELS) {
      search.planes[(first + found) * PLANE] = begin;
      search.planes[(first + found) * PLANE + 1] = i;
      found++;
    }
    begin = i;
  }
  search.groups[group * GROUP + 2] = found;
}

/** A number whose order among unsigned integers is that of a finite value. */
function keyOf(value: f64): u64 {
  const bits = reinterpret<u64>(value);
  return bits >> 63 != 0 ? ~bits : bits | ((<u64>1) << 63);
}

/** The distance along the normal of place i of `order`. */
function alongAt(search: Search, i: i32): f64 {
  const key = load<u64>(search.keys + ((<usize>i) << 3));
  return reinterpret<f64>(key >> 63 != 0 ? key & ~((<u64>1) << 63) : ~key);
}

/** Looks for the pattern of a plane of a facing, and notes how many shifts it has: none where there is no pattern. */
export function patternOfPlane(shot: Shot, search: Search, look: Look, pattern: Pattern, group: i32, plane: i32): void {
  const start = search.planes[plane * PLANE];
  const end = search.planes[plane * PLANE + 1];
  const geometry = search.source.geometry;
  const order = search.order;
  const numbers = pattern.numbers;
  search.planes[plane * PLANE + 2] = 0;
  pattern.facing = search.facing[order[start]];
  for (let i = 0; i < 3; i++) {
    numbers[NORMAL + i] = search.axes[group * AXES + i];
    numbers[U + i] = search.axes[group * AXES + 3 + i];
    numbers[V + i] = search.axes[group * AXES + 6 + i];
  }
  for (let i = start; i < end; i++) {
    pointAt(shot, geometry, order[i]);
    search.across[i] = dot(pattern, U, placeX, placeY, placeZ);
    search.up[i] = dot(pattern, V, placeX, placeY, placeZ);
  }
  const patch = patchOf(shot, search, start, end - start);
  if (changetype<usize>(patch) == 0) return;
  measure(pattern, halved(patch));
  pattern.shiftCount = repeatsOf(patch, pattern);
  search.planes[plane * PLANE + 2] = pattern.shiftCount;
  if (pattern.shiftCount > 0) keepPixels(shot, search, look, pattern, start, end);
}

/** Measures a patch's variogram. */
function measure(pattern: Pattern, patch: Patch): void {
  const reachU = <i32>Math.floor(FARTHEST * <f64>patch.width);
  const reachV = <i32>Math.floor(FARTHEST * <f64>patch.height);
  pattern.reachU = reachU;
  pattern.reachV = reachV;
  pattern.numbers[TEXEL] = patch.texel;
  const columns = 2 * reachU + 1;
  if (BEHIND_REPEATS + <usize>(LANES << 3) > <usize>SCRATCH_BYTES) ERROR("a patch needs more scratch memory");
  const lanes = changetype<F64s>(scratch + BEHIND_REPEATS);
  for (let dv = 0; dv <= reachV; dv++) {
    for (let column = 0; column < columns; column += LANES) {
      unlikenessOfLanes(patch, column - reachU, dv, lanes);
      for (let lane = 0; lane < LANES && column + lane < columns; lane++) {
        pattern.unlike[dv * columns + column + lane] = lanes[lane];
      }
    }
  }
}

/** Keeps what holes beside a surface are asked about: which pixels show it, and how they differ. */
function keepPixels(shot: Shot, search: Search, look: Look, pattern: Pattern, start: i32, end: i32): void {
  const width = shot.width;
  const count = <f64>(end - start);
  let sum: f64 = 0;
  let r: f64 = 0;
  let g: f64 = 0;
  let b: f64 = 0;
  let squares: f64 = 0;
  memory.fill(pattern.bits, 0, bitsOfRow(shot, pattern, shot.height) - pattern.bits);
  for (let i = start; i < end; i++) {
    const p = search.order[i];
    const row = p / width;
    const column = p - row * width;
    const bits = bitsOfRow(shot, pattern, row) + <usize>(column >> 3);
    store<u8>(bits, load<u8>(bits) | ((<u8>1) << (<u8>(column & 7))));
    look.rank[p] = i;
    sum += alongAt(search, i);
    const red = textureAt(search.source, p, 0);
    const green = textureAt(search.source, p, 1);
    const blue = textureAt(search.source, p, 2);
    r += red;
    g += green;
    b += blue;
    squares = squares + red * red + green * green + blue * blue;
  }
  pattern.numbers[DISTANCE] = sum / count;
  for (let c = 0; c < 3; c++) pattern.numbers[MEAN + c] = meanPaint(search, start, end, c);
  pattern.numbers[DIFFERENCE] = (2 * (squares - (r * r + g * g + b * b) / count)) / count;
}

/** The mean of a channel of the paint of pixels `start` to `end` of the order. */
function meanPaint(search: Search, start: i32, end: i32, c: i32): f64 {
  let sum: f64 = 0;
  for (let i = start; i < end; i++) sum += search.source.paint[4 * search.order[i] + c];
  return sum / <f64>(end - start);
}
