import { SHIFT } from "../pattern-sizes";
import { BEHIND, holdsAt, nearestTo } from "./evidence";
import { Frame, Look, Pattern, Shot } from "./layout";
import { facingAt, pixelOf, pointAt } from "./local-points";
import { DISTANCE, dot, NORMAL, U, unlikeAlong, V } from "./pattern";
import { placeX, placeY, placeZ, reachAt, seenDepth } from "./projection";

/** A hole's point lies on a pattern's plane within this many metres and this share of its depth (of an orthographic view's height). */
const PLANE_METRES: f64 = 0.1;
const PLANE_SHARE: f64 = 0.02;
/** A shifted point is seen where the depth agrees within this share. */
const DEPTH_SHARE: f64 = 0.03;
/** Shifts are made so many times in a row at most. */
const MOST_TIMES: i32 = 3;
/** A place further away than this many times the hole's distance is too coarse to be copied while another is to be had. */
const TOO_FAR: f64 = 1.5;

/** How unlike the place is that `copyOf` found. */
let copyUnlike: f64 = 0;

/**
 * Guesses holes of some rows in surfaces that have a pattern from the likeliest place: the one that filled them so far, as unlike as the way to it
 * says, or a point of the same surface that the first frame shows, one or more of the pattern's shifts away. Paving goes on as paving and
 * bricks as bricks, and where a slow gradient only seems to repeat the neighbour stays. Other holes keep what `from` holds.
 */
export function patternsOfRows(shot: Shot, frame: Frame, fromRow: i32, toRow: i32): void {
  const look = frame.look;
  const patternOf = frame.patternOf;
  const begin = changetype<usize>(patternOf) + ((<usize>(fromRow * shot.width)) << 2);
  memory.fill(begin, 0, (<usize>((toRow - fromRow) * shot.width)) << 2);
  if (changetype<usize>(look) == 0 || look.patternCount == 0) return;
  const geometry = frame.geometry;
  const owner = geometry.owner;
  const depth = geometry.depth;
  const covered = frame.covered;
  const from = frame.from;
  const doubt = frame.doubt;
  for (let p = fromRow * shot.width; p < toRow * shot.width; p++) {
    if (covered[p] != 0) continue;
    const facing = facingAt(shot, geometry, p);
    if (facing < 0) continue;
    const x = placeX;
    const y = placeY;
    const z = placeZ;
    const pattern = patternAt(look, facing, x, y, z, reachAt(geometry.lens, depth[p]));
    if (changetype<usize>(pattern) == 0) continue;
    const q = from[p];
    let unlike: f64 = 1;
    if (owner[q] == owner[p]) {
      pointAt(shot, geometry, q);
      if (isOn(pattern, placeX, placeY, placeZ, reachAt(geometry.lens, depth[q]))) {
        const right = placeX - x;
        const up = placeY - y;
        const near = placeZ - z;
        const way = unlikeAlong(pattern, dot(pattern, U, right, up, near), dot(pattern, V, right, up, near));
        unlike = min<f64>(1, <f64>doubt[q] / 255 + way);
      }
    }
    const copy = copyOf(shot, frame, pattern, p, x, y, z, unlike);
    if (copy >= 0) {
      from[p] = copy;
      unlike = copyUnlike;
    }
    doubt[p] = <i32>(255 * unlike);
    patternOf[p] = <i32>changetype<usize>(pattern);
  }
}

/** The first pattern of surfaces that face one way on whose plane a point lies; 0 where there is none. */
function patternAt(look: Look, facing: i32, x: f64, y: f64, z: f64, reach: f64): Pattern {
  const patterns = look.patterns;
  const count = look.patternCount;
  let first = 0;
  let end = count;
  while (first < end) {
    const middle = (first + end) >> 1;
    if (changetype<Pattern>(patterns[middle]).facing < facing) first = middle + 1;
    else end = middle;
  }
  for (; first < count; first++) {
    const pattern = changetype<Pattern>(patterns[first]);
    if (pattern.facing != facing) break;
    if (isOn(pattern, x, y, z, reach)) return pattern;
  }
  return changetype<Pattern>(0);
}

function isOn(pattern: Pattern, x: f64, y: f64, z: f64, reach: f64): bool {
  const along = dot(pattern, NORMAL, x, y, z);
  return Math.abs(along - pattern.numbers[DISTANCE]) <= PLANE_METRES + PLANE_SHARE * reach;
}

/** The pixel where the pattern's shifted self shows the point (x, y, z) of pixel p, if that is less than `unlike`; else -1. */
function copyOf(shot: Shot, frame: Frame, pattern: Pattern, p: i32, x: f64, y: f64, z: f64, unlike: f64): i32 {
  const geometry = frame.geometry;
  const owner = geometry.owner;
  const depth = geometry.depth;
  const look = frame.look;
  const flat = geometry.lens.viewHeight > 0;
  const shifts = pattern.shifts;
  let beside = 0;
  let asked = false;
  let coarse = -1;
  for (let shift = 0; shift < pattern.shiftCount * SHIFT; shift += SHIFT) {
    const away = shifts[shift + 3];
    if (away >= unlike) continue;
    for (let times = 1; times <= MOST_TIMES; times++) {
      const right = <f64>times * shifts[shift];
      const up = <f64>times * shifts[shift + 1];
      const near = <f64>times * shifts[shift + 2];
      const q = pixelOf(shot, geometry, owner[p], x + right, y + up, z + near);
      if (q < 0 || frame.seen[q] == 0 || owner[q] != owner[p]) continue;
      const there = seenDepth;
      if (Math.abs(depth[q] - there) > DEPTH_SHARE * reachAt(geometry.lens, there)) continue;
      if (!asked) {
        beside = nearestTo(shot, look, pattern, owner[p], x, y, z);
        asked = true;
      }
      if (beside != BEHIND && !holdsAt(shot, look, pattern, owner[p], beside, right, up, near)) continue;
      if (flat || there <= TOO_FAR * depth[p]) {
        copyUnlike = away;
        return q;
      }
      if (coarse < 0) {
        coarse = q;
        copyUnlike = away;
      }
    }
  }
  return coarse;
}
