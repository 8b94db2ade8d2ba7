import { mat4 } from "gl-matrix";
import { depthReach } from "../scene/camera.js";
import { BACKGROUND_DEPTH } from "../scene/engine-frame.js";
import type { FrameGeometry } from "./geometry.js";

/** Steps of a unit normal's components that are told apart. */
const NORMAL_STEPS = 8;
/** Neighbours further apart than this share of their depth (of an orthographic view's height) lie on two surfaces. */
const SURFACE_JUMP = 0.2;

/** Owner-local points of a frame, and where they face. */
export interface LocalPoints {
  /** The owner-local point of pixel p, metres, into `out`. */
  pointAt(p: number, out: Float64Array): void;
  /** The pixel in which an owner's local point is seen, with its depth in metres; undefined out of view. */
  pixelOf(owner: number, point: Float64Array): { readonly pixel: number; readonly depth: number } | undefined;
  /** The pixel in which an owner's local point is seen, or out of view the nearest one; -1 behind the camera. */
  nearestPixelOf(owner: number, point: Float64Array): number;
  /**
   * A number that stands for pixel p's owner and, in steps, for where its surface faces in the owner's frame; the same in every frame, -1
   * where that is not known. The owner-local unit normal is left in `normal`.
   */
  facingAt(p: number): number;
  readonly normal: Float64Array;
}

/** Points of a frame in the frames of their owners. Nothing is computed before it is asked for. */
export function localPoints(geometry: FrameGeometry): LocalPoints {
  const { width, height, depth, owner, world, transforms } = geometry;
  const { fx, fy, cx, cy, orthographic } = geometry.intrinsics;
  const viewToLocal = new Map<number, mat4>();
  const localToView = new Map<number, mat4>();
  const normal = new Float64Array(3);
  const here = new Float64Array(3);
  const across = new Float64Array(3);
  const down = new Float64Array(3);

  const localOf = (o: number): mat4 => {
    let m = viewToLocal.get(o);
    if (!m) {
      const local = mat4.invert(mat4.create(), transforms.matrices.subarray(o * 16, o * 16 + 16) as unknown as mat4);
      m = mat4.multiply(mat4.create(), local ?? mat4.create(), world);
      viewToLocal.set(o, m);
      localToView.set(o, mat4.invert(mat4.create(), m) ?? mat4.create());
    }
    return m;
  };
  const pointAt = (p: number, out: Float64Array): void => {
    const m = localOf(owner[p]);
    const z = depth[p];
    const k = orthographic ? 1 : z;
    const column = p % width;
    const x = ((column + 0.5 - cx) / fx) * k;
    const y = ((cy - ((p - column) / width + 0.5)) / fy) * k;
    for (let i = 0; i < 3; i++) out[i] = m[i] * x + m[4 + i] * y - m[8 + i] * z + m[12 + i];
  };
  /** Column, row and depth of an owner's local point into `screen`. */
  const screen = new Float64Array(3);
  const project = (o: number, [a, b, c]: Float64Array): void => {
    localOf(o);
    const m = localToView.get(o) as mat4;
    const z = -(m[2] * a + m[6] * b + m[10] * c + m[14]);
    const k = orthographic ? 1 : z;
    screen[0] = Math.floor(((m[0] * a + m[4] * b + m[8] * c + m[12]) / k) * fx + cx);
    screen[1] = Math.floor(cy - ((m[1] * a + m[5] * b + m[9] * c + m[13]) / k) * fy);
    screen[2] = z;
  };
  /** The one of two neighbours that goes on with the surface of p, or -1. */
  const neighbour = (p: number, a: number, b: number): number => {
    const apart = (q: number) => (q >= 0 && owner[q] === owner[p] ? Math.abs(depth[q] - depth[p]) : Infinity);
    const [q, jump] = apart(a) <= apart(b) ? [a, apart(a)] : [b, apart(b)];
    return jump <= SURFACE_JUMP * depthReach(geometry.intrinsics, depth[p]) ? q : -1;
  };

  return {
    normal,
    pointAt,
    pixelOf(o, point) {
      project(o, point);
      const [column, row, z] = screen;
      if (!(z > 0 && column >= 0 && column < width && row >= 0 && row < height)) return undefined;
      return { pixel: row * width + column, depth: z };
    },
    nearestPixelOf(o, point) {
      project(o, point);
      const [column, row, z] = screen;
      if (!(z > 0)) return -1;
      return Math.max(0, Math.min(height - 1, row)) * width + Math.max(0, Math.min(width - 1, column));
    },
    facingAt(p) {
      if (depth[p] >= BACKGROUND_DEPTH) return -1;
      const column = p % width;
      const q = neighbour(p, column > 0 ? p - 1 : -1, column < width - 1 ? p + 1 : -1);
      const r = neighbour(p, p - width, p + width < depth.length ? p + width : -1);
      if (q < 0 || r < 0) return -1;
      pointAt(p, here);
      pointAt(q, across);
      pointAt(r, down);
      for (let i = 0; i < 3; i++) {
        across[i] = (across[i] - here[i]) * (q - p);
        down[i] = (down[i] - here[i]) * (p - r);
      }
      for (let i = 0; i < 3; i++) {
        const j = (i + 1) % 3;
        const k = (i + 2) % 3;
        normal[i] = across[j] * down[k] - across[k] * down[j];
      }
      const length = Math.hypot(normal[0], normal[1], normal[2]);
      if (!(length > 0)) return -1;
      let facing = owner[p];
      for (let i = 0; i < 3; i++) {
        normal[i] /= length;
        facing = facing * (2 * NORMAL_STEPS + 1) + Math.round(normal[i] * NORMAL_STEPS) + NORMAL_STEPS;
      }
      return facing;
    },
  };
}
