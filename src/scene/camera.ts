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
  /** Orthographic: height in metres of what is seen, positive. 0 under perspective. */
  readonly viewHeight: number;
}

/** Intrinsics of an OpenGL projection (column-major) for a picture of `size`; lens shift is kept. */
export function intrinsicsOf(projection: mat4, size: FrameSize): Intrinsics {
  const orthographic = isOrthographic(projection);
  const halfWidth = size.width / 2;
  const halfHeight = size.height / 2;
  return {
    fx: projection[0] * halfWidth,
    fy: projection[5] * halfHeight,
    cx: orthographic ? (1 + projection[12]) * halfWidth : (1 - projection[8]) * halfWidth,
    cy: orthographic ? (1 - projection[13]) * halfHeight : (1 + projection[9]) * halfHeight,
    orthographic,
    viewHeight: orthographic ? orthographicHeight(projection) : 0,
  };
}

/** Where in view space, to the right and up in metres, a pixel of a picture so many pixels wide shows something at a depth; its z is minus the depth. */
export function viewPlace(
  { fx, fy, cx, cy, viewHeight }: Omit<Intrinsics, "orthographic">,
  width: number,
  pixel: number,
  depth: number,
): [number, number] {
  const spread = viewHeight > 0 ? 1 : depth;
  return [(((pixel % width) + 0.5 - cx) / fx) * spread, ((cy - Math.floor(pixel / width) - 0.5) / fy) * spread];
}

/**
 * Metres of which steps in depth are judged as shares: the depth itself under perspective, which is what a picture shows at that depth, give or
 * take its opening; the view's height for an orthographic camera, whose depth counts from an arbitrary place.
 */
export function depthReach({ viewHeight }: Pick<Intrinsics, "viewHeight">, depth: number): number {
  return viewHeight > 0 ? viewHeight : depth;
}

/** Whether an OpenGL projection (column-major) is orthographic. */
export function isOrthographic(projection: mat4): boolean {
  return projection[11] === 0;
}

/**
 * The projection of the same camera in a world that is `factor` times as large: what reads view space in other units. Under
 * perspective only the depth row's constant has a length; an orthographic projection is a scale all through.
 */
export function scaledProjection(projection: mat4, factor: number): mat4 {
  const scaled = mat4.clone(projection);
  if (isOrthographic(projection)) for (let i = 0; i < 12; i++) scaled[i] /= factor;
  else for (let i = 12; i < 16; i++) scaled[i] *= factor;
  return scaled;
}

/** Height in metres of what an orthographic camera sees. */
export function orthographicHeight(projection: mat4): number {
  return 2 / Math.abs(projection[5]);
}

/** World to view (camera looking down -Z). */
export function viewOf(camera: Camera): mat4 {
  const view = mat4.invert(mat4.create(), camera.world);
  if (!view) throw new RangeError("camera.world is singular");
  return view;
}
