import { mat4 } from "gl-matrix";
import type { Intrinsics } from "../scene/camera.js";
import type { EngineFrame } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import type { Capsules } from "./capsules.js";
import type { FrameGeometry } from "./geometry.js";
import type { OwnershipSetup } from "./ownership.js";
import { BOX_NUMBERS } from "./record-sizes.js";

/** What is in a box may stand out of it by this share of half its side and of half its diagonal, which thin boxes need. */
const BOX_MARGIN_SHARE = 0.02;
/** Numbers of a solid at most: those of a box. */
export const SOLID_NUMBERS = 3 * BOX_NUMBERS;

/** A thing that pixels may belong to, and where it may be seen. */
export interface OwnerSolid {
  /** Owner of the object, or of the character's bone 0. */
  readonly owner: number;
  /** -1 for an object. */
  readonly character: number;
  readonly area: ScreenRectangle;
  /**
   * Of an object for each axis: the row of its world-to-local matrix [4], middle and half side with its margin in local units, and metres a local
   * unit. Of a character metres by which it may stand out of its capsules.
   */
  readonly numbers: readonly number[];
}

/** The boxes of objects and the capsules of characters in which a frame's pixels are looked for where no owner-id plane tells. */
export function ownerSolids(
  setup: OwnershipSetup,
  frame: EngineFrame,
  { width, height, intrinsics, view, transforms }: FrameGeometry,
  capsules: readonly (Capsules | undefined)[],
): OwnerSolid[] {
  const size = { width, height };
  const { scene, table } = setup;
  const boxes = scene.objects.flatMap((object, index): OwnerSolid[] => {
    const owner = table.objectOwner[index];
    if (!transforms.present[owner]) return [];
    const m = transforms.matrices.subarray(owner * 16, owner * 16 + 16) as unknown as mat4;
    const toLocal = mat4.invert(mat4.create(), m);
    if (!toLocal) return [];
    const scale = mat4.getScaling([0, 0, 0], m);
    const half = [0, 1, 2].map((axis) => (object.max[axis] - object.min[axis]) / 2);
    const middle = [0, 1, 2].map((axis) => (object.max[axis] + object.min[axis]) / 2);
    const diagonal = Math.hypot(...half.map((h, axis) => h * scale[axis]));
    const margin = half.map((h, axis) => h + BOX_MARGIN_SHARE * (h + diagonal / scale[axis]));
    const reach = Math.hypot(...margin.map((metres, axis) => metres * scale[axis]));
    const centre = [0, 1, 2].map(
      (row) => m[row] * middle[0] + m[4 + row] * middle[1] + m[8 + row] * middle[2] + m[12 + row],
    ) as [number, number, number];
    const numbers = [0, 1, 2].flatMap((axis) => [
      toLocal[axis],
      toLocal[4 + axis],
      toLocal[8 + axis],
      toLocal[12 + axis],
      middle[axis],
      margin[axis],
      scale[axis],
    ]);
    return [{ owner, character: -1, area: rectangleOfBall(view, intrinsics, size, centre, reach), numbers }];
  });
  const skeletons = scene.characters.flatMap((character, index): OwnerSolid[] => {
    const pose = frame.poses[index];
    if (!capsules[index] || !pose) return [];
    const low = [Infinity, Infinity, Infinity];
    const high = [-Infinity, -Infinity, -Infinity];
    for (let i = 0; i < character.bones.length * 3; i++) {
      low[i % 3] = Math.min(low[i % 3], pose.positions[i]);
      high[i % 3] = Math.max(high[i % 3], pose.positions[i]);
    }
    const centre = [0, 1, 2].map((axis) => (low[axis] + high[axis]) / 2) as [number, number, number];
    const margin = setup.capsuleMargins[index];
    const widest = Math.max(...setup.radii[index]) * 2 + margin;
    const reach = Math.hypot(high[0] - low[0], high[1] - low[1], high[2] - low[2]) / 2 + widest;
    const area = rectangleOfBall(view, intrinsics, size, centre, reach);
    return [{ owner: table.firstBoneOwner[index], character: index, area, numbers: [margin] }];
  });
  return [...boxes, ...skeletons];
}

/** Pixels, both ends included. */
interface ScreenRectangle {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Where a ball may be seen; the whole picture when it reaches behind the camera. */
function rectangleOfBall(
  view: mat4,
  intrinsics: Intrinsics,
  size: FrameSize,
  centre: readonly [number, number, number],
  radius: number,
): ScreenRectangle {
  const [x, y, z] = centre;
  const vx = view[0] * x + view[4] * y + view[8] * z + view[12];
  const vy = view[1] * x + view[5] * y + view[9] * z + view[13];
  const near = -(view[2] * x + view[6] * y + view[10] * z + view[14]) - radius;
  if (!intrinsics.orthographic && near <= radius * 0.1)
    return { left: 0, right: size.width - 1, top: 0, bottom: size.height - 1 };
  const w = intrinsics.orthographic ? 1 : near;
  // Around the axis a nearer plane spreads further out, away from it a farther plane reaches further in: take both.
  const far = intrinsics.orthographic ? 1 : near + 2 * radius;
  const span = (value: number, focal: number, principal: number, limit: number): [number, number] => {
    const ends = [(value - radius) / w, (value - radius) / far, (value + radius) / w, (value + radius) / far].map(
      (slope) => principal + focal * slope,
    );
    return [Math.max(0, Math.floor(Math.min(...ends))), Math.min(limit - 1, Math.ceil(Math.max(...ends)))];
  };
  const [left, right] = span(vx, intrinsics.fx, intrinsics.cx, size.width);
  const [top, bottom] = span(-vy, intrinsics.fy, intrinsics.cy, size.height);
  return { left, right, top, bottom };
}
