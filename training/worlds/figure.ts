import { mat4, quat, vec3 } from "gl-matrix";
import type { Pose } from "playblast/scene/engine-frame";
import type { Bone, Character } from "playblast/scene/scene";
import { type Material, randomColour, randomMaterial } from "./material.js";
import type { Random } from "./random.js";
import type { Solid } from "./solid.js";

/** Bones of a figure: name, parent, rest offset in a body one unit tall (Y up, facing +Z). */
const BODY: readonly (readonly [string, number, vec3])[] = [
  ["Hips", -1, [0, 0.53, 0]],
  ["Spine", 0, [0, 0.08, 0]],
  ["Chest", 1, [0, 0.11, 0]],
  ["Neck", 2, [0, 0.12, 0]],
  ["Head", 3, [0, 0.04, 0]],
  ["LeftUpperArm", 2, [0.105, 0.09, 0]],
  ["LeftLowerArm", 5, [0, -0.16, 0]],
  ["LeftHand", 6, [0, -0.14, 0]],
  ["RightUpperArm", 2, [-0.105, 0.09, 0]],
  ["RightLowerArm", 8, [0, -0.16, 0]],
  ["RightHand", 9, [0, -0.14, 0]],
  ["LeftUpperLeg", 0, [0.055, -0.02, 0]],
  ["LeftLowerLeg", 11, [0, -0.245, 0]],
  ["LeftFoot", 12, [0, -0.235, 0]],
  ["RightUpperLeg", 0, [-0.055, -0.02, 0]],
  ["RightLowerLeg", 14, [0, -0.245, 0]],
  ["RightFoot", 15, [0, -0.235, 0]],
];

/** Flesh of a bone: centre and half extents in bone space, in heights. */
const FLESH: readonly (readonly [vec3, readonly [number, number, number]])[] = [
  [
    [0, 0.01, 0],
    [0.09, 0.075, 0.065],
  ],
  [
    [0, 0.05, 0],
    [0.08, 0.085, 0.058],
  ],
  [
    [0, 0.05, 0],
    [0.105, 0.1, 0.065],
  ],
  [
    [0, 0.015, 0],
    [0.03, 0.05, 0.03],
  ],
  [
    [0, 0.065, 0.005],
    [0.055, 0.075, 0.062],
  ],
  [
    [0, -0.075, 0],
    [0.034, 0.1, 0.034],
  ],
  [
    [0, -0.065, 0],
    [0.028, 0.09, 0.028],
  ],
  [
    [0, -0.035, 0],
    [0.022, 0.05, 0.03],
  ],
  [
    [0, -0.075, 0],
    [0.034, 0.1, 0.034],
  ],
  [
    [0, -0.065, 0],
    [0.028, 0.09, 0.028],
  ],
  [
    [0, -0.035, 0],
    [0.022, 0.05, 0.03],
  ],
  [
    [0, -0.115, 0],
    [0.052, 0.15, 0.055],
  ],
  [
    [0, -0.11, 0],
    [0.038, 0.145, 0.042],
  ],
  [
    [0, -0.012, 0.04],
    [0.035, 0.03, 0.075],
  ],
  [
    [0, -0.115, 0],
    [0.052, 0.15, 0.055],
  ],
  [
    [0, -0.11, 0],
    [0.038, 0.145, 0.042],
  ],
  [
    [0, -0.012, 0.04],
    [0.035, 0.03, 0.075],
  ],
];

export const MOTIONS = ["walk", "run", "turn", "wave", "sit", "dance", "idle"] as const;
/** Only in held-out worlds. */
export const HELD_OUT_MOTIONS = ["spin kick"] as const;
export type Motion = (typeof MOTIONS)[number] | (typeof HELD_OUT_MOTIONS)[number];

/** A figure with its build, clothes and motion. */
export interface Figure {
  readonly character: Character;
  readonly height: number;
  readonly motion: Motion;
  readonly pace: number;
  readonly phase: number;
  readonly start: vec3;
  /** Radians around Y; 0 walks towards +Z. */
  readonly heading: number;
  readonly materials: readonly Material[];
  readonly girth: number;
}

