import { mat4, type vec3 } from "gl-matrix";
import type { Pose } from "playblast/scene/engine-frame";
import { type Mesh, MeshBuilder, placed, type Ring } from "./mesh.js";
import type { Random } from "./random.js";
import { BONE, type Build, inBuild, restJoints } from "./skeleton.js";

/** A body's surface in its rest pose and what it moves with. */
export interface Skin {
  /** In figure space, standing on y = 0. */
  readonly mesh: Mesh;
  /** [V, 2]. */
  readonly bones: Uint8Array;
  /** [V] weight of the second bone, 0..0.5 or 0..1. */
  readonly weights: Float32Array;
  /** [T] bone that carries most of a triangle. */
  readonly triangleBones: Uint8Array;
  /** [B] rest places of the joints. */
  readonly joints: readonly vec3[];
}

/** How limbs are made: one skin that bends at the joints, a rigid capsule a bone, or rigid blocks. */
export type BodyStyle = "skinned" | "capsules" | "blocks";

/** Materials of a figure, by index. */
export interface Outfit {
  readonly skin: number;
  readonly face: number;
  readonly hair: number;
  readonly shirt: number;
  readonly sleeves: number;
  readonly trousers: number;
  readonly shins: number;
  readonly shoes: number;
}

/** Skin blends from one bone to the next within this share of the height of the joint. */
const BLEND = 0.022;
const SEGMENTS = 12;

/** Cross-sections of the unit body: y, half width, half depth. */
const TORSO = [
  [0.465, 0, 0],
  [0.468, 0.04, 0.035],
  [0.485, 0.075, 0.055],
  [0.51, 0.087, 0.063],
  [0.54, 0.088, 0.064],
  [0.57, 0.08, 0.057],
  [0.6, 0.076, 0.054],
  [0.64, 0.079, 0.056],
  [0.68, 0.088, 0.062],
  [0.73, 0.1, 0.066],
  [0.77, 0.1, 0.062],
  [0.8, 0.08, 0.05],
  [0.818, 0.045, 0.038],
  [0.828, 0, 0],
] as const;
const ARM = [
  [0.826, 0, 0],
  [0.822, 0.02, 0.02],
  [0.8, 0.037, 0.037],
  [0.76, 0.037, 0.038],
  [0.7, 0.033, 0.034],
  [0.655, 0.029, 0.03],
  [0.63, 0.028, 0.029],
  [0.605, 0.029, 0.03],
  [0.56, 0.026, 0.026],
  [0.51, 0.02, 0.019],
  [0.495, 0.018, 0.017],
] as const;
const HAND = [
  [0.5, 0.015, 0.017],
  [0.475, 0.017, 0.029],
  [0.44, 0.016, 0.033],
  [0.405, 0.013, 0.026],
  [0.392, 0.006, 0.012],
  [0.39, 0, 0],
] as const;
const LEG = [
  [0.545, 0.02, 0.03],
  [0.53, 0.045, 0.055],
  [0.49, 0.053, 0.06],
  [0.42, 0.05, 0.055],
  [0.35, 0.043, 0.046],
  [0.295, 0.038, 0.041],
  [0.27, 0.037, 0.04],
  [0.245, 0.037, 0.041],
  [0.2, 0.038, 0.044],
  [0.13, 0.031, 0.034],
  [0.07, 0.025, 0.028],
  [0.04, 0.025, 0.028],
] as const;

/** Ends of the rigid parts of each bone in the unit body: bone, top, bottom, half width and depth at both. */
const PARTS: readonly (readonly [number, readonly [number, number, number], number, readonly number[]])[] = [
  [BONE.hips, [0, 0.575, 0], 0.47, [0.078, 0.056, 0.07, 0.056]],
  [BONE.spine, [0, 0.68, 0], 0.56, [0.08, 0.056, 0.076, 0.054]],
  [BONE.chest, [0, 0.82, 0], 0.665, [0.092, 0.056, 0.086, 0.06]],
  [BONE.neck, [0, 0.875, 0], 0.8, [0.027, 0.027, 0.032, 0.03]],
  [BONE.leftUpperArm, [0.108, 0.82, 0], 0.615, [0.036, 0.036, 0.029, 0.03]],
  [BONE.leftLowerArm, [0.108, 0.65, 0], 0.485, [0.03, 0.03, 0.02, 0.02]],
  [BONE.leftHand, [0.108, 0.5, 0], 0.4, [0.017, 0.025, 0.015, 0.028]],
  [BONE.leftUpperLeg, [0.055, 0.545, 0], 0.255, [0.05, 0.056, 0.038, 0.041]],
  [BONE.leftLowerLeg, [0.055, 0.29, 0], 0.02, [0.038, 0.041, 0.026, 0.03]],
  [BONE.rightUpperArm, [-0.108, 0.82, 0], 0.615, [0.036, 0.036, 0.029, 0.03]],
  [BONE.rightLowerArm, [-0.108, 0.65, 0], 0.485, [0.03, 0.03, 0.02, 0.02]],
  [BONE.rightHand, [-0.108, 0.5, 0], 0.4, [0.017, 0.025, 0.015, 0.028]],
  [BONE.rightUpperLeg, [-0.055, 0.545, 0], 0.255, [0.05, 0.056, 0.038, 0.041]],
  [BONE.rightLowerLeg, [-0.055, 0.29, 0], 0.02, [0.038, 0.041, 0.026, 0.03]],
];

