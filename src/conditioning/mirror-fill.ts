import type { FrameGeometry } from "./geometry.js";
import type { OwnerTable } from "./owners.js";
import { isOneSurface, NEIGHBOUR_COLUMNS, NEIGHBOUR_ROWS, ownersWithBackground, SURFACE_JUMP } from "./surface.js";

/** How far beyond the rim a colour is looked for, as a share of the way from the hole to the rim: mirrored first, then nearer. */
const REACHES = [1, 0.5, 0.25];

/**
 * Continues surfaces into their holes as in a mirror: a hole's point P takes the colour of 2 R - P, where R is the nearest point
 * on the same surface that the first frame shows. Paving goes on as paving, where the nearest colour would be drawn out into streaks.
 * The way to R may lead over what was guessed before, so that what is guessed now goes on with it. Holes for which no such
 * point is in view keep what `from` holds.
 *
 * @param covered - [H, W] 0 in holes.
 * @param seen - [H, W] 1 where the first frame answers.
 * @param from - [H, W] index of the pixel that answers for each pixel; written.
 */
export function mirrorFill(
  table: OwnerTable,
  geometry: FrameGeometry,
  covered: Uint8Array,
  seen: Uint8Array,
  from: Uint32Array,
): void {
  const { width, height, depth } = geometry;
  const { cx, cy, orthographic } = geometry.intrinsics;
  const { owner } = ownersWithBackground(table, geometry);
  const { unseen, rim } = nearestSeen(geometry, owner, seen);
  for (const p of unseen) {
    if (covered[p] !== 0) continue;
    const r = rim[p];
    const zp = depth[p];
    const zr = depth[r];
    const kp = orthographic ? 1 : zp;
    const kr = orthographic ? 1 : zr;
    // View space, but for the focal length, which falls out.
    const xp = ((p % width) + 0.5 - cx) * kp;
    const yp = (((p / width) | 0) + 0.5 - cy) * kp;
    const xr = ((r % width) + 0.5 - cx) * kr;
    const yr = (((r / width) | 0) + 0.5 - cy) * kr;
    for (const reach of REACHES) {
      const z = zr + reach * (zr - zp);
      if (!(z > 0)) continue;
      const k = orthographic ? 1 : z;
      const column = Math.floor((xr + reach * (xr - xp)) / k + cx);
      const row = Math.floor((yr + reach * (yr - yp)) / k + cy);
      if (!(column >= 0 && column < width && row >= 0 && row < height)) continue;
      const q = row * width + column;
      if (seen[q] === 0 || owner[q] !== owner[p] || !(Math.abs(depth[q] - z) <= SURFACE_JUMP * z)) continue;
      from[p] = q;
      break;
    }
  }
}

/** The unseen pixels that a seen one of the same surface borders on, directly or over other such pixels, and the nearest such seen one of each. */
function nearestSeen(
  { width, height, depth }: FrameGeometry,
  owner: Uint16Array,
  seen: Uint8Array,
): { unseen: Uint32Array; rim: Int32Array } {
  const rim = new Int32Array(seen.length).fill(-1);
  const queue = new Uint32Array(seen.length);
  let tail = 0;
  for (let p = 0; p < seen.length; p++) if (seen[p] !== 0 && bordersOnUnseen(seen, p, width)) queue[tail++] = p;
  const rims = tail;
  for (let head = 0; head < tail; head++) {
    const q = queue[head];
    const x = q % width;
    const y = (q - x) / width;
    for (let n = 0; n < 8; n++) {
      const px = x + NEIGHBOUR_COLUMNS[n];
      const py = y + NEIGHBOUR_ROWS[n];
      if (px < 0 || px >= width || py < 0 || py >= height) continue;
      const p = py * width + px;
      if (seen[p] !== 0 || rim[p] >= 0 || owner[p] !== owner[q] || !isOneSurface(depth, width, p, q)) continue;
      rim[p] = head < rims ? q : rim[q];
      queue[tail++] = p;
    }
  }
  return { unseen: queue.subarray(rims, tail), rim };
}

function bordersOnUnseen(seen: Uint8Array, p: number, width: number): boolean {
  const x = p % width;
  return (
    (x > 0 && seen[p - 1] === 0) ||
    (x < width - 1 && seen[p + 1] === 0) ||
    (p >= width && seen[p - width] === 0) ||
    (p + width < seen.length && seen[p + width] === 0)
  );
}
