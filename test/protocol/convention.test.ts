import { mat4, quat, vec3 } from "gl-matrix";
import { describe, expect, it } from "vitest";
import {
  BLENDER,
  basisOf,
  GLTF,
  GODOT,
  turnCameraRotation,
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

  it("turns Blender: p = (x, z, -y), its camera like ours but for the world's turn", () => {
    const basis = basisOf(BLENDER);
    expect(turnPoint(basis, 1, 2, 3)).toEqual([1, 3, -2]);
    // Not turned it looks straight down, and the top of its picture points to Blender's +Y, our -Z.
    const down = mat4.fromQuat(mat4.create(), turnCameraRotation(basis, quat.create()));
    const [x, y, z] = [0, 4, 8].map((column) =>
      [...down].slice(column, column + 3).map((value) => Math.round(value) + 0),
    );
    expect([x, y, z]).toEqual([
      [1, 0, 0],
      [0, 0, -1],
      [0, 1, 0],
    ]);
  });

  it.each([
    ["Unity", UNITY, Axis.AXIS_POSITIVE_Y],
    ["Unreal", UNREAL, Axis.AXIS_POSITIVE_Z],
    ["Godot", GODOT, Axis.AXIS_POSITIVE_Y],
  ])("is the same for %s with the camera's up said", (_, convention, cameraUp) => {
    const rotation = quat.normalize(quat.create(), quat.fromValues(0.3, -0.5, 0.2, 0.7));
    const said = turnCameraRotation(basisOf({ ...convention, cameraUp }), rotation);
    const unsaid = turnCameraRotation(basisOf(convention), rotation);
    [...said].forEach((value, i) => {
      expect(value).toBeCloseTo(unsaid[i], 6);
    });
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
    expect(() => basisOf({ ...UNITY, cameraForward: Axis.AXIS_NEGATIVE_Y })).toThrow(/parallel to up.*camera_up/);
    expect(() => basisOf({ ...UNITY, cameraUp: Axis.AXIS_NEGATIVE_Z })).toThrow(/camera_up: is parallel to camera_for/);
    expect(() => basisOf({ ...UNITY, cameraUp: 9 as Axis })).toThrow(/camera_up: is 9/);
    for (const metresPerUnit of [0, -1, Number.NaN, Infinity, 1e300, 1e-300])
      expect(() => basisOf({ ...UNITY, metresPerUnit })).toThrow(
        /metres_per_unit: is .*allowed is 0.000001 to 1000000/,
      );
  });
});
