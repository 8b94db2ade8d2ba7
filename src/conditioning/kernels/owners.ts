import { BACKGROUND_DEPTH } from "./constants";
import { Frame, Shot } from "./layout";
import { F32s, I32s } from "./views";

/** Numbers of a capsule, see capsules.ts: start xyz, way to its end xyz, 1 / squared length, radius. */
const CAPSULE: i32 = 8;

/**
 * Owner of the pixels of some rows, from the owner-id plane; skin belongs to the nearest bone. Without a plane they stay what they are.
 */
export function ownersOfRows(shot: Shot, frame: Frame, fromRow: i32, toRow: i32): void {
  const width = shot.width;
  const ids = frame.ids;
  if (changetype<usize>(ids) == 0) return;
  const owner = frame.geometry.owner;
  const ownerOfId = shot.ownerOfId;
  let p = fromRow * width;
  for (let row = fromRow; row < toRow; row++) {
    for (let column = 0; column < width; column++, p++) {
      const found = ownerOfId[ids[p]];
      owner[p] = found >= 0 ? found : shot.firstBone[-1 - found] + nearestBone(frame, -1 - found, column, row, p);
    }
  }
}

/** Bone of a character whose capsule is nearest to the surface under a pixel; 0 where there is no surface, or no pose. */
function nearestBone(frame: Frame, character: i32, column: i32, row: i32, p: i32): i32 {
  const geometry = frame.geometry;
  const depth = geometry.depth[p];
  if (depth >= BACKGROUND_DEPTH) return 0;
  const first = frame.firstCapsule[character];
  const end = frame.firstCapsule[character + 1];
  const lens = geometry.lens;
  const m = geometry.world;
  const k: f64 = lens.viewHeight > 0 ? 1 : depth;
  const vx = ((<f64>column + 0.5 - lens.cx) / lens.fx) * k;
  const vy = (-(<f64>row + 0.5 - lens.cy) / lens.fy) * k;
  const x = m[0] * vx + m[4] * vy - m[8] * depth + m[12];
  const y = m[1] * vx + m[5] * vy - m[9] * depth + m[13];
  const z = m[2] * vx + m[6] * vy - m[10] * depth + m[14];
  let bone = 0;
  let least: f64 = Infinity;
  for (let i = first; i < end; i++) {
    const distance = capsuleDistance(frame.capsules, i, x, y, z);
    if (distance < least) {
      least = distance;
      bone = frame.capsuleBones[i];
    }
  }
  return bone;
}

/** Signed distance in metres from a point to a capsule: below zero inside. */
function capsuleDistance(capsules: F32s, index: i32, x: f64, y: f64, z: f64): f64 {
  const o = index * CAPSULE;
  const px = x - capsules[o];
  const py = y - capsules[o + 1];
  const pz = z - capsules[o + 2];
  let along = (px * capsules[o + 3] + py * capsules[o + 4] + pz * capsules[o + 5]) * capsules[o + 6];
  along = along < 0 ? 0 : min(along, 1);
  const ex = px - along * capsules[o + 3];
  const ey = py - along * capsules[o + 4];
  const ez = pz - along * capsules[o + 5];
  return Math.sqrt(ex * ex + ey * ey + ez * ez) - capsules[o + 7];
}

/** Owners of the pixels of some rows with the background as one owner more. */
export function surfacesOfRows(shot: Shot, frame: Frame, fromRow: i32, toRow: i32): void {
  const owner = frame.geometry.owner;
  const depth = frame.geometry.depth;
  const surface = frame.surface;
  for (let p = fromRow * shot.width; p < toRow * shot.width; p++)
    surface[p] = depth[p] >= BACKGROUND_DEPTH ? shot.owners : owner[p];
}
