import { mat3, quat, type vec3 } from "gl-matrix";
import { BadRequestError } from "./errors.js";
import { Axis, type CoordinateConvention, Handedness } from "./generated/playblast/v1/convention.js";
import { METRES_PER_UNIT } from "./limits.js";

/** Right-handed, Y up, metres, camera looking down -Z. */
export const GODOT: CoordinateConvention = {
  handedness: Handedness.HANDEDNESS_RIGHT,
  up: Axis.AXIS_POSITIVE_Y,
  cameraForward: Axis.AXIS_NEGATIVE_Z,
  metresPerUnit: 1,
};
/** As Godot. */
export const GLTF: CoordinateConvention = GODOT;
/** Left-handed, Y up, metres, camera looking down +Z. */
export const UNITY: CoordinateConvention = {
  handedness: Handedness.HANDEDNESS_LEFT,
  up: Axis.AXIS_POSITIVE_Y,
  cameraForward: Axis.AXIS_POSITIVE_Z,
  metresPerUnit: 1,
};
/** Left-handed, Z up, centimetres, camera looking down +X. */
export const UNREAL: CoordinateConvention = {
  handedness: Handedness.HANDEDNESS_LEFT,
  up: Axis.AXIS_POSITIVE_Z,
  cameraForward: Axis.AXIS_POSITIVE_X,
  metresPerUnit: 0.01,
};

/**
 * Turns a sender's coordinates into ours. A camera needs no treatment of its own: it looks along its local forward axis, which the
 * same change of basis makes -Z.
 */
export interface Basis {
  /** Sender's directions to ours: orthogonal, column-major, may mirror. */
  readonly turn: mat3;
  readonly metresPerUnit: number;
}

const FIELD = "open_shot.convention";

function axisVector(axis: Axis, field: string): [number, number, number] {
  const index = axis - 1;
  if (index < 0 || index > 5) {
    throw new BadRequestError(`${FIELD}.${field}`, `is ${axis}; say which signed axis it is, as AXIS_POSITIVE_Y`);
  }
  const vector: [number, number, number] = [0, 0, 0];
  vector[index >> 1] = index & 1 ? -1 : 1;
  return vector;
}

/**
 * Our basis for a declared convention. The sender's forward axis becomes our -Z (where the sender's camera forward is a
 * horizontal axis of its world), its up our +Y; right follows from its handedness.
 *
 * @throws BadRequestError when an axis is missing, up and forward are parallel, or the unit is out of range.
 */
export function basisOf(convention: CoordinateConvention | undefined): Basis {
  if (!convention) {
    throw new BadRequestError(FIELD, "is missing; declare handedness, up, camera_forward and metres_per_unit");
  }
  const { handedness, metresPerUnit } = convention;
  if (handedness !== Handedness.HANDEDNESS_LEFT && handedness !== Handedness.HANDEDNESS_RIGHT) {
    throw new BadRequestError(
      `${FIELD}.handedness`,
      `is ${handedness}; allowed are HANDEDNESS_RIGHT and HANDEDNESS_LEFT`,
    );
  }
  if (!(metresPerUnit >= METRES_PER_UNIT.least && metresPerUnit <= METRES_PER_UNIT.most)) {
    throw new BadRequestError(
      `${FIELD}.metres_per_unit`,
      `is ${metresPerUnit}; allowed is ${METRES_PER_UNIT.least} to ${METRES_PER_UNIT.most}, 1 for metres`,
    );
  }
  const up = axisVector(convention.up, "up");
  const forward = axisVector(convention.cameraForward, "camera_forward");
  if (up.every((value, i) => value === forward[i]) || up.every((value, i) => value === -forward[i])) {
    throw new BadRequestError(
      `${FIELD}.camera_forward`,
      "is parallel to up; a camera looks along another axis than up",
    );
  }
  // In a right-handed system right = forward x up, in a left-handed one the opposite.
  const sign = handedness === Handedness.HANDEDNESS_RIGHT ? 1 : -1;
  const right: vec3 = [
    sign * (forward[1] * up[2] - forward[2] * up[1]),
    sign * (forward[2] * up[0] - forward[0] * up[2]),
    sign * (forward[0] * up[1] - forward[1] * up[0]),
  ];
  // Rows: our x is their right, our y their up, our z against their forward.
  const turn = mat3.fromValues(
    right[0],
    up[0],
    -forward[0],
    right[1],
    up[1],
    -forward[1],
    right[2],
    up[2],
    -forward[2],
  );
  return { turn, metresPerUnit };
}

/** A position in ours, metres. */
export function turnPoint({ turn, metresPerUnit }: Basis, x: number, y: number, z: number): vec3 {
  const m = turn;
  return [
    (m[0] * x + m[3] * y + m[6] * z) * metresPerUnit,
    (m[1] * x + m[4] * y + m[7] * z) * metresPerUnit,
    (m[2] * x + m[5] * y + m[8] * z) * metresPerUnit,
  ];
}

/** A direction in ours, its length kept. */
export function turnDirection({ turn }: Basis, x: number, y: number, z: number): vec3 {
  const m = turn;
  return [m[0] * x + m[3] * y + m[6] * z, m[1] * x + m[4] * y + m[7] * z, m[2] * x + m[5] * y + m[8] * z];
}

/** A rotation in ours: the same turning seen from our axes (turn R turn^-1). */
export function turnRotation({ turn }: Basis, rotation: quat): quat {
  // Under an orthogonal change of basis the axis turns with it, and a mirror image reverses the angle.
  const mirror = mat3.determinant(turn) < 0 ? -1 : 1;
  const [x, y, z, w] = rotation;
  const m = turn;
  return quat.fromValues(
    mirror * (m[0] * x + m[3] * y + m[6] * z),
    mirror * (m[1] * x + m[4] * y + m[7] * z),
    mirror * (m[2] * x + m[5] * y + m[8] * z),
    w,
  );
}

/** Scale factors along our axes. */
export function turnScale({ turn }: Basis, scale: vec3): vec3 {
  const m = turn;
  return [0, 1, 2].map(
    (row) => Math.abs(m[row]) * scale[0] + Math.abs(m[3 + row]) * scale[1] + Math.abs(m[6 + row]) * scale[2],
  ) as unknown as vec3;
}
