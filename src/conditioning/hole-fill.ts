import type { FrameGeometry } from "./geometry.js";
import type { OwnerTable } from "./owners.js";
import { isOneSurface, NEIGHBOUR_COLUMNS, NEIGHBOUR_ROWS, ownersWithBackground } from "./surface.js";

/** Added to the distance of a pixel for each weakening of "same surface". */
const FOREIGN_DISTANCE = 64;
/** At the rim of what is known colours mix and paint spills over: colours come from this many pixels inside. */
const INSIDE = 1;

/** How alike a hole and the pixel that fills it must be, strongest first. */
const SAME_SURFACE = 0;
const SAME_OWNER = 1;
const SAME_GROUP = 2;
const ANYTHING = 3;

/** From where each hole of a frame takes its colour. */
export interface HoleFill {
  /** [H, W] index of the covered pixel that answers for this one; itself where covered. */
  readonly from: Uint32Array;
  /** [H, W] steps to it, 0 where covered; 64 is added for each weakening of "same surface". */
  readonly distance: Uint8Array;
}

/** Room for one frame's answers. */
export function makeHoleFill(pixels: number): HoleFill {
  return { from: new Uint32Array(pixels), distance: new Uint8Array(pixels) };
}

/**
 * Fills the pixels that no source knows from the nearest covered pixels of the same surface (same owner, no jump or
 * crease between) whose answer is `certain`; where there are none, of the same owner, then of the same character, and last from whatever is nearest. The
 * background counts as an owner. Breadth first from the rim of each hole, so only
 * holes cost time. The answer is written into `fill`.
 */
export function fillHoles(
  table: OwnerTable,
  geometry: FrameGeometry,
  covered: Uint8Array,
  certain: Uint8Array,
  fill: HoleFill,
): void {
  const { width, height } = geometry;
  const pixels = width * height;
  const { from, distance } = fill;
  distance.fill(0);
  const done = certain.slice();
  let holes = 0;
  for (let p = 0; p < pixels; p++) {
    from[p] = p;
    if (certain[p] === 0) holes++;
  }
  if (holes === 0 || holes === pixels) return;

  const { owner, group } = ownersWithBackground(table, geometry);
  const alike = (stage: number, p: number, q: number): boolean => {
    if (stage === ANYTHING) return true;
    if (stage === SAME_GROUP) return group[owner[p]] === group[owner[q]];
    if (owner[p] !== owner[q]) return false;
    return stage === SAME_OWNER || isOneSurface(geometry, p, q);
  };
  const queue = new Uint32Array(holes);
  for (let stage = SAME_SURFACE; stage <= ANYTHING && holes > 0; stage++) {
    const penalty = stage * FOREIGN_DISTANCE;
    let tail = 0;
    const settled = done.slice();
    for (let p = 0; p < pixels; p++) {
      if (settled[p] !== 0) continue;
      const x = p % width;
      const y = (p - x) / width;
      for (let n = 0; n < 8; n++) {
        const qx = x + NEIGHBOUR_COLUMNS[n];
        const qy = y + NEIGHBOUR_ROWS[n];
        if (qx < 0 || qx >= width || qy < 0 || qy >= height) continue;
        const q = qy * width + qx;
        if (settled[q] === 0 || !alike(stage, p, q)) continue;
        from[p] = from[q];
        if (certain[q] !== 0) {
          const ix = qx + INSIDE * NEIGHBOUR_COLUMNS[n];
          const iy = qy + INSIDE * NEIGHBOUR_ROWS[n];
          const i = iy * width + ix;
          if (ix >= 0 && ix < width && iy >= 0 && iy < height && certain[i] !== 0 && alike(stage, q, i)) from[p] = i;
        }
        distance[p] = Math.min(255, Math.max(distance[q], penalty) + 1);
        done[p] = 1;
        queue[tail++] = p;
        break;
      }
    }
    for (let head = 0; head < tail; head++) {
      const q = queue[head];
      const x = q % width;
      const y = (q - x) / width;
      for (let n = 0; n < 8; n++) {
        const px = x + NEIGHBOUR_COLUMNS[n];
        const py = y + NEIGHBOUR_ROWS[n];
        if (px < 0 || px >= width || py < 0 || py >= height) continue;
        const p = py * width + px;
        if (done[p] !== 0 || !alike(stage, p, q)) continue;
        from[p] = from[q];
        distance[p] = Math.min(255, distance[q] + 1);
        done[p] = 1;
        queue[tail++] = p;
      }
    }
    holes -= tail;
    // Before asking strangers: the same owner may have been seen elsewhere in the picture.
    if (stage === SAME_OWNER && holes > 0) holes -= fillFromAfar(owner, group.length, done, certain, from, distance);
  }
  // What is covered answers for itself, if uncertainly.
  for (let p = 0; p < pixels; p++) {
    if (covered[p] === 0) continue;
    from[p] = p;
    distance[p] = 0;
  }
}

/** Gives holes whose owner is covered somewhere, but not beside them, that owner's last covered pixel above them. */
function fillFromAfar(
  owner: Uint16Array,
  owners: number,
  done: Uint8Array,
  certain: Uint8Array,
  from: Uint32Array,
  distance: Uint8Array,
): number {
  const seen = new Int32Array(owners).fill(-1);
  let filled = 0;
  const sweep = (p: number) => {
    const o = owner[p];
    if (certain[p] !== 0) seen[o] = p;
    else if (done[p] === 0 && seen[o] >= 0) {
      done[p] = 1;
      from[p] = seen[o];
      distance[p] = SAME_GROUP * FOREIGN_DISTANCE;
      filled++;
    }
  };
  for (let p = 0; p < owner.length; p++) sweep(p);
  for (let p = owner.length - 1; p >= 0; p--) sweep(p);
  return filled;
}
