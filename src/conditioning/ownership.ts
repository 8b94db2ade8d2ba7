import { mat4 } from "gl-matrix";
import { depthReach, type Intrinsics, intrinsicsOf } from "../scene/camera.js";
import { BACKGROUND_DEPTH, type EngineFrame } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import type { Scene } from "../scene/scene.js";
import { boneRadii, type Capsules, capsuleDistance, poseCapsules, restHeight } from "./capsules.js";
import type { FrameGeometry } from "./geometry.js";
import { type OwnerTable, type OwnerTransforms, WORLD } from "./owners.js";

/** What is in a box may stand out of it by this share of half its side and of half its diagonal, which thin boxes need. */
const BOX_MARGIN_SHARE = 0.02;
/** Skin and clothes stand out of a capsule by up to this share of the character's height: 6 cm of 1.7 m. */
const CAPSULE_MARGIN_SHARE = 0.035;
/** Depth planes are rounded by up to this share of the depth (half floats), of an orthographic view's height. */
const DEPTH_ROUNDING = 1 / 1024;

/** What ownership needs of a scene, made once a shot. */
export interface OwnershipSetup {
  readonly scene: Scene;
  readonly table: OwnerTable;
  /** Radius of every bone, by character. */
  readonly radii: readonly Float32Array[];
  /** Metres by which each character may stand out of its capsules. */
  readonly capsuleMargins: readonly number[];
  /** Owner of each id of an owner-id plane; -1 - c where the nearest bone of character c must be found. */
  readonly ownerOfId: Int32Array;
}

/** Prepares ownership for a scene. */
export function makeOwnershipSetup(scene: Scene, table: OwnerTable): OwnershipSetup {
  const ownerOfId = new Int32Array(1 << 16);
  // Without an id of its own a thing is not in id planes, and 0 stays the static world's.
  scene.objects.forEach((object, index) => {
    if (object.ownerId !== 0) ownerOfId[object.ownerId] = table.objectOwner[index];
  });
  scene.characters.forEach((character, index) => {
    if (character.ownerId === 0) return;
    if (!character.ownerIdPerBone) ownerOfId[character.ownerId] = -1 - index;
    else
      character.bones.forEach((_, bone) => {
        ownerOfId[character.ownerId + bone] = table.firstBoneOwner[index] + bone;
      });
  });
  const capsuleMargins = scene.characters.map((character) => CAPSULE_MARGIN_SHARE * restHeight(character));
  return { scene, table, radii: scene.characters.map(boneRadii), capsuleMargins, ownerOfId };
}

/** The capsules of a frame's characters, undefined where the frame does not tell a pose. */
export function frameCapsules(setup: OwnershipSetup, frame: EngineFrame): readonly (Capsules | undefined)[] {
  return setup.scene.characters.map((character, index) => {
    const pose = frame.poses[index];
    return pose && poseCapsules(character, setup.radii[index], pose);
  });
}

/**
 * Owner of every pixel of a frame without an owner-id plane, [H, W], into `map`: the point under the pixel is tested against object boxes (in object
 * space) and bone capsules. Skin belongs to the nearest bone. A frame without depth belongs to the world. (With a plane, which
 * wins, `kernels/owners.ts` reads it.)
 */
export function writeOwnersByGeometry(
  setup: OwnershipSetup,
  frame: EngineFrame,
  geometry: FrameGeometry,
  capsules: readonly (Capsules | undefined)[],
  map: Uint16Array,
): void {
  map.fill(WORLD);
  if (!frame.depth) return;
  const { width, height, depth, intrinsics, transforms } = geometry;
  const size = { width, height };
  const points = new PointUnderPixel(intrinsics, frame.camera.world, depth, size);
  ownersFromGeometry(setup, frame, capsules, points, transforms, map);
}

/** World position of the surface under a pixel. */
class PointUnderPixel {
  x = 0;
  y = 0;
  z = 0;
  /** Metres by which the point may be off along the ray, since depth was rounded. */
  rounding = 0;
  readonly #intrinsics: Intrinsics;
  readonly #world: mat4;
  readonly #depth: Float32Array;
  readonly #size: FrameSize;

  constructor(intrinsics: Intrinsics, world: mat4, depth: Float32Array, size: FrameSize) {
    this.#intrinsics = intrinsics;
    this.#world = world;
    this.#depth = depth;
    this.#size = size;
  }