/** Makes a figure; `ownerId` is its id (or the first of its bones' ids) in owner-id planes. */
export function makeFigure(
  random: Random,
  id: string,
  ownerId: number,
  perBone: boolean,
  motion: Motion,
  start: vec3,
): Figure {
  const height = random.range(1.2, 2);
  const legs = random.range(0.92, 1.08);
  const girth = random.range(0.85, 1.35);
  const bones: Bone[] = BODY.map(([name, parent, offset], index) => ({
    name,
    humanoid: name,
    parent,
    restPosition: vec3.scale(vec3.create(), offset, height * (index > 10 ? legs : 1)),
    restRotation: quat.create(),
    radius: Math.max(FLESH[index][1][0], 0.02) * height * girth,
  }));
  const skin = plainMaterial(random, [random.range(0.2, 0.75), random.range(0.13, 0.5), random.range(0.08, 0.35)]);
  const shirt = clothes(random);
  const trousers = clothes(random);
  const hair = plainMaterial(random, randomColour(random, true));
  const shoes = plainMaterial(random, randomColour(random, true));
  const sleeves = random.chance(0.5) ? shirt : skin;
  const by = (name: string): Material => {
    if (/Foot/.test(name)) return shoes;
    if (/Leg|Hips/.test(name)) return trousers;
    if (/Hand|Neck|Head/.test(name)) return /Head/.test(name) && random.chance(0.15) ? hair : skin;
    return /LowerArm/.test(name) ? sleeves : shirt;
  };
  return {
    character: { id, bones, ownerId, ownerIdPerBone: perBone },
    height,
    motion,
    pace: random.range(0.8, 1.25),
    phase: random.range(0, 6.28),
    start,
    heading: random.range(0, 6.28),
    materials: bones.map((bone) => by(bone.name)),
    girth,
  };
}

function plainMaterial(random: Random, colour: readonly [number, number, number]): Material {
  return { ...randomMaterial(random, true), pattern: "plain", a: colour, b: colour, gloss: 0 };
}

function clothes(random: Random): Material {
  const material = randomMaterial(random, false);
  return { ...material, frequency: random.range(4, 9), pattern: random.chance(0.5) ? "plain" : material.pattern };
}

