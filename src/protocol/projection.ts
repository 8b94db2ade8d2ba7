import { mat4 } from "gl-matrix";
import { scaledProjection } from "../scene/camera.js";
import { BadRequestError } from "./errors.js";

/** The last row is -1, 0 or 1 in every engine's matrix; text formats may round it. */
const ROW_TOLERANCE = 1e-4;
/** A shear below this share of the scale moves nothing by a tenth of a pixel in 1000. */
const SHEAR_TOLERANCE = 1e-4;
/** Scales of clip space a metre (orthographic) or a tangent (perspective): from planets to bacteria, from fisheyes to telescopes. */
const LEAST_SCALE = 1e-9;
const MOST_SCALE = 1e9;
/** Lens shift in half pictures: a tile of a picture of a million tiles. */
const MOST_SHIFT = 1e6;

const WANTED =
  "send the camera's OpenGL projection matrix: column-major, looking down -Z, Y up (last row 0, 0, -1, 0 for perspective or 0, 0, 0, 1 for orthographic)";

/**
 * Checks a projection and brings its lengths to metres. Depth's own row is not read by anything here, so that its range, an infinite
 * far plane, reversed Z and oblique near planes are all the same.
 *
 * @throws BadRequestError when it is no OpenGL projection, naming the sign that tells.
 */
export function readProjection(values: readonly number[], field: string, metresPerUnit: number): mat4 {
  if (values.length !== 16) throw new BadRequestError(field, `has ${values.length} values; send 16, column-major`);
  const refuse = (what: string): never => {
    throw new BadRequestError(field, `${what}; ${WANTED}`);
  };
  if (!values.every(Number.isFinite)) refuse(`holds ${values.find((value) => !Number.isFinite(value))}`);
  const m = values;
  const lastRow = [m[3], m[7], m[11], m[15]];
  const lastColumn = [m[12], m[13], m[14], m[15]];
  const orthographic = isNear(lastRow, [0, 0, 0, 1]);
  if (!orthographic && !isNear(lastRow, [0, 0, -1, 0])) {
    if (m[0] === 0 || m[5] === 0) refuse("is singular");
    if (isNear(lastRow, [0, 0, 1, 0])) refuse("makes w = +z (value 11 is 1), for a camera that looks down +Z");
    if ([-1, 1].some((w) => isNear(lastColumn, [0, 0, w, 0])) || isNear(lastColumn, [0, 0, 0, 1]))
      refuse("is row-major (its last column is the last row of a projection)");
    refuse(`has the last row ${lastRow.join(", ")}, which is no camera's; leave the view matrix out`);
  }
  const depthTerms = orthographic ? m[10] : m[14];
  if (m[0] === 0 || m[5] === 0 || depthTerms === 0) refuse("is singular");
  if (m[5] < 0)
    refuse(
      `flips Y (value 5 is ${m[5]}), as for Vulkan's clip space or a render texture, while row_order says where a plane's top is`,
    );
  const shearX = Math.max(Math.abs(m[4]), orthographic ? Math.abs(m[8]) : 0);
  const shearY = Math.max(Math.abs(m[1]), orthographic ? Math.abs(m[9]) : 0);
  if (shearX > SHEAR_TOLERANCE * Math.abs(m[0]) || shearY > SHEAR_TOLERANCE * Math.abs(m[5]))
    refuse(`turns or shears the picture (values 1, 4, 8, 9 are ${m[1]}, ${m[4]}, ${m[8]}, ${m[9]})`);

  const projection = mat4.clone(values as unknown as mat4);
  projection[3] = 0;
  projection[7] = 0;
  projection[11] = orthographic ? 0 : -1;
  projection[15] = orthographic ? 1 : 0;
  const scaled = metresPerUnit === 1 ? projection : scaledProjection(projection, metresPerUnit);
  const shift = orthographic ? [scaled[12], scaled[13]] : [scaled[8], scaled[9]];
  for (const scale of [scaled[0], scaled[5]]) {
    if (!(Math.abs(scale) >= LEAST_SCALE && Math.abs(scale) <= MOST_SCALE))
      refuse(`scales by ${scale} (a metre, where orthographic), beyond ${LEAST_SCALE} to ${MOST_SCALE}`);
  }
  if (!shift.every((value) => Math.abs(value) <= MOST_SHIFT))
    refuse(`is shifted by ${shift.join(", ")} half pictures, more than ${MOST_SHIFT}`);
  return scaled;
}

function isNear(values: readonly number[], wanted: readonly number[]): boolean {
  return values.every((value, i) => Math.abs(value - wanted[i]) <= ROW_TOLERANCE);
}
