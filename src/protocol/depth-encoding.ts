import { BadRequestError } from "./errors.js";
import type { DepthEncoding } from "./generated/playblast/v1/plane.js";

/** How a plane's values become units along the view axis. */
export type DepthCode =
  | { readonly kind: "distance" }
  | { readonly kind: "linear"; readonly near: number; readonly far: number; readonly scale: number }
  | {
      readonly kind: "device";
      readonly near: number;
      readonly far: number;
      readonly scale: number;
      readonly reversed: boolean;
      readonly orthographic: boolean;
    };

/**
 * Checks a depth encoding.
 *
 * @param maximum Largest value of a whole-number plane, 0 for floats.
 * @param orthographic As the frame's projection is.
 * @throws BadRequestError
 */
export function depthCodeOf(
  depth: DepthEncoding | undefined,
  maximum: number,
  orthographic: boolean,
  field: string,
): DepthCode {
  const encoding = depth?.encoding;
  if (!encoding) throw new BadRequestError(`${field}.depth`, "is missing; say how depth is encoded: linear or device");
  const scale = maximum || 1;
  if (encoding.$case === "linear") {
    if (maximum === 0) return { kind: "distance" };
    const { near, far } = encoding.value;
    if (!((near >= 0 || orthographic) && far > near && Number.isFinite(far - near))) {
      throw new BadRequestError(
        `${field}.depth.linear`,
        `has near ${near} and far ${far}; whole-number depth needs ${orthographic ? "near < far" : "0 <= near < far"}`,
      );
    }
    return { kind: "linear", near, far, scale };
  }
  const { near, far, reversedZ } = encoding.value;
  if (encoding.value.orthographic !== orthographic) {
    throw new BadRequestError(
      `${field}.depth.device.orthographic`,
      `is ${!orthographic}, but camera.projection is ${orthographic ? "orthographic" : "a perspective"}; the two agree where the buffer was drawn with that projection`,
    );
  }
  if (!((near > 0 || (orthographic && Number.isFinite(near))) && far > near)) {
    throw new BadRequestError(
      `${field}.depth.device`,
      `has near ${near} and far ${far}; a device buffer needs ${orthographic ? "near < far" : "0 < near < far (far may be infinity)"}`,
    );
  }
  if (orthographic && !Number.isFinite(far)) {
    throw new BadRequestError(`${field}.depth.device.far`, "is infinite; an orthographic buffer needs a finite far");
  }
  return { kind: "device", near, far, scale, reversed: reversedZ, orthographic };
}

/** Units along the view axis from a plane's value; NaN where there is no surface. */
export function unitsOf(code: DepthCode, value: number): number {
  if (code.kind === "distance") return value === 0 ? Number.NaN : value;
  if (code.kind === "linear") {
    return value === 0 ? Number.NaN : code.near + ((code.far - code.near) * value) / code.scale;
  }
  const { near, far } = code;
  const d = value / code.scale;
  // 1 at the near plane, 0 at the far one.
  const nearness = code.reversed ? d : 1 - d;
  if (!(nearness > 0)) return Number.NaN;
  if (code.orthographic) return far - (far - near) * nearness;
  return far === Infinity ? near / nearness : (near * far) / (near + nearness * (far - near));
}
