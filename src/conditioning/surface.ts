import { depthReach } from "../scene/camera.js";
import { BACKGROUND_DEPTH } from "../scene/engine-frame.js";
import type { FrameGeometry } from "./geometry.js";
import type { OwnerTable } from "./owners.js";

/** Neighbours further apart than this share of the nearer one's depth (of an orthographic view's height) lie on two surfaces; a floor near the horizon stays one. */
export const SURFACE_JUMP = 0.05;
/** Inverse depth is linear across a plane (depth, where the view is orthographic). A bend of more than this share of it in one pixel is a crease. */
const CREASE = 0.005;

/** The eight neighbours of a pixel. Straight ones come first, which approximates Euclidean distance. */
export const NEIGHBOUR_COLUMNS = [-1, 1, 0, 0, -1, 1, -1, 1];
export const NEIGHBOUR_ROWS = [0, 0, -1, 1, -1, -1, 1, 1];

/** Whether the surface of pixel q goes on at its neighbour p: no jump in depth, and no crease with the pixel behind q. */
export function isOneSurface({ depth, width, intrinsics }: FrameGeometry, p: number, q: number): boolean {
  const here = depth[p];
  const there = depth[q];
  if (!(Math.abs(here - there) <= SURFACE_JUMP * depthReach(intrinsics, Math.min(here, there)))) return false;
  const r = 2 * q - p;
  const behind = depth[r];
  if (here >= BACKGROUND_DEPTH || behind === undefined || Math.abs((r % width) - (q % width)) > 1) return true;
  // Behind q another surface may begin, which says nothing about this one.
  if (!(Math.abs(behind - there) <= SURFACE_JUMP * depthReach(intrinsics, Math.min(behind, there)))) return true;
  if (intrinsics.orthographic) return Math.abs(here - 2 * there + behind) <= CREASE * intrinsics.viewHeight;
  return Math.abs(1 / here - 2 / there + 1 / behind) * there <= CREASE;
}

/** The owner of every pixel and the group of every owner, with the background as one owner more. */
export function ownersWithBackground(
  table: OwnerTable,
  { owner, depth }: FrameGeometry,
): { owner: Uint16Array; group: Int32Array } {
  const background = table.group.length;
  const group = new Int32Array(background + 1);
  group.set(table.group);
  group[background] = background;
  const all = owner.slice();
  for (let p = 0; p < all.length; p++) if (depth[p] >= BACKGROUND_DEPTH) all[p] = background;
  return { owner: all, group };
}
