import { mat4 } from "gl-matrix";
import { describe, expect, it } from "vitest";
import { readProjection } from "../../src/protocol/projection.js";
import { intrinsicsOf } from "../../src/scene/camera.js";

const SIZE = { width: 256, height: 144 };
const read = (values: readonly number[], metresPerUnit = 1) => readProjection(values, "p", metresPerUnit);

// As the engines print them, written down column by column. Unity 6: a camera of 60 degrees, 16:9, 0.3 to 1000.
const UNITY = [0.9742786, 0, 0, 0, 0, 1.732051, 0, 0, 0, 0, -1.0006, -1, 0, 0, -0.60018, 0];
/** GL.GetGPUProjectionMatrix(UNITY, false) on Direct3D 11: reversed, 0..1 in z. */
const UNITY_GPU = [0.9742786, 0, 0, 0, 0, 1.732051, 0, 0, 0, 0, 0.0003, -1, 0, 0, 0.30009, 0];
/** GL.GetGPUProjectionMatrix(UNITY, true): for a render texture, upside down. */
const UNITY_RENDER_TEXTURE = UNITY_GPU.map((value, i) => (i === 5 ? -value : value));
const UNITY_ORTHOGRAPHIC = [0.1125, 0, 0, 0, 0, 0.2, 0, 0, 0, 0, -0.0020006, 0, 0, 0, -1.0006, 1];
/** Camera.CalculateObliqueMatrix: the third row is a clip plane. */
const UNITY_OBLIQUE = [0.9742786, 0, 0.2, 0, 0, 1.732051, -1.4, 0, 0, 0, -0.7, -1, 0, 0, -3.1, 0];
/** Godot 4.6: Camera3D.get_camera_projection, 75 degrees, 16:9, 0.05 to 4000. */
const GODOT = [0.733, 0, 0, 0, 0, 1.303225, 0, 0, 0, 0, -1.000025, -1, 0, 0, -0.100001, 0];
const GODOT_ORTHOGRAPHIC = [0.1125, 0, 0, 0, 0, 0.2, 0, 0, 0, 0, -0.0005, 0, 0, 0, -1.000025, 1];
/** PROJECTION_FRUSTUM with an offset. */
const GODOT_FRUSTUM = [0.05625, 0, 0, 0, 0, 0.1, 0, 0, 0.3, -0.2, -1.000025, -1, 0, 0, -0.100001, 0];
/** Reversed Z in -1..1, as Godot's own renderers draw with. */
const GODOT_REVERSED = [0.733, 0, 0, 0, 0, 1.303225, 0, 0, 0, 0, 1.000025, -1, 0, 0, 0.100001, 0];
/** An infinite far plane, in OpenGL's range and in Direct3D's reversed one. */
const INFINITE = [1, 0, 0, 0, 0, 1.7, 0, 0, 0, 0, -1, -1, 0, 0, -0.2, 0];
const INFINITE_REVERSED = [1, 0, 0, 0, 0, 1.7, 0, 0, 0, 0, 0, -1, 0, 0, 0.1, 0];
/** Blender's camera.calc_matrix_camera with a shifted lens. */
const BLENDER_SHIFTED = [2.777778, 0, 0, 0, 0, 4.938272, 0, 0, 0.4, -0.3, -1.002002, -1, 0, 0, -0.2002, 0];
/** A mirror's picture, flipped from left to right together with its planes. */
const MIRROR = UNITY.map((value, i) => (i === 0 ? -value : value));
/** A room 200 km wide, by the metre: its determinant is 1e-15. */
const HUGE = [...mat4.ortho(mat4.create(), -1e5, 1e5, -1e5, 1e5, 0, 2e5)];
const TINY = [...mat4.ortho(mat4.create(), -1e-4, 1e-4, -1e-4, 1e-4, -1e-4, 1e-4)];

