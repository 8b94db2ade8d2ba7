import type { Pose } from "../scene/engine-frame.js";
import type { Character } from "../scene/scene.js";
import { CAPSULE_NUMBERS } from "./record-sizes.js";

/** The capsules around a posed skeleton, as flat arrays. */
export interface Capsules {
  readonly count: number;
  /** [N, CAPSULE_NUMBERS]: start xyz, start-to-end xyz, 1 / squared length (0 for a point), radius in metres. */
  readonly data: Float32Array;
  /** Bone that each capsule moves with. */
  readonly bone: Int32Array;
}

/** Radius as a share of the character's height, by the part of the body; anatomical averages, clothes included. */
const RADIUS_OF_HEIGHT: readonly (readonly [RegExp, number])[] = [
  [/head/i, 0.065],
  [/neck/i, 0.04],
  [/hips|pelvis|spine|chest/i, 0.085],
  [/upper_?leg|thigh|upleg/i, 0.05],
  [/lower_?leg|shin|calf|leg/i, 0.035],
  [/foot|toe/i, 0.035],
  [/shoulder|clavicle/i, 0.045],
  [/arm/i, 0.03],
  [/hand/i, 0.03],
];
const OTHER_RADIUS = 0.02;
/** A bone without children reaches on beyond its joint by this share of its parent's length. */
const LEAF_REACH = 0.6;

/** Metres taken for the height of a character whose joints lie in one place, which says nothing of its size. */
const UNKNOWN_HEIGHT = 0.2;
/** Squared lengths in m² below this have no inverse in single precision: the capsule is a ball. */
const LEAST_SQUARED_LENGTH = 1e-30;

/** Height in metres of a character in its rest pose: the spread of its joints along the longest axis. */
export function restHeight(character: Character): number {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  const places: [number, number, number][] = [];
  for (const bone of character.bones) {
    // Offsets are summed without rotations: only the rough size matters here.
    const base = bone.parent < 0 ? [0, 0, 0] : places[bone.parent];
    const place: [number, number, number] = [
      base[0] + bone.restPosition[0],
      base[1] + bone.restPosition[1],
      base[2] + bone.restPosition[2],
    ];
    places.push(place);
    for (let axis = 0; axis < 3; axis++) {
      low[axis] = Math.min(low[axis], place[axis]);
      high[axis] = Math.max(high[axis], place[axis]);
    }
  }
  const spread = Math.max(high[0] - low[0], high[1] - low[1], high[2] - low[2]);
  return spread > 0 ? spread : UNKNOWN_HEIGHT;
}

/** Radius in metres around each bone: as told, or from the bone's name and the character's height. */
export function boneRadii(character: Character): Float32Array {
  const height = restHeight(character);
  return Float32Array.from(character.bones, (bone) => {
    if (bone.radius > 0) return bone.radius;
    const name = bone.humanoid || bone.name;
    return height * (RADIUS_OF_HEIGHT.find(([pattern]) => pattern.test(name))?.[1] ?? OTHER_RADIUS);
  });
}

/**
 * Capsules of a pose: one from every joint to each of its children, moving with the joint's bone, and one reaching on
 * from every leaf.
 */
export function poseCapsules(character: Character, radii: Float32Array, pose: Pose): Capsules {
  const bones = character.bones;
  const hasChild = new Uint8Array(bones.length);
  for (const bone of bones) if (bone.parent >= 0) hasChild[bone.parent] = 1;
  const data = new Float32Array(bones.length * 2 * CAPSULE_NUMBERS);
  const owner = new Int32Array(bones.length * 2);
  let count = 0;
  const p = pose.positions;
  const add = (bone: number, from: number, dx: number, dy: number, dz: number) => {
    const squared = dx * dx + dy * dy + dz * dz;
    data.set(
      [
        p[from * 3],
        p[from * 3 + 1],
        p[from * 3 + 2],
        dx,
        dy,
        dz,
        squared > LEAST_SQUARED_LENGTH ? 1 / squared : 0,
        radii[bone],
      ],
      count * CAPSULE_NUMBERS,
    );
    owner[count++] = bone;
  };
  bones.forEach((bone, index) => {
    const above = bone.parent;
    if (above < 0) {
      if (!hasChild[index]) add(index, index, 0, 0, 0);
      return;
    }
    const dx = p[index * 3] - p[above * 3];
    const dy = p[index * 3 + 1] - p[above * 3 + 1];
    const dz = p[index * 3 + 2] - p[above * 3 + 2];
    add(above, above, dx, dy, dz);
    if (!hasChild[index]) add(index, index, dx * LEAF_REACH, dy * LEAF_REACH, dz * LEAF_REACH);
  });
  return { count, data, bone: owner };
}