/** Joints of a figure at a time in seconds. */
export function poseAt(figure: Figure, time: number): Pose {
  const { height, motion, pace, phase, heading } = figure;
  const moves = motion === "walk" || motion === "run" || motion === "turn";
  const speed = moves ? (motion === "run" ? 2.6 : 1.2) * pace * (height / 1.75) : 0;
  const cycle = phase + time * (motion === "run" ? 8.5 : 5.6) * pace;
  const turning = motion === "turn" ? 0.7 : 0;
  const angle = heading + turning * time + (motion === "spin kick" ? 5 * Math.max(0, Math.sin(cycle * 0.35)) : 0);
  // A turning walker goes around a circle; the others go straight.
  const x = turning ? (speed / turning) * (Math.cos(heading) - Math.cos(angle)) : speed * time * Math.sin(heading);
  const z = turning ? (speed / turning) * (Math.sin(angle) - Math.sin(heading)) : speed * time * Math.cos(heading);
  const swing = Math.sin(cycle);
  const amount = motion === "run" ? 0.85 : moves ? 0.5 : 0;
  const local = BODY.map(() => quat.create());
  const bend = (bone: number, pitch: number, yaw = 0, roll = 0) => {
    quat.rotateY(local[bone], local[bone], yaw);
    quat.rotateX(local[bone], local[bone], pitch);
    quat.rotateZ(local[bone], local[bone], roll);
  };
  let lift = 0;
  bend(5, -amount * swing, 0, 0.08);
  bend(8, amount * swing, 0, -0.08);
  bend(6, motion === "run" ? -1.2 : -0.25 * (moves ? 1 : 0.4));
  bend(9, motion === "run" ? -1.2 : -0.25 * (moves ? 1 : 0.4));
  bend(11, amount * swing);
  bend(14, -amount * swing);
  bend(12, amount * 0.6 * (1 - Math.cos(cycle + 0.9)));
  bend(15, amount * 0.6 * (1 + Math.cos(cycle + 0.9)));
  bend(1, motion === "run" ? 0.2 : 0.03, 0.1 * swing * (moves ? 1 : 0));
  if (moves) lift = -0.018 * height * (1 - Math.cos(2 * cycle)) * amount;
  if (motion === "wave") {
    bend(8, 0, 0, -2.4);
    bend(9, 0, 0, -0.5 + 0.5 * Math.sin(cycle * 1.4));
    bend(4, 0, 0.3 * Math.sin(cycle * 0.4));
  } else if (motion === "sit") {
    const down = Math.min(1, Math.max(0, 0.5 + Math.sin(time * 0.9 + phase)));
    bend(11, -1.5 * down);
    bend(14, -1.5 * down);
    bend(12, 1.5 * down);
    bend(15, 1.5 * down);
    bend(1, 0.25 * down);
    lift = -0.23 * height * down;
  } else if (motion === "dance") {
    bend(5, -0.6, 0, 1 + 0.8 * Math.sin(cycle));
    bend(8, -0.6, 0, -1 + 0.8 * Math.sin(cycle + 1));
    bend(0, 0, 0.5 * Math.sin(cycle * 0.5), 0.12 * Math.sin(cycle));
    bend(11, -0.35 * Math.max(0, swing));
    bend(14, -0.35 * Math.max(0, -swing));
    bend(12, 0.7 * Math.max(0, swing));
    bend(15, 0.7 * Math.max(0, -swing));
    lift = 0.02 * height * Math.abs(swing);
  } else if (motion === "spin kick") {
    bend(11, -1.4 * Math.max(0, Math.sin(cycle * 0.7)), 0, 0.4);
    bend(5, 0, 0, 1.2);
    bend(8, 0, 0, -1.2);
  } else if (motion === "idle") {
    bend(2, 0.03 * Math.sin(cycle * 0.3), 0.12 * Math.sin(cycle * 0.13));
    bend(4, 0, 0.5 * Math.sin(cycle * 0.17));
  }
  const count = BODY.length;
  const positions = new Float32Array(count * 3);
  const rotations = new Float32Array(count * 4);
  const turned: quat[] = [];
  const placed: vec3[] = [];
  const root = quat.setAxisAngle(quat.create(), [0, 1, 0], angle);
  for (let i = 0; i < count; i++) {
    const bone = figure.character.bones[i];
    const above = bone.parent;
    const base = above < 0 ? root : turned[above];
    const from: vec3 = above < 0 ? [figure.start[0] + x, figure.start[1] + lift, figure.start[2] + z] : placed[above];
    placed.push(vec3.add(vec3.create(), from, vec3.transformQuat(vec3.create(), bone.restPosition, base)));
    turned.push(quat.multiply(quat.create(), base, local[i]));
    positions.set(placed[i], i * 3);
    rotations.set(turned[i], i * 4);
  }
  return { positions, rotations };
}

/** The flesh of a posed figure. */
export function fleshOf(figure: Figure, pose: Pose): Solid[] {
  const { ownerId, ownerIdPerBone } = figure.character;
  return FLESH.map(([centre, half], bone) => {
    const matrix = mat4.fromRotationTranslation(
      mat4.create(),
      pose.rotations.subarray(bone * 4, bone * 4 + 4) as quat,
      pose.positions.subarray(bone * 3, bone * 3 + 3),
    );
    const h = figure.height;
    mat4.translate(matrix, matrix, [centre[0] * h, centre[1] * h, centre[2] * h]);
    const wide = bone === 4 ? 1 : figure.girth;
    return {
      shape: "ellipsoid" as const,
      half: [half[0] * h * wide, half[1] * h, half[2] * h * wide] as const,
      matrix,
      owner: ownerIdPerBone ? ownerId + bone : ownerId,
      material: figure.materials[bone],
      textureShift: [bone * 0.37, 0, 0] as const,
      castsShadow: true,
    };
  });
}
