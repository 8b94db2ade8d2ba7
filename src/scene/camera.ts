import { mat4 } from "gl-matrix";
import type { Camera } from "./engine-frame.js";
import type { FrameSize } from "./picture.js";

/**
 * Pinhole (or parallel) intrinsics in pixels, pixel (0, 0) covering [0, 1) x [0, 1), y down.
 * Perspective: u = cx + fx x / z with z the distance along the view axis; orthographic: u = cx + fx x.
 */
export interface Intrinsics {
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
  readonly orthographic: boolean;
}

/** Intrinsics of an OpenGL projection (column-major) for a picture of `size`; lens shift is kept. */
export function intrinsicsOf(projection: mat4, size: FrameSize): Intrinsics {
  const orthographic = projection[11] === 0;
  const halfWidth = size.width / 2;
  const halfHeight = size.height / 2;
  return {
    fx: projection[0] * halfWidth,
    fy: projection[5] * halfHeight,
    cx: orthographic ? (1 + projection[12]) * halfWidth : (1 - projection[8]) * halfWidth,
    cy: orthographic ? (1 - projection[13]) * halfHeight : (1 + projection[9]) * halfHeight,
    orthographic,
  };
}

/** World to view (camera looking down -Z). */
export function viewOf(camera: Camera): mat4 {
  const view = mat4.invert(mat4.create(), camera.world);
  if (!view) throw new RangeError("camera.world is singular");
  return view;
}
