import type { FrameGeometry } from "./geometry.js";
import type { OwnerTable } from "./owners.js";

/** Added to the distance of a pixel that was filled from another owner's surface. */
const FOREIGN_DISTANCE = 64;

/** From where each hole of a frame takes its colour. */
export interface HoleFill {
  /** [H, W] index of the covered pixel that answers for this one; itself where covered. */
  readonly from: Uint32Array;
  /** [H, W] steps to it, 0 where covered; 64 is added for each weakening of "same owner". */
  readonly distance: Uint8Array;
}

/**
 * Fills the pixels that no source knows from the nearest covered pixels of the same owner; where an owner was seen
 * nowhere, from the same character, and last from whatever is nearest. Breadth first from the rim of each hole, so only
 * holes cost time.
 */
export function fillHoles(table: OwnerTable, { width, height, owner }: FrameGeometry, covered: Uint8Array): HoleFill {
  const pixels = width * height;
  const from = new Uint32Array(pixels);
  const distance = new Uint8Array(pixels);
  const done = covered.slice();
  let holes = 0;
  for (let p = 0; p < pixels; p++) {
    if (covered[p] !== 0) from[p] = p;
    else holes++;
  }
  if (holes === 0 || holes === pixels) return { from, distance };

  const queue = new Uint32Array(pixels);
  const { group } = table;
  for (let stage = 0; stage < 3 && holes > 0; stage++) {
    const alike = (a: number, b: number) => stage === 2 || a === b || (stage === 1 && group[a] === group[b]);
    const penalty = stage * FOREIGN_DISTANCE;
    let head = 0;
    let tail = 0;
    const take = (p: number, q: number, start: number): void => {
      done[p] = 1;
      from[p] = from[q];
      distance[p] = Math.min(255, start + 1);
      queue[tail++] = p;
      holes--;
    };
    // The rim: holes with a settled neighbour. Straight neighbours come first, which approximates Euclidean distance.
    const settled = done.slice();
    for (let p = 0; p < pixels; p++) {
      if (settled[p] !== 0) continue;
      const q = neighbours(p, width, pixels).find((n) => settled[n] !== 0 && alike(owner[p], owner[n]));
      if (q !== undefined) take(p, q, Math.max(distance[q], penalty));
    }
    while (head < tail) {
      const q = queue[head++];
      for (const p of neighbours(q, width, pixels)) {
        if (done[p] === 0 && alike(owner[p], owner[q])) take(p, q, distance[q]);
      }
    }
    // Before asking strangers: the same owner may have been seen elsewhere in the picture.
    if (stage === 0 && holes > 0) holes -= fillFromAfar(owner, group, done, covered, from, distance);
  }
  return { from, distance };
}

/** The up to eight pixels around one, straight ones first. */
function neighbours(p: number, width: number, pixels: number): number[] {
  const x = p % width;
  const left = x > 0;
  const right = x < width - 1;
  const up = p >= width;
  const down = p < pixels - width;
  const list: number[] = [];
  if (left) list.push(p - 1);
  if (right) list.push(p + 1);
  if (up) list.push(p - width);
  if (down) list.push(p + width);
  if (left && up) list.push(p - width - 1);
  if (right && up) list.push(p - width + 1);
  if (left && down) list.push(p + width - 1);
  if (right && down) list.push(p + width + 1);
  return list;
}

/** Gives holes whose owner is covered somewhere, but not beside them, that owner's last covered pixel above them. */
function fillFromAfar(
  owner: Uint16Array,
  group: Int32Array,
  done: Uint8Array,
  covered: Uint8Array,
  from: Uint32Array,
  distance: Uint8Array,
): number {
  const seen = new Int32Array(group.length).fill(-1);
  let filled = 0;
  const sweep = (p: number) => {
    const o = owner[p];
    if (covered[p] !== 0) seen[o] = p;
    else if (done[p] === 0 && seen[o] >= 0) {
      done[p] = 1;
      from[p] = seen[o];
      distance[p] = FOREIGN_DISTANCE;
      filled++;
    }
  };
  for (let p = 0; p < owner.length; p++) sweep(p);
  for (let p = owner.length - 1; p >= 0; p--) sweep(p);
  return filled;
}
