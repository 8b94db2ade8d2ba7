import { mat4 } from "gl-matrix";
import type { Material } from "./material.js";

/** Shapes that a ray meets in closed form, around the origin of their local space. */
export type Shape = "box" | "ellipsoid" | "cylinder" | "cone";

/** One rigid primitive at one tick. */
export interface Solid {
  readonly shape: Shape;
  /** Half extents along local x, y, z; a cylinder's and cone's radius is x, their axis y. */
  readonly half: readonly [number, number, number];
  /** Local to world, rigid. */
  readonly matrix: mat4;
  /** Value in the owner-id plane; 0 is the static world. */
  readonly owner: number;
  readonly material: Material;
  /** Where the texture lies: owner-local to texture, so that parts of one owner continue each other. */
  readonly textureShift: readonly [number, number, number];
  readonly castsShadow: boolean;
}

/** The nearest meeting of a ray and a solid in the solid's local space, as a multiple of the direction; Infinity for none. */
export function meet(
  shape: Shape,
  half: readonly [number, number, number],
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
): number {
  const hx = half[0];
  const hy = half[1];
  const hz = half[2];
  if (shape === "box") {
    const ix = 1 / dx;
    const iy = 1 / dy;
    const iz = 1 / dz;
    const ax = (-hx - ox) * ix;
    const bx = (hx - ox) * ix;
    const ay = (-hy - oy) * iy;
    const by = (hy - oy) * iy;
    const az = (-hz - oz) * iz;
    const bz = (hz - oz) * iz;
    const enter = Math.max(Math.min(ax, bx), Math.min(ay, by), Math.min(az, bz));
    const leave = Math.min(Math.max(ax, bx), Math.max(ay, by), Math.max(az, bz));
    return leave >= enter && enter > 0 ? enter : Infinity;
  }
  if (shape === "ellipsoid") {
    const px = ox / hx;
    const py = oy / hy;
    const pz = oz / hz;
    const ex = dx / hx;
    const ey = dy / hy;
    const ez = dz / hz;
    const a = ex * ex + ey * ey + ez * ez;
    const b = px * ex + py * ey + pz * ez;
    const c = px * px + py * py + pz * pz - 1;
    const root = b * b - a * c;
    if (root < 0) return Infinity;
    const t = (-b - Math.sqrt(root)) / a;
    return t > 0 ? t : Infinity;
  }
  // Cylinder and cone: the side, where it lies between the caps, then the caps.
  const taper = shape === "cone" ? hx / (2 * hy) : 0;
  const r0 = shape === "cone" ? hx / 2 - taper * oy : hx;
  const rd = shape === "cone" ? -taper * dy : 0;
  const a = dx * dx + dz * dz - rd * rd;
  const b = ox * dx + oz * dz - r0 * rd;
  const c = ox * ox + oz * oz - r0 * r0;
  let best = Infinity;
  const root = b * b - a * c;
  if (root >= 0 && a !== 0) {
    const s = Math.sqrt(root);
    for (const t of [(-b - s) / a, (-b + s) / a]) {
      const y = oy + t * dy;
      if (t > 0 && t < best && y >= -hy && y <= hy && r0 + t * rd >= 0) best = t;
    }
  }
  for (const cap of shape === "cone" ? [-hy] : [-hy, hy]) {
    const t = (cap - oy) / dy;
    if (!(t > 0) || t >= best) continue;
    const x = ox + t * dx;
    const z = oz + t * dz;
    if (x * x + z * z <= hx * hx) best = t;
  }
  return best;
}

/** Outward normal at a point on a solid's surface, local, not normalised; written into `out`. */
export function normalAt(solid: Solid, x: number, y: number, z: number, out: Float64Array): void {
  const hx = solid.half[0];
  const hy = solid.half[1];
  const hz = solid.half[2];
  if (solid.shape === "box") {
    const ax = Math.abs(x) / hx;
    const ay = Math.abs(y) / hy;
    const az = Math.abs(z) / hz;
    out[0] = ax >= ay && ax >= az ? Math.sign(x) : 0;
    out[1] = ay > ax && ay >= az ? Math.sign(y) : 0;
    out[2] = az > ax && az > ay ? Math.sign(z) : 0;
  } else if (solid.shape === "ellipsoid") {
    out[0] = x / (hx * hx);
    out[1] = y / (hy * hy);
    out[2] = z / (hz * hz);
  } else if (Math.abs(Math.abs(y) - hy) < 1e-3 * hy && (solid.shape === "cylinder" || y < 0)) {
    out[0] = 0;
    out[1] = Math.sign(y);
    out[2] = 0;
  } else {
    const r = Math.hypot(x, z) || 1;
    out[0] = x / r;
    out[1] = solid.shape === "cone" ? hx / (2 * hy) : 0;
    out[2] = z / r;
  }
}

/** Radius of a ball around a solid. */
export function reach({ half }: Solid): number {
  return Math.hypot(half[0], half[1], half[2]);
}

/** World to local. */
export function inverseOf(solid: Solid): mat4 {
  return mat4.invert(mat4.create(), solid.matrix) as mat4;
}
