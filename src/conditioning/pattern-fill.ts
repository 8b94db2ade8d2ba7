import { vec3 } from "gl-matrix";
import { depthReach } from "../scene/camera.js";
import { holdsBeside } from "./evidence.js";
import type { FrameGeometry } from "./geometry.js";
import { localPoints } from "./local-points.js";
import type { Pattern, Patterns } from "./patterns.js";
import { unlikeAlong } from "./variogram.js";

/** A hole's point lies on a pattern's plane within this many metres and this share of its depth (of an orthographic view's height). */
const PLANE_METRES = 0.1;
const PLANE_SHARE = 0.02;
/** A shifted point is seen where the depth agrees within this share. */
const DEPTH_SHARE = 0.03;
/** Shifts are made so many times in a row at most. */
const MOST_TIMES = 3;
/** A place further away than this many times the hole's distance is too coarse to be copied while another is to be had. */
const TOO_FAR = 1.5;

/**
 * Guesses holes in surfaces that have a pattern from the likeliest place: the one that filled them so far, as unlike as the way to it says,
 * or a point of the same surface that the first frame shows, one or more of the pattern's shifts away. Paving goes on as paving and
 * bricks as bricks, and where a slow gradient only seems to repeat the neighbour stays. Other holes keep what `from` holds.
 *
 * @param covered - [H, W] 0 in holes.
 * @param seen - [H, W] 1 where the first frame answers.
 * @param from - [H, W] index of the pixel that answers for each pixel; written in holes.
 * @param doubt - [H, W] how unlike the truth the colour may be, 255 as random places of its surface; written in holes.
 */
export function fillFromPatterns(
  patterns: Patterns,
  geometry: FrameGeometry,
  covered: Uint8Array,
  seen: Uint8Array,
  from: Uint32Array,
  doubt: Uint8Array,
): void {
  if (patterns.size === 0) return;
  const { depth, owner, intrinsics } = geometry;
  const points = localPoints(geometry);
  const here = new Float64Array(3);
  const there = new Float64Array(3);
  /** Where the pattern's shifted self shows the point `here` of pixel p, if that is less than `unlike`: [pixel, unlike]. */
  const copyOf = (p: number, { shifts, evidence }: Pattern, unlike: number): [number, number] | undefined => {
    let coarse: [number, number] | undefined;
    for (const shift of shifts) {
      if (shift.unlike >= unlike) continue;
      for (let times = 1; times <= MOST_TIMES; times++) {
        for (let i = 0; i < 3; i++) there[i] = here[i] + times * shift.by[i];
        const place = points.pixelOf(owner[p], there);
        if (!place) continue;
        const q = place.pixel;
        if (seen[q] === 0 || owner[q] !== owner[p]) continue;
        if (Math.abs(depth[q] - place.depth) > DEPTH_SHARE * depthReach(intrinsics, place.depth)) continue;
        if (!holdsBeside(evidence, here, times, shift.by)) continue;
        if (intrinsics.orthographic || place.depth <= TOO_FAR * depth[p]) return [q, shift.unlike];
        coarse ??= [q, shift.unlike];
      }
    }
    return coarse;
  };
  for (let p = 0; p < covered.length; p++) {
    if (covered[p] !== 0) continue;
    const candidates = patterns.get(points.facingAt(p));
    if (!candidates) continue;
    points.pointAt(p, here);
    const pattern = candidates.find((one) => isOn(one, here, depthReach(intrinsics, depth[p])));
    if (!pattern) continue;
    const q = from[p];
    let unlike = 1;
    if (owner[q] === owner[p]) {
      points.pointAt(q, there);
      if (isOn(pattern, there, depthReach(intrinsics, depth[q]))) {
        for (let i = 0; i < 3; i++) there[i] -= here[i];
        const way = unlikeAlong(pattern.variogram, vec3.dot(pattern.u, there), vec3.dot(pattern.v, there));
        unlike = Math.min(1, doubt[q] / 255 + way);
      }
    }
    const copy = copyOf(p, pattern, unlike);
    if (copy) [from[p], unlike] = copy;
    doubt[p] = 255 * unlike;
  }
}

function isOn({ normal, distance }: Pattern, point: Float64Array, reach: number): boolean {
  const along = vec3.dot(normal, point);
  return Math.abs(along - distance) <= PLANE_METRES + PLANE_SHARE * reach;
}
