import type { Basis } from "./convention.js";
import { turnPoint } from "./convention.js";
import { BadRequestError } from "./errors.js";
import type { Vector3 } from "./generated/playblast/v1/geometry.js";
import { LIMITS } from "./limits.js";

/** Throws a BadRequestError unless low <= value <= high, which NaN never is; `remedy` says what to do. */
export function checkRange(value: number, low: number, high: number, field: string, remedy: string): number {
  if (!(value >= low && value <= high)) {
    throw new BadRequestError(field, `is ${value}; allowed is ${low} to ${high}. ${remedy}`);
  }
  return value;
}

/** A vector of finite numbers; absent means zero. Throws a BadRequestError otherwise. */
export function readVector(vector: Vector3 | undefined, field: string): Vector3 {
  const { x, y, z } = vector ?? { x: 0, y: 0, z: 0 };
  if (!(Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(z))) {
    throw new BadRequestError(field, `is (${x}, ${y}, ${z}); send finite numbers`);
  }
  return { x, y, z };
}

/** A position in our convention, within LIMITS.maxMetres of the origin. Throws a BadRequestError otherwise. */
export function readPoint(vector: Vector3 | undefined, field: string, basis: Basis): [number, number, number] {
  const { x, y, z } = readVector(vector, field);
  const point = turnPoint(basis, x, y, z);
  const { maxMetres } = LIMITS;
  if (!(Math.max(Math.abs(point[0]), Math.abs(point[1]), Math.abs(point[2])) <= maxMetres)) {
    throw new BadRequestError(
      field,
      `is (${x}, ${y}, ${z}), which is more than ${maxMetres} m from the origin; send places relative to an origin near the camera, and check metres_per_unit (${basis.metresPerUnit})`,
    );
  }
  return [point[0], point[1], point[2]];
}

/** A length of 0 or more units in metres, at most LIMITS.maxMetres. Throws a BadRequestError otherwise. */
export function readLength(units: number, field: string, basis: Basis, meaningOfZero: string): number {
  const most = LIMITS.maxMetres / basis.metresPerUnit;
  return checkRange(units, 0, most, field, `It is in units; 0 means ${meaningOfZero}`) * basis.metresPerUnit;
}