type Binding = readonly [first: number, second: number, weightOfSecond: number];

/** Makes the surface of a figure. */
export function makeBody(random: Random, build: Build, style: BodyStyle, outfit: Outfit): Skin {
  const builder = new MeshBuilder();
  const joints = restJoints(build);
  const bindings: Binding[] = [];
  const h = build.height;
  /** Binds the vertices added since the last call. */
  const bind = (bindingOf: (x: number, y: number, z: number) => Binding, place: (vertex: number) => vec3) => {
    while (bindings.length < builder.vertexCount) bindings.push(bindingOf(...(place(bindings.length) as Vec)));
  };
  const rigid = (bone: number) => bind(() => [bone, bone, 0], ORIGIN);
  const placeOf = (vertex: number): vec3 => builder.position(vertex);
  /** Bones from the top down, each ruling between the levels of two joints. */
  const chain = (bones: readonly number[], joinedAt: readonly number[]) => {
    const blend = BLEND * h;
    const levels = joinedAt.map((joint) => joints[joint][1]);
    bind((_, y) => {
      let index = 0;
      while (index < levels.length && y < levels[index]) index++;
      const bone = bones[index];
      const above = index > 0 ? 0.5 - (levels[index - 1] - y) / (2 * blend) : 0;
      if (above > 0) return [bone, bones[index - 1], above];
      const below = index < levels.length ? 0.5 - (y - levels[index]) / (2 * blend) : 0;
      return below > 0 ? [bone, bones[index + 1], below] : [bone, bone, 0];
    }, placeOf);
  };
  const ringsOf = (sections: readonly (readonly [number, number, number])[], x: number, arm: boolean): Ring[] =>
    sections.map(([level, rx, rz]) => {
      const [px, py, pz] = inBuild(build, [x, level, 0], arm);
      return { x: px, y: py, z: pz, rx: rx * h * build.girth, rz: rz * h * build.girth };
    });
  const onLevel = (rings: readonly Ring[], level: number, above: number, below: number) => (band: number) =>
    (rings[band].y + rings[band + 1].y) / 2 > level ? above : below;

  if (style === "skinned") {
    const torso = ringsOf(TORSO, 0, false);
    const belt = joints[BONE.spine][1] - 0.02 * h;
    builder.loft(torso, SEGMENTS + 2, true, onLevel(torso, belt, outfit.shirt, outfit.trousers));
    chain([BONE.neck, BONE.chest, BONE.spine, BONE.hips], [BONE.neck, BONE.chest, BONE.spine]);
    const neck = ringsOf(
      [
        [0.8, 0.03, 0.03],
        [0.84, 0.028, 0.028],
        [0.885, 0.028, 0.028],
      ],
      0,
      false,
    );
    builder.loft(neck, 10, true, () => outfit.skin);
    rigid(BONE.neck);
    for (const side of [1, -1]) {
      const [shoulder, upper, lower, hand] = side > 0 ? LEFT_ARM : RIGHT_ARM;
      const arm = ringsOf(ARM, side * 0.108, true);
      builder.loft(arm, SEGMENTS, true, onLevel(arm, joints[lower][1], outfit.shirt, outfit.sleeves));
      chain([shoulder, upper, lower, hand], [upper, lower, hand]);
      builder.loft(ringsOf(HAND, side * 0.108, true), 10, true, () => outfit.skin);
      rigid(hand);
      const [thigh, shin, foot] = side > 0 ? LEFT_LEG : RIGHT_LEG;
      const leg = ringsOf(LEG, side * 0.055, false);
      builder.loft(leg, SEGMENTS, true, onLevel(leg, joints[shin][1] - 0.03 * h, outfit.trousers, outfit.shins));
      chain([BONE.hips, thigh, shin, foot], [thigh, shin, foot]);
    }
  } else {
    for (const [bone, [x, top], bottom, [topX, topZ, bottomX, bottomZ]] of PARTS) {
      const arm = /Arm|Hand/.test(BONE_NAMES[bone]);
      const material = /Arm/.test(BONE_NAMES[bone])
        ? /Lower/.test(BONE_NAMES[bone])
          ? outfit.sleeves
          : outfit.shirt
        : /Leg|hips/.test(BONE_NAMES[bone])
          ? /Lower/.test(BONE_NAMES[bone])
            ? outfit.shins
            : outfit.trousers
          : /Hand|neck/.test(BONE_NAMES[bone])
            ? outfit.skin
            : outfit.shirt;
      const [high, low] = ringsOf(
        [
          [top, topX, topZ],
          [bottom, bottomX, bottomZ],
        ],
        x,
        arm,
      );
      if (style === "blocks") {
        builder.box(
          [(high.rx + low.rx) * 0.46, (high.y - low.y) / 2, (high.rz + low.rz) * 0.46],
          material,
          placed(high.x, (high.y + low.y) / 2, 0),
        );
      } else builder.loft(roundedEnds(high, low), 10, true, () => material);
      rigid(bone);
    }
  }
  addFeet(builder, build, style, outfit, joints, bind, placeOf);
  addHead(random, builder, build, style, outfit, joints, rigid);
  const mesh = builder.mesh();
  const triangleBones = Uint8Array.from(mesh.materials, (_, triangle) => {
    const share = new Map<number, number>();
    for (const vertex of mesh.indices.subarray(triangle * 3, triangle * 3 + 3)) {
      const [first, second, weight] = bindings[vertex];
      share.set(first, (share.get(first) ?? 0) + 1 - weight);
      share.set(second, (share.get(second) ?? 0) + weight);
    }
    return [...share].sort((one, other) => other[1] - one[1] || one[0] - other[0])[0][0];
  });
  return {
    mesh,
    bones: Uint8Array.from(bindings.flatMap((binding) => binding.slice(0, 2))),
    weights: Float32Array.from(bindings, ([, , weight]) => weight),
    triangleBones,
    joints,
  };
}

