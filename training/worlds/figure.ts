import { mat4, quat, vec3 } from "gl-matrix";
import type { Pose } from "playblast/scene/engine-frame";
import type { Character } from "playblast/scene/scene";
import { type BodyStyle, makeBody, type Skin } from "./body.js";
import { clothMaterial, type Material, plainMaterial, randomColour } from "./material.js";
import { type Manner, type Motion, move, speedOf } from "./motion.js";
import type { Way } from "./path.js";
import type { Random } from "./random.js";
import { BONE, type Build, makeBones, randomBuild } from "./skeleton.js";

/** A figure with its build, clothes and motion. */
export interface Figure {
  readonly character: Character;
  readonly build: Build;
  readonly skin: Skin;
  readonly manner: Manner;
  readonly way: Way;
}

/** What sets one figure apart from the next. */
export interface FigureOptions {
  readonly id: string;
  /** Its id, or the first of its bones' ids, in owner-id planes. */
  readonly ownerId: number;
  readonly perBone: boolean;
  readonly motion: Motion;
  readonly way: Way;
}

/** Makes a figure; its materials are added to `materials`. */
export function makeFigure(random: Random, materials: Material[], options: FigureOptions): Figure {
  const { id, ownerId, perBone, motion, way } = options;
  const build = randomBuild(random);
  const style: BodyStyle = random.chance(0.6) ? "skinned" : random.chance(0.5) ? "capsules" : "blocks";
  const add = (material: Material): number => materials.push(material) - 1;
  const tone = random.unit();
  const skinColour = random.chance(0.2)
    ? randomColour(random, false)
    : ([0.12 + 0.55 * tone, 0.06 + 0.38 * tone, 0.035 + 0.27 * tone] as const);
  const skin = add(plainMaterial(random, skinColour));
  const dark = random.range(0.01, 0.08);
  const face = add({
    ...plainMaterial(random, skinColour),
    pattern: "face",
    b: [dark, dark * 0.8, dark * 0.8],
    frequency: 1 / (0.062 * build.height * build.head),
    turn: [1, 0],
    shift: [0, 0],
  });
  const hair = add(plainMaterial(random, randomColour(random, random.chance(0.6))));
  const shirt = add(clothMaterial(random));
  const trousers = random.chance(0.15) ? shirt : add(clothMaterial(random));
  const shoes = add(plainMaterial(random, randomColour(random, true)));
  const bones = makeBones(build);
  return {
    character: { id, bones, ownerId, ownerIdPerBone: perBone },
    build,
    skin: makeBody(random, build, style, {
      skin,
      face,
      hair,
      shirt,
      trousers,
      shoes,
      sleeves: random.chance(0.6) ? shirt : skin,
      shins: random.chance(0.7) ? trousers : skin,
    }),
    manner: {
      motion,
      pace: random.range(0.75, 1.2),
      phase: random.range(0, 2 * Math.PI),
      swing: random.range(0.75, 1.15),
      side: random.chance(0.5) ? 1 : -1,
      release: random.range(0.6, 1.6),
    },
    way,
  };
}

/** Joints of a figure at a time in seconds, feet on the ground. */
export function poseAt(figure: Figure, time: number): Pose {
  const { manner, build, character, way } = figure;
  const local = character.bones.map(() => quat.create());
  const bend = (bone: number, pitch: number, yaw = 0, roll = 0) => {
    const q = local[bone];
    if (yaw) quat.rotateY(q, q, yaw);
    if (roll) quat.rotateZ(q, q, roll);
    if (pitch) quat.rotateX(q, q, pitch);
  };
  const { yaw, lift } = move(manner, time, bend);
  const footing = way(speedOf(manner, build.height) * time);
  const positions = new Float32Array(character.bones.length * 3);
  const rotations = new Float32Array(character.bones.length * 4);
  const turned: quat[] = [];
  const placed: vec3[] = [];
  const root = quat.setAxisAngle(quat.create(), [0, 1, 0], footing.heading + yaw);
  character.bones.forEach((bone, i) => {
    const base = bone.parent < 0 ? root : turned[bone.parent];
    const from: vec3 = bone.parent < 0 ? [footing.x, 0, footing.z] : placed[bone.parent];
    placed.push(vec3.add(vec3.create(), from, vec3.transformQuat(vec3.create(), bone.restPosition, base)));
    turned.push(quat.multiply(quat.create(), base, local[i]));
  });
  // The lower foot stands on the ground: heel and ball of both are tried at their heights in the rest pose.
  let sunk = Infinity;
  for (const joint of [BONE.leftFoot, BONE.leftToes, BONE.rightFoot, BONE.rightToes])
    sunk = Math.min(sunk, placed[joint][1] - figure.skin.joints[joint][1]);
  const rise = lift * build.height - sunk;
  placed.forEach((place, i) => {
    positions.set([place[0], place[1] + rise, place[2]], i * 3);
    rotations.set(turned[i], i * 4);
  });
  return { positions, rotations };
}

/** World matrix of a bone in a pose. */
export function boneMatrix(pose: Pose, bone: number): mat4 {
  const [x, y, z, w] = pose.rotations.subarray(bone * 4, bone * 4 + 4);
  const [px, py, pz] = pose.positions.subarray(bone * 3, bone * 3 + 3);
  return mat4.fromRotationTranslation(mat4.create(), [x, y, z, w], [px, py, pz]);
}
