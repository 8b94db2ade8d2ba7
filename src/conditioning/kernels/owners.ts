import { BOX_NUMBERS, CAPSULE_NUMBERS } from "../record-sizes";
import { BACKGROUND_DEPTH } from "./constants";
import { Frame, Shot, Solid } from "./layout";
import { placeX, placeY, placeZ, reachAt, unproject } from "./projection";
import { F32s } from "./views";

/** The static world's owner. */
const WORLD: i32 = 0;

/** Depth planes are rounded by up to this share of the depth (half floats), of an orthographic view's height. */
const DEPTH_ROUNDING: f64 = 1 / 1024;

/**
 * Owner of the pixels of some rows: from the owner-id plane where there is one, else by the boxes of objects and the capsules of bones in which their
 * points lie. Skin belongs to the nearest bone, what is in nothing and what has no surface to the static world.
 */
export function ownersOfRows(shot: Shot, frame: Frame, fromRow: i32, toRow: i32): void {
  if (changetype<usize>(frame.ids) != 0) ownersById(shot, frame, fromRow * shot.width, toRow * shot.width);
  else ownersByPlace(shot, frame, fromRow, toRow);
}

function ownersById(shot: Shot, frame: Frame, from: i32, to: i32): void {
  const geometry = frame.geometry;
  const owner = geometry.owner;
  for (let p = from; p < to; p++) {
    const found = shot.ownerOfId[frame.ids[p]];
    if (found >= 0) {
      owner[p] = found;
      continue;
    }
    let bone = 0;
    if (geometry.depth[p] < BACKGROUND_DEPTH) {
      unproject(shot, geometry, geometry.world, p);
      bone = nearestBone(frame, -1 - found);
    }
    owner[p] = shot.firstBone[-1 - found] + bone;
  }
}

function ownersByPlace(shot: Shot, frame: Frame, fromRow: i32, toRow: i32): void {
  const width = shot.width;
  const geometry = frame.geometry;
  const depth = geometry.depth;
  const owner = geometry.owner;
  // How deep below its owner's skin a pixel lies so far, metres: the deepest wins where owners touch.
  const best = changetype<F32s>(frame.list);
  for (let p = fromRow * width; p < toRow * width; p++) {
    owner[p] = WORLD;
    best[p] = Infinity;
  }
  for (let i = 0; i < frame.solidCount; i++) {
    const solid = changetype<Solid>(frame.solids[i]);
    for (let row = max(fromRow, solid.top); row < min(toRow, solid.bottom + 1); row++) {
      for (let p = row * width + solid.left; p <= row * width + solid.right; p++) {
        if (depth[p] >= BACKGROUND_DEPTH) continue;
        unproject(shot, geometry, geometry.world, p);
        const rounding = DEPTH_ROUNDING * reachAt(geometry.lens, depth[p]);
        let found = solid.owner;
        let below: f64;
        if (solid.character < 0) {
          below = depthInBox(solid);
          if (below > rounding) continue;
        } else {
          found += nearestBone(frame, solid.character);
          below = nearestDistance;
          if (below > solid.numbers[0] + rounding) continue;
        }
        if (below >= best[p]) continue;
        best[p] = below;
        owner[p] = found;
      }
    }
  }
}

/** How far the point that was placed lies outside of a box, metres along the axis where that is most; below zero inside. */
function depthInBox(solid: Solid): f64 {
  let most: f64 = -Infinity;
  for (let axis = 0; axis < 3; axis++) {
    const o = axis * BOX_NUMBERS;
    const numbers = solid.numbers;
    const local = numbers[o] * placeX + numbers[o + 1] * placeY + numbers[o + 2] * placeZ + numbers[o + 3];
    most = max(most, (Math.abs(local - numbers[o + 4]) - numbers[o + 5]) * numbers[o + 6]);
  }
  return most;
}

/** How near the bone is that `nearestBone` found, in metres below or above its skin. */
let nearestDistance: f64 = 0;

/** Bone of a character whose capsule is nearest to the point that was placed. */
function nearestBone(frame: Frame, character: i32): i32 {
  const end = frame.firstCapsule[character + 1];
  let bone = 0;
  nearestDistance = Infinity;
  for (let i = frame.firstCapsule[character]; i < end; i++) {
    const distance = capsuleDistance(frame.capsules, i, placeX, placeY, placeZ);
    if (distance >= nearestDistance) continue;
    nearestDistance = distance;
    bone = frame.capsuleBones[i];
  }
  return bone;
}

/** Signed distance in metres from a point to a capsule: below zero inside. */
function capsuleDistance(capsules: F32s, index: i32, x: f64, y: f64, z: f64): f64 {
  const o = index * CAPSULE_NUMBERS;
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