type Vec = [number, number, number];
const ORIGIN = (): vec3 => [0, 0, 0];
const LEFT_ARM = [BONE.leftShoulder, BONE.leftUpperArm, BONE.leftLowerArm, BONE.leftHand] as const;
const RIGHT_ARM = [BONE.rightShoulder, BONE.rightUpperArm, BONE.rightLowerArm, BONE.rightHand] as const;
const LEFT_LEG = [BONE.leftUpperLeg, BONE.leftLowerLeg, BONE.leftFoot, BONE.leftToes] as const;
const RIGHT_LEG = [BONE.rightUpperLeg, BONE.rightLowerLeg, BONE.rightFoot, BONE.rightToes] as const;
const BONE_NAMES = Object.keys(BONE);

/** A tapered capsule between two cross-sections. */
function roundedEnds(high: Ring, low: Ring): Ring[] {
  const cap = Math.min(high.rx, high.rz, (high.y - low.y) * 0.3);
  const foot = Math.min(low.rx, low.rz, (high.y - low.y) * 0.3);
  const scaled = (ring: Ring, y: number, k: number): Ring => ({ ...ring, y, rx: ring.rx * k, rz: ring.rz * k });
  return [
    scaled(high, high.y, 0),
    scaled(high, high.y - cap * 0.13, 0.5),
    scaled(high, high.y - cap * 0.5, 0.87),
    scaled(high, high.y - cap, 1),
    scaled(low, low.y + foot, 1),
    scaled(low, low.y + foot * 0.5, 0.87),
    scaled(low, low.y + foot * 0.13, 0.5),
    scaled(low, low.y, 0),
  ];
}

function addFeet(
  builder: MeshBuilder,
  build: Build,
  style: BodyStyle,
  outfit: Outfit,
  joints: readonly vec3[],
  bind: (bindingOf: (x: number, y: number, z: number) => Binding, place: (vertex: number) => vec3) => void,
  placeOf: (vertex: number) => vec3,
): void {
  const h = build.height;
  for (const [, , foot, toes] of [LEFT_LEG, RIGHT_LEG]) {
    const [x] = joints[foot];
    const half: Vec = [0.033 * h, 0.024 * h, 0.072 * h];
    const at = placed(x, half[1], 0.033 * h);
    if (style === "blocks") {
      builder.box(half, outfit.shoes, at);
      bind(() => [foot, foot, 0], placeOf);
      continue;
    }
    builder.ball([half[0], half[1] * 1.25, half[2]], outfit.shoes, at, 5);
    const bend = joints[toes][2];
    bind((_, __, z) => {
      const past = 0.5 + (z - bend) / (2 * BLEND * h);
      return past <= 0 ? [foot, foot, 0] : [foot, toes, Math.min(1, past)];
    }, placeOf);
  }
}

