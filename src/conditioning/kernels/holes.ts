import { CREASE, SURFACE_JUMP } from "../../scene/depth-edges";
import { BACKGROUND_DEPTH } from "./constants";
import { Frame, Geometry, Shot } from "./layout";
import { I32s, U8s } from "./views";

/** Added to the distance of a pixel for each weakening of "same surface". */
const FOREIGN_DISTANCE: i32 = 64;
/** How alike a hole and the pixel that fills it must be, strongest first. */
const SAME_SURFACE: i32 = 0;
const SAME_OWNER: i32 = 1;
const SAME_GROUP: i32 = 2;
const ANYTHING: i32 = 3;

/** The eight neighbours of a pixel, two bits each plus one. Straight ones come first, which approximates Euclidean distance. */
const COLUMNS: i32 = 0b10_00_10_00_01_01_10_00;
const ROWS: i32 = 0b10_10_00_00_10_00_01_01;

function columnOf(n: i32): i32 {
  return ((COLUMNS >> (2 * n)) & 3) - 1;
}
function rowOf(n: i32): i32 {
  return ((ROWS >> (2 * n)) & 3) - 1;
}

/**
 * Fills the pixels that no source knows from the nearest covered pixels of the same surface (same owner, no jump or crease between) whose
 * answer is `certain`; where there are none, of the same owner, then of the same character, and last from whatever is nearest. The
 * background counts as an owner. Breadth first from the rim of each hole, so only holes cost time. Colours come from a pixel inside of
 * the rim of what is known, where colours mix and paint spills over.
 */
export function fillHoles(shot: Shot, frame: Frame): void {
  const width = shot.width;
  const height = shot.height;
  const pixels = width * height;
  const certain = frame.certain;
  const covered = frame.covered;
  const from = frame.from;
  const distance = frame.distance;
  const done = frame.done;
  const settled = frame.settled;
  const holes = frame.list;
  const queue = frame.queue;
  memory.copy(changetype<usize>(done), changetype<usize>(certain), pixels);
  distance.fill(0, pixels, 0);
  let count = 0;
  for (let p = 0; p < pixels; p++) {
    from[p] = p;
    if (certain[p] == 0) holes[count++] = p;
  }
  if (count == 0 || count == pixels) return;

  for (let stage = SAME_SURFACE; stage <= ANYTHING && count > 0; stage++) {
    const penalty = stage * FOREIGN_DISTANCE;
    let tail = 0;
    memory.copy(changetype<usize>(settled), changetype<usize>(done), pixels);
    for (let i = 0; i < count; i++) {
      const p = holes[i];
      const x = p % width;
      const y = p / width;
      for (let n = 0; n < 8; n++) {
        const qx = x + columnOf(n);
        const qy = y + rowOf(n);
        if (qx < 0 || qx >= width || qy < 0 || qy >= height) continue;
        const q = qy * width + qx;
        if (settled[q] == 0 || !alike(shot, frame, stage, p, q)) continue;
        let source = from[q];
        if (certain[q] != 0) {
          const ix = qx + columnOf(n);
          const iy = qy + rowOf(n);
          const inside = iy * width + ix;
          if (
            ix >= 0 &&
            ix < width &&
            iy >= 0 &&
            iy < height &&
            certain[inside] != 0 &&
            alike(shot, frame, stage, q, inside)
          )
            source = inside;
        }
        from[p] = source;
        distance[p] = min(255, max(distance[q], penalty) + 1);
        done[p] = 1;
        queue[tail++] = p;
        break;
      }
    }
    for (let head = 0; head < tail; head++) {
      const q = queue[head];
      const x = q % width;
      const y = q / width;
      for (let n = 0; n < 8; n++) {
        const px = x + columnOf(n);
        const py = y + rowOf(n);
        if (px < 0 || px >= width || py < 0 || py >= height) continue;
        const p = py * width + px;
        if (done[p] != 0 || !alike(shot, frame, stage, p, q)) continue;
        from[p] = from[q];
        distance[p] = min(255, distance[q] + 1);
        done[p] = 1;
        queue[tail++] = p;
      }
    }
    if (tail > 0) count = stillOpen(holes, count, done);
    // Before asking strangers: the same owner may have been seen elsewhere in the picture.
    if (stage == SAME_OWNER && count > 0 && fillFromAfar(shot, frame)) count = stillOpen(holes, count, done);
  }
  // What is covered answers for itself, if uncertainly.
  for (let p = 0; p < pixels; p++) {
    if (covered[p] == 0) continue;
    from[p] = p;
    distance[p] = 0;
  }
}

/** Keeps the holes that are not done, in their order. */
function stillOpen(holes: I32s, count: i32, done: U8s): i32 {
  let open = 0;
  for (let i = 0; i < count; i++) {
    const p = holes[i];
    if (done[p] == 0) holes[open++] = p;
  }
  return open;
}

function alike(shot: Shot, frame: Frame, stage: i32, p: i32, q: i32): bool {
  if (stage == ANYTHING) return true;
  const a = frame.surface[p];
  const b = frame.surface[q];
  if (stage == SAME_GROUP) return groupOf(shot, a) == groupOf(shot, b);
  if (a != b) return false;
  const ids = frame.surfaceIds;
  if (stage == SAME_SURFACE && changetype<usize>(ids) != 0 && ids[p] != ids[q]) return false;
  return stage == SAME_OWNER || isOneSurface(shot, frame.geometry, p, q);
}

function groupOf(shot: Shot, surface: i32): i32 {
  return surface == shot.owners ? surface : shot.group[surface];
}

/** Whether the surface of pixel q goes on at its neighbour p: no jump in depth, and no crease with the pixel behind q. */
function isOneSurface(shot: Shot, geometry: Geometry, p: i32, q: i32): bool {
  const width = shot.width;
  const depth = geometry.depth;
  const viewHeight = geometry.lens.viewHeight;
  const here = depth[p];
  const there = depth[q];
  if (!(Math.abs(here - there) <= SURFACE_JUMP * (viewHeight > 0 ? viewHeight : min(here, there)))) return false;
  const r = 2 * q - p;
  if (here >= BACKGROUND_DEPTH || r < 0 || r >= width * shot.height || abs((r % width) - (q % width)) > 1) return true;
  const behind = depth[r];
  // Behind q another surface may begin, which says nothing about this one.
  if (!(Math.abs(behind - there) <= SURFACE_JUMP * (viewHeight > 0 ? viewHeight : min(behind, there)))) return true;
  if (viewHeight > 0) return Math.abs(here - 2 * there + behind) <= CREASE * viewHeight;
  return Math.abs(1 / here - 2 / there + 1 / behind) * there <= CREASE;
}

/** Gives holes whose owner is covered somewhere, but not beside them, that owner's last covered pixel above them; says whether there was one. */
function fillFromAfar(shot: Shot, frame: Frame): bool {
  const pixels = shot.width * shot.height;
  const last = frame.lastSeen;
  for (let owner = 0; owner <= shot.owners; owner++) last[owner] = -1;
  let filled = false;
  for (let i = 0; i < 2 * pixels; i++) {
    const p = i < pixels ? i : 2 * pixels - 1 - i;
    const owner = frame.surface[p];
    if (frame.certain[p] != 0) last[owner] = p;
    else if (frame.done[p] == 0 && last[owner] >= 0) {
      frame.done[p] = 1;
      frame.from[p] = last[owner];
      frame.distance[p] = SAME_GROUP * FOREIGN_DISTANCE;
      filled = true;
    }
  }
  return filled;
}