  /** Moves to a pixel; false where there is no surface. */
  moveTo(column: number, row: number): boolean {
    const depth = this.#depth[row * this.#size.width + column];
    if (depth >= BACKGROUND_DEPTH) return false;
    this.rounding = DEPTH_ROUNDING * depthReach(this.#intrinsics, depth);
    const { fx, fy, cx, cy, orthographic } = this.#intrinsics;
    const k = orthographic ? 1 : depth;
    const vx = ((column + 0.5 - cx) / fx) * k;
    const vy = (-(row + 0.5 - cy) / fy) * k;
    const m = this.#world;
    this.x = m[0] * vx + m[4] * vy - m[8] * depth + m[12];
    this.y = m[1] * vx + m[5] * vy - m[9] * depth + m[13];
    this.z = m[2] * vx + m[6] * vy - m[10] * depth + m[14];
    return true;
  }

  get width(): number {
    return this.#size.width;
  }

  get height(): number {
    return this.#size.height;
  }
}

/** Bone whose capsule is nearest, and how near, in metres below or above its skin. */
function nearestBone(capsules: Capsules, point: PointUnderPixel): { bone: number; distance: number } {
  let bone = 0;
  let distance = Infinity;
  for (let i = 0; i < capsules.count; i++) {
    const d = capsuleDistance(capsules, i, point.x, point.y, point.z);
    if (d < distance) {
      distance = d;
      bone = capsules.bone[i];
    }
  }
  return { bone, distance };
}

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

function ownersFromGeometry(
  setup: OwnershipSetup,
  frame: EngineFrame,
  capsules: readonly (Capsules | undefined)[],
  point: PointUnderPixel,
  transforms: OwnerTransforms,
  map: Uint16Array,
): void {
  const size = { width: point.width, height: point.height };
  const intrinsics = intrinsicsOf(frame.camera.projection, size);
  const view = mat4.invert(mat4.create(), frame.camera.world);
  if (!view) return;
  /** How deep below its owner's skin a pixel lies so far: the deepest wins where owners touch. */
  const best = new Float32Array(map.length).fill(Infinity);
  const visit = (area: ScreenRectangle, claim: (pixel: number) => void) => {
    for (let row = area.top; row <= area.bottom; row++) {
      for (let column = area.left; column <= area.right; column++) {
        if (point.moveTo(column, row)) claim(row * size.width + column);
      }
    }
  };
  setup.scene.objects.forEach((object, index) => {
    const owner = setup.table.objectOwner[index];
    if (!transforms.present[owner]) return;
    const toWorld = transforms.matrices.subarray(owner * 16, owner * 16 + 16) as unknown as mat4;
    const toLocal = mat4.invert(mat4.create(), toWorld);
    if (!toLocal) return;
    const scale = mat4.getScaling([0, 0, 0], toWorld);
    const half = [0, 1, 2].map((axis) => (object.max[axis] - object.min[axis]) / 2);
    const middle = [0, 1, 2].map((axis) => (object.max[axis] + object.min[axis]) / 2);
    const diagonal = Math.hypot(...half.map((h, axis) => h * scale[axis]));
    const margin = half.map((h, axis) => h + BOX_MARGIN_SHARE * (h + diagonal / scale[axis]));
    const reach = Math.hypot(...margin.map((m, axis) => m * scale[axis]));
    const m = toWorld;
    const centre = [0, 1, 2].map(
      (row) => m[row] * middle[0] + m[4 + row] * middle[1] + m[8 + row] * middle[2] + m[12 + row],
    ) as [number, number, number];
    visit(rectangleOfBall(view, intrinsics, size, centre, reach), (pixel) => {
      let outside = -Infinity;
      for (let axis = 0; axis < 3; axis++) {
        const local =
          toLocal[axis] * point.x + toLocal[4 + axis] * point.y + toLocal[8 + axis] * point.z + toLocal[12 + axis];
        const beyond = (Math.abs(local - middle[axis]) - margin[axis]) * scale[axis];
        if (beyond > point.rounding) return;
        outside = Math.max(outside, beyond);
      }
      if (outside < best[pixel]) {
        best[pixel] = outside;
        map[pixel] = owner;
      }
    });
  });
  setup.scene.characters.forEach((character, index) => {
    const skeleton = capsules[index];
    const pose = frame.poses[index];
    if (!skeleton || !pose) return;
    const low = [Infinity, Infinity, Infinity];
    const high = [-Infinity, -Infinity, -Infinity];
    for (let i = 0; i < character.bones.length * 3; i++) {
      low[i % 3] = Math.min(low[i % 3], pose.positions[i]);
      high[i % 3] = Math.max(high[i % 3], pose.positions[i]);
    }
    const centre = [0, 1, 2].map((axis) => (low[axis] + high[axis]) / 2) as [number, number, number];
    const most = setup.capsuleMargins[index];
    const widest = Math.max(...setup.radii[index]) * 2 + most;
    const reach = Math.hypot(high[0] - low[0], high[1] - low[1], high[2] - low[2]) / 2 + widest;
    visit(rectangleOfBall(view, intrinsics, size, centre, reach), (pixel) => {
      const { bone, distance } = nearestBone(skeleton, point);
      if (distance > most + point.rounding || distance >= best[pixel]) return;
      best[pixel] = distance;
      map[pixel] = setup.table.firstBoneOwner[index] + bone;
    });
  });
}