function addHead(
  random: Random,
  builder: MeshBuilder,
  build: Build,
  style: BodyStyle,
  outfit: Outfit,
  joints: readonly vec3[],
  rigid: (bone: number) => void,
): void {
  const h = build.height;
  const [x, base] = joints[BONE.head];
  const size: Vec = [0.055 * h * build.head, 0.075 * h * build.head, 0.062 * h * build.head];
  const middle = base - 0.01 * h + size[1];
  if (style === "blocks") builder.box([size[0] * 1.05, size[1] * 0.9, size[2]], outfit.face, placed(x, middle, 0));
  else {
    const rings: Ring[] = Array.from({ length: 9 }, (_, i) => {
      const angle = (i / 8) * Math.PI;
      const k = Math.sin(angle);
      // The chin is narrower than the skull.
      const taper = i > 4 ? 1 - 0.05 * (i - 4) : 1;
      return { x: 0, z: 0, y: size[1] * Math.cos(angle), rx: size[0] * k * taper, rz: size[2] * k * taper };
    });
    builder.loft(rings, SEGMENTS + 2, true, (band) => (band < 1 ? outfit.hair : outfit.face), placed(x, middle, 0));
  }
  const top = middle + size[1];
  const hat = random.unit();
  if (hat < 0.55) {
    // Hair: a cap that sits back, so that the face stays free.
    const at = placed(x, middle + size[1] * 0.22, -size[2] * 0.2);
    if (style === "blocks")
      builder.box(
        [size[0] * 1.1, size[1] * 0.78, size[2] * 0.95],
        outfit.hair,
        placed(x, middle + size[1] * 0.25, -size[2] * 0.3),
      );
    else builder.ball([size[0] * 1.1, size[1] * 0.92, size[2] * 1.02], outfit.hair, at, 5);
  } else if (hat < 0.75) {
    builder.cylinder(size[0] * 1.75, 0.006 * h, outfit.hair, placed(x, top - size[1] * 0.42, 0), 14);
    builder.cylinder(size[0] * 1.08, 0.03 * h, outfit.hair, placed(x, top - size[1] * 0.2, 0), 14);
  }
  rigid(BONE.head);
  if (random.chance(0.3)) {
    const chest = joints[BONE.chest];
    const depth = 0.04 * h;
    builder.box(
      [0.075 * h, 0.085 * h, depth],
      outfit.hair,
      placed(0, chest[1] + 0.06 * h, -0.06 * h * build.girth - depth * 0.8),
    );
    rigid(BONE.chest);
  }
}

/** Writes a posed body's vertices into `positions` and `normals`, from vertex `first` on. */
export function poseBody(skin: Skin, pose: Pose, positions: Float32Array, normals: Float32Array, first: number): void {
  const count = skin.joints.length;
  const rest = new Float32Array(count * 3);
  const matrices = new Float32Array(count * 9);
  const rotation = mat4.create();
  for (let bone = 0; bone < count; bone++) {
    rest.set(skin.joints[bone], bone * 3);
    mat4.fromQuat(
      rotation,
      pose.rotations.subarray(bone * 4, bone * 4 + 4) as unknown as [number, number, number, number],
    );
    for (let column = 0; column < 3; column++)
      for (let row = 0; row < 3; row++) matrices[bone * 9 + column * 3 + row] = rotation[column * 4 + row];
  }
  const { mesh, bones, weights } = skin;
  for (let v = 0; v < weights.length; v++) {
    const o = (first + v) * 3;
    const x = mesh.positions[v * 3];
    const y = mesh.positions[v * 3 + 1];
    const z = mesh.positions[v * 3 + 2];
    const nx = mesh.normals[v * 3];
    const ny = mesh.normals[v * 3 + 1];
    const nz = mesh.normals[v * 3 + 2];
    const second = weights[v];
    for (let row = 0; row < 3; row++) {
      let position = 0;
      let normal = 0;
      for (let k = 0; k < 2; k++) {
        const weight = k === 0 ? 1 - second : second;
        if (weight === 0) continue;
        const bone = bones[v * 2 + k];
        const m = bone * 9 + row;
        const r = bone * 3;
        position +=
          weight *
          (matrices[m] * (x - rest[r]) +
            matrices[m + 3] * (y - rest[r + 1]) +
            matrices[m + 6] * (z - rest[r + 2]) +
            pose.positions[r + row]);
        normal += weight * (matrices[m] * nx + matrices[m + 3] * ny + matrices[m + 6] * nz);
      }
      positions[o + row] = position;
      normals[o + row] = normal;
    }
    const length = 1 / (Math.hypot(normals[o], normals[o + 1], normals[o + 2]) || 1);
    normals[o] *= length;
    normals[o + 1] *= length;
    normals[o + 2] *= length;
  }
}
