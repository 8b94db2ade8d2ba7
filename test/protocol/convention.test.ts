import { mat4, quat, vec3 } from "gl-matrix";
import { describe, expect, it } from "vitest";
import {
  basisOf,
  GLTF,
  GODOT,
  turnPoint,
  turnRotation,
  turnScale,
  UNITY,
  UNREAL,
} from "../../src/protocol/convention.js";
import { Axis, Handedness } from "../../src/protocol/generated/playblast/v1/convention.js";

describe("a declared convention", () => {
  it("leaves Godot and glTF as they are", () => {
    for (const convention of [GODOT, GLTF]) {
      expect(turnPoint(basisOf(convention), 1, 2, 3)).toEqual([1, 2, 3]);
      expect([...turnRotation(basisOf(convention), quat.fromValues(0.1, 0.2, 0.3, 0.9))]).toEqual([
        ...quat.fromValues(0.1, 0.2, 0.3, 0.9),
      ]);
    }
  });

  it("mirrors Unity: p = (x, y, -z), q = (-x, -y, z, w)", () => {
    const basis = basisOf(UNITY);
    expect(turnPoint(basis, 1, 2, 3)).toEqual([1, 2, -3]);
    expect([...turnRotation(basis, quat.fromValues(0.5, -0.25, 0.125, 0.75))]).toEqual([-0.5, 0.25, 0.125, 0.75]);
  });

  it("turns Unreal: p = (y, z, -x) / 100", () => {
    const basis = basisOf(UNREAL);
    const [x, y, z] = turnPoint(basis, 100, 200, 300);
    expect([x, y, z]).toEqual([2, 3, -1]);
    expect([...turnScale(basis, [1, 2, 3])]).toEqual([2, 3, 1]);
  });

  it.each([
    ["Unity", UNITY, [0, 0, 1]],
    ["Unreal", UNREAL, [1, 0, 0]],
    ["Godot", GODOT, [0, 0, -1]],
  ] as const)("makes a camera of %s look down -Z, wherever it is turned", (_, convention, forward) => {
    const basis = basisOf(convention);
    const rotation = quat.normalize(quat.create(), quat.fromValues(0.3, -0.5, 0.2, 0.7));
    // Where their camera looks, in our world ...
    const looks = vec3.transformQuat(vec3.create(), [...forward], rotation);
    const ours = turnPoint({ ...basis, metresPerUnit: 1 }, looks[0], looks[1], looks[2]);
    // ... is where our camera's -Z points.
    const camera = mat4.fromQuat(mat4.create(), turnRotation(basis, rotation));
    expect(vec3.distance(ours, [-camera[8], -camera[9], -camera[10]])).toBeLessThan(1e-6);
  });

  it("refuses what contradicts itself", () => {
    expect(() => basisOf(undefined)).toThrow(/convention: is missing/);
    expect(() => basisOf({ ...UNITY, handedness: Handedness.HANDEDNESS_UNSPECIFIED })).toThrow(/handedness/);
    expect(() => basisOf({ ...UNITY, cameraForward: Axis.AXIS_NEGATIVE_Y })).toThrow(/parallel to up/);
    expect(() => basisOf({ ...UNITY, metresPerUnit: 0 })).toThrow(/metres_per_unit: is 0/);
  });
});