describe("the projections that engines give", () => {
  it.each([
    ["Unity's", UNITY],
    ["Unity's for the GPU, not flipped", UNITY_GPU],
    ["Unity's orthographic", UNITY_ORTHOGRAPHIC],
    ["Unity's with an oblique near plane", UNITY_OBLIQUE],
    ["Godot's", GODOT],
    ["Godot's orthographic", GODOT_ORTHOGRAPHIC],
    ["Godot's frustum with an offset", GODOT_FRUSTUM],
    ["with reversed Z in OpenGL's range", GODOT_REVERSED],
    ["with an infinite far plane", INFINITE],
    ["with an infinite far plane and reversed Z", INFINITE_REVERSED],
    ["Blender's with a shifted lens", BLENDER_SHIFTED],
    ["of a mirror", MIRROR],
    ["of a huge orthographic camera", HUGE],
    ["of a tiny orthographic camera", TINY],
  ])("are read: %s", (_, values) => {
    expect([...read(values)]).toEqual([...Float32Array.from(values)]);
  });

  it.each([
    ["w = +z", UNITY.map((value, i) => (i === 11 ? 1 : value)), /w = \+z \(value 11 is 1\)/],
    ["Direct3D's left-handed", [1, 0, 0, 0, 0, 1.7, 0, 0, 0, 0, 1.001, 1, 0, 0, -0.3, 0], /w = \+z/],
    ["row-major", [...mat4.transpose(mat4.create(), UNITY as unknown as mat4)], /row-major/],
    [
      "row-major with a shifted lens",
      [...mat4.transpose(mat4.create(), BLENDER_SHIFTED as unknown as mat4)],
      /row-major/,
    ],
    ["row-major and left-handed", [1, 0, 0, 0, 0, 1.7, 0, 0, 0, 0, 1.001, -0.3, 0, 0, 1, 0], /row-major/],
    ["row-major orthographic", [...mat4.transpose(mat4.create(), GODOT_ORTHOGRAPHIC as unknown as mat4)], /row-major/],
    ["flipped for a render texture", UNITY_RENDER_TEXTURE, /flips Y \(value 5 is -1\.73/],
    ["Vulkan's orthographic", UNITY_ORTHOGRAPHIC.map((value, i) => (i === 5 ? -value : value)), /flips Y/],
    ["a view matrix multiplied in", viewProjection(), /last row .*leave the view matrix out/],
    ["turned for an upright screen", [0, 1.7, 0, 0, -1, 0, 0, 0, 0, 0, -1, -1, 0, 0, -0.2, 0], /is singular/],
    ["a turned picture", [1, 0.2, 0, 0, -0.2, 1.7, 0, 0, 0, 0, -1, -1, 0, 0, -0.2, 0], /turns or shears/],
    ["a sheared orthographic", GODOT_ORTHOGRAPHIC.map((value, i) => (i === 8 ? 0.1 : value)), /turns or shears/],
    ["nothing", Array(16).fill(0), /is singular/],
    ["no width", UNITY.map((value, i) => (i === 0 ? 0 : value)), /is singular/],
    ["no depth", UNITY.map((value, i) => (i === 14 ? 0 : value)), /is singular/],
    ["no orthographic depth", GODOT_ORTHOGRAPHIC.map((value, i) => (i === 10 ? 0 : value)), /is singular/],
    ["a number that is none", UNITY.map((value, i) => (i === 8 ? Number.NaN : value)), /holds NaN/],
    ["an absurd scale", UNITY.map((value, i) => (i === 0 ? 1e30 : value)), /scales by 1\.0.*e\+30/],
    ["an absurd shift", UNITY.map((value, i) => (i === 8 ? 1e30 : value)), /is shifted by/],
    ["fifteen numbers", UNITY.slice(1), /has 15 values/],
  ])("are refused by the sign that tells: %s", (_, values, message) => {
    expect(() => read(values)).toThrow(message);
    if (values.length === 16) expect(() => read(values)).toThrow(/send the camera's OpenGL projection matrix/);
  });

  it("have their lengths brought to metres", () => {
    const inUnits = mat4.ortho(mat4.create(), -300, 500, -150, 250, -100, 900);
    const inMetres = intrinsicsOf(read([...inUnits], 0.01), SIZE);
    expect(inMetres).toEqual(intrinsicsOf(mat4.ortho(mat4.create(), -3, 5, -1.5, 2.5, -1, 9), SIZE));
    // What a perspective sees has no lengths; only its depth row's constant has.
    expect(intrinsicsOf(read(BLENDER_SHIFTED, 0.01), SIZE)).toEqual(intrinsicsOf(read(BLENDER_SHIFTED), SIZE));
    expect(read(BLENDER_SHIFTED, 0.01)[14]).toBeCloseTo(-0.002002, 8);
  });
});

function viewProjection(): number[] {
  const view = mat4.lookAt(mat4.create(), [3, 2, 5], [0, 1, 0], [0, 1, 0]);
  return [...mat4.multiply(mat4.create(), UNITY as unknown as mat4, view)];
}
