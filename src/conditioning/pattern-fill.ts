import type { FrameGeometry } from "./geometry.js";
import { localPoints } from "./local-points.js";
import type { Pattern, Patterns } from "./patterns.js";

/** A hole's point lies on a pattern's plane within this many metres and this share of its depth. */
const PLANE_METRES = 0.1;
const PLANE_SHARE = 0.02;
/** A shifted point is seen where the depth agrees within this share. */
const DEPTH_SHARE = 0.03;
/** Shifts are made so many times in a row at most. */
const MOST_TIMES = 3;
/** A place further away than this many times the hole's distance is too coarse to be copied while another is to be had. */
const TOO_FAR = 1.5;

/**
 * Continues patterns into holes: a hole's point takes the colour of a point of the same surface that the first frame shows, one or
 * more of the pattern's shifts away. Paving goes on as paving and bricks as bricks. Other holes keep what `from` holds.
 *
 * @param covered - [H, W] 0 in holes.
 * @param seen - [H, W] 1 where the first frame answers.
 * @param from - [H, W] index of the pixel that answers for each pixel; written.
 * @param continued - [H, W] 1 where a pattern goes on; written in holes.
 */
export function fillFromPatterns(
  patterns: Patterns,
  geometry: FrameGeometry,
  covered: Uint8Array,
  seen: Uint8Array,
  from: Uint32Array,
  continued: Uint8Array,
): void {
  if (patterns.size === 0) return;
  const { depth, owner } = geometry;
  const points = localPoints(geometry);
  const here = new Float64Array(3);
  const there = new Float64Array(3);
  for (let p = 0; p < covered.length; p++) {
    if (covered[p] !== 0) continue;
    const candidates = patterns.get(points.facingAt(p));
    if (!candidates) continue;
    points.pointAt(p, here);
    const pattern = candidates.find((one) => isOn(one, here, depth[p]));
    if (!pattern) continue;
    let coarse = -1;
    search: for (const shift of pattern.shifts) {
      for (let times = 1; times <= MOST_TIMES; times++) {
        for (let i = 0; i < 3; i++) there[i] = here[i] + times * shift[i];
        const place = points.pixelOf(owner[p], there);
        if (!place) continue;
        const q = place.pixel;
        if (seen[q] === 0 || owner[q] !== owner[p] || Math.abs(depth[q] - place.depth) > DEPTH_SHARE * place.depth)
          continue;
        if (place.depth > TOO_FAR * depth[p]) {
          if (coarse < 0) coarse = q;
          continue;
        }
        from[p] = q;
        continued[p] = 1;
        coarse = -1;
        break search;
      }
    }
    if (coarse < 0) continue;
    from[p] = coarse;
    continued[p] = 1;
  }
}

function isOn({ normal, distance }: Pattern, point: Float64Array, depth: number): boolean {
  const along = normal[0] * point[0] + normal[1] * point[1] + normal[2] * point[2];
  return Math.abs(along - distance) <= PLANE_METRES + PLANE_SHARE * depth;
}
