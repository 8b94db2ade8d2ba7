import { quat, vec3 } from "gl-matrix";
import type { Bone } from "playblast/scene/scene";
import type { Random } from "./random.js";

/** Bones by name, in declared order. */
export const BONE = {
  hips: 0,
  spine: 1,
  chest: 2,
  neck: 3,
  head: 4,
  leftShoulder: 5,
  leftUpperArm: 6,
  leftLowerArm: 7,
  leftHand: 8,
  rightShoulder: 9,
  rightUpperArm: 10,
  rightLowerArm: 11,
  rightHand: 12,
  leftUpperLeg: 13,
  leftLowerLeg: 14,
  leftFoot: 15,
  leftToes: 16,
  rightUpperLeg: 17,
  rightLowerLeg: 18,
  rightFoot: 19,
  rightToes: 20,
} as const;

/** Name, parent, rest place in a body one unit tall (standing on y = 0, facing +z, left at +x, arms hanging), radius. */
const JOINTS: readonly (readonly [string, number, vec3, number])[] = [
  ["Hips", -1, [0, 0.53, 0], 0.08],
  ["Spine", 0, [0, 0.58, 0], 0.07],
  ["Chest", 1, [0, 0.67, 0], 0.08],
  ["Neck", 2, [0, 0.82, 0], 0.034],
  ["Head", 3, [0, 0.865, 0], 0.064],
  ["LeftShoulder", 2, [0.03, 0.79, 0], 0.05],
  ["LeftUpperArm", 5, [0.108, 0.79, 0], 0.036],
  ["LeftLowerArm", 6, [0.108, 0.63, 0], 0.03],
  ["LeftHand", 7, [0.108, 0.49, 0], 0.026],
  ["RightShoulder", 2, [-0.03, 0.79, 0], 0.05],
  ["RightUpperArm", 9, [-0.108, 0.79, 0], 0.036],
  ["RightLowerArm", 10, [-0.108, 0.63, 0], 0.03],
  ["RightHand", 11, [-0.108, 0.49, 0], 0.026],
  ["LeftUpperLeg", 0, [0.055, 0.51, 0], 0.052],
  ["LeftLowerLeg", 13, [0.055, 0.27, 0], 0.04],
  ["LeftFoot", 14, [0.055, 0.04, 0], 0.034],
  ["LeftToes", 15, [0.055, 0.015, 0.085], 0.026],
  ["RightUpperLeg", 0, [-0.055, 0.51, 0], 0.052],
  ["RightLowerLeg", 17, [-0.055, 0.27, 0], 0.04],
  ["RightFoot", 18, [-0.055, 0.04, 0], 0.034],
  ["RightToes", 19, [-0.055, 0.015, 0.085], 0.026],
];

const HIP_HEIGHT = 0.51;
const SHOULDER_HEIGHT = 0.79;
const SHOULDER_HALF = 0.03;

/** Proportions of one body. */
export interface Build {
  /** Metres. */
  readonly height: number;
  readonly legs: number;
  readonly torso: number;
  readonly arms: number;
  readonly shoulders: number;
  readonly girth: number;
  readonly head: number;
}

/** Random proportions, children and giants included. */
export function randomBuild(random: Random): Build {
  const child = random.chance(0.2);
  return {
    height: child ? random.range(0.95, 1.3) : random.range(1.45, 2),
    legs: random.range(0.9, 1.1) * (child ? 0.9 : 1),
    torso: random.range(0.92, 1.08),
    arms: random.range(0.9, 1.12),
    shoulders: random.range(0.9, 1.2),
    girth: random.range(0.85, 1.35),
    head: random.range(0.95, 1.15) * (child ? 1.3 : 1),
  };
}

/** Takes a point of the unit body (below an arm's shoulder with `arm`) to a body of these proportions, metres. */
export function inBuild(build: Build, [x, y, z]: Readonly<vec3>, arm: boolean): vec3 {
  const level = (value: number) =>
    value <= HIP_HEIGHT ? value * build.legs : HIP_HEIGHT * build.legs + (value - HIP_HEIGHT) * build.torso;
  const height = arm && y < SHOULDER_HEIGHT ? level(SHOULDER_HEIGHT) - (SHOULDER_HEIGHT - y) * build.arms : level(y);
  // Shoulders move out as a whole; the arm hanging from them keeps its own width.
  const out = arm ? Math.sign(x) * (0.108 - SHOULDER_HALF) * (build.shoulders * 1.02 - 1) : 0;
  return [(x + out) * build.height, height * build.height, z * build.height];
}

const isArm = (name: string) => /Arm|Hand/.test(name);

/** Rest places of all joints in figure space. */
export function restJoints(build: Build): vec3[] {
  return JOINTS.map(([name, , place]) => inBuild(build, place, isArm(name)));
}

/** The bones of a body of these proportions. */
export function makeBones(build: Build): Bone[] {
  const joints = restJoints(build);
  return JOINTS.map(([name, parent, , radius], index) => ({
    name,
    humanoid: name,
    parent,
    restPosition: parent < 0 ? joints[index] : vec3.subtract(vec3.create(), joints[index], joints[parent]),
    restRotation: quat.create(),
    radius: radius * build.height * (/Head|Hand|Foot|Toes/.test(name) ? build.head ** 0.5 : build.girth ** 0.8),
  }));
}
