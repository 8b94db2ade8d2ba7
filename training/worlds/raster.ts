import type { vec3 } from "gl-matrix";
import { intrinsicsOf } from "playblast/scene/camera";
import type { Camera } from "playblast/scene/engine-frame";
import type { FrameSize } from "playblast/scene/picture";

/** All triangles of a world in world space, as they lie at one tick. */
export interface Soup {
  /** [V, 3] metres. */
  readonly positions: Float32Array;
  /** [V, 3] unit normals. */
  readonly normals: Float32Array;
  /** [V, 2] metres on the surface. */
  readonly uvs: Float32Array;
  /** [T, 3]. */
  readonly indices: Uint32Array;
  /** [T] index into the world's materials. */
  readonly materials: Uint16Array;
  /** [T] value in the owner-id plane. */
  readonly owners: Uint16Array;
  /** [T] 1 where a triangle throws a shadow. */
  readonly shadows: Uint8Array;
}

/**
 * A way to see world space: picture coordinates in pixels (y down), and what a point's nearness is. `rows` are four planes
 * [4, 4]: X, Y, W and depth of a world point, so that the point is seen at (X / W, Y / W). With `parallel`, W is 1.
 */
export interface Lens {
  readonly rows: Float64Array;
  readonly parallel: boolean;
  readonly size: FrameSize;
}

/** Numbers a triangle: three weights and nearness, each as value at the origin and slopes along x and y. */
export const PLANE_STRIDE = 12;

/** The triangles of a soup that a lens may see. */
export interface Seen {
  readonly lens: Lens;
  count: number;
  /** Triangle of each entry. */
  readonly triangle: Uint32Array;
  /**
   * [count, 12] weights of the three corners and nearness, affine in picture coordinates. Through a perspective lens
   * nearness is 1 / depth and weights are divided by depth; through a parallel one nearness is FAR - depth.
   */
  readonly planes: Float64Array;
  /** [count, 4] left, right, top, bottom in pixels. */
  readonly bounds: Float32Array;
}

/** Nearness of a parallel lens counts from this depth in metres. */
export const FAR = 1000;
/** Triangles are cut here where they reach behind the eye, metres. */
const NEAR = 0.02;
/** Spans are widened by this much of a pixel, so that neighbours leave no gap between them. */
const OVERLAP = 1e-6;

/** The lens of a camera for pictures of `size`. */
export function cameraLens(camera: Camera, size: FrameSize): Lens {
  const { fx, fy, cx, cy } = intrinsicsOf(camera.projection, size);
  const m = camera.world;
  const rows = new Float64Array(16);
  const write = (row: number, kx: number, ky: number, kz: number) => {
    // View axes are the columns of the rigid world matrix; z looks backwards.
    let offset = 0;
    for (let k = 0; k < 3; k++) {
      const value = kx * m[k] + ky * m[4 + k] - kz * m[8 + k];
      rows[row * 4 + k] = value;
      offset -= value * m[12 + k];
    }
    rows[row * 4 + 3] = offset;
  };
  write(0, fx, 0, cx);
  write(1, 0, -fy, cy);
  write(2, 0, 0, 1);
  write(3, 0, 0, 1);
  return { rows, parallel: false, size };
}

/** A parallel lens that looks along `direction` at a square of half side `reach` metres around `centre`. */
export function parallelLens(direction: vec3, right: vec3, up: vec3, centre: vec3, reach: number, side: number): Lens {
  const rows = new Float64Array(16);
  const scale = side / (2 * reach);
  const write = (row: number, axis: vec3, factor: number, add: number) => {
    for (let k = 0; k < 3; k++) rows[row * 4 + k] = axis[k] * factor;
    rows[row * 4 + 3] = add - factor * (axis[0] * centre[0] + axis[1] * centre[1] + axis[2] * centre[2]);
  };
  write(0, right, scale, side / 2);
  write(1, up, -scale, side / 2);
  write(2, [0, 0, 0], 1, 1);
  write(3, direction, 1, FAR / 2);
  return { rows, parallel: true, size: { width: side, height: side } };
}

/** Room for everything that a lens may see of a soup, to be used again for every tick. */
export class Viewer {
  readonly #transformed: Float64Array;
  readonly #triangle: Uint32Array;
  readonly #planes: Float64Array;
  readonly #bounds: Float32Array;

  constructor({ positions, materials }: Soup) {
    this.#transformed = new Float64Array((positions.length / 3) * 4);
    this.#triangle = new Uint32Array(materials.length);
    this.#planes = new Float64Array(materials.length * PLANE_STRIDE);
    this.#bounds = new Float32Array(materials.length * 4);
  }

  /** Finds the front faces that may lie in the picture; with `shadowsOnly` those that throw shadows. */
  look(soup: Soup, lens: Lens, shadowsOnly = false): Seen {
    const { positions, indices } = soup;
    const { rows, parallel } = lens;
    const { width, height } = lens.size;
    const t = this.#transformed;
    for (let i = 0, o = 0; i < positions.length; i += 3) {
      const x = positions[i];
      const y = positions[i + 1];
      const z = positions[i + 2];
      for (let r = 0; r < 16; r += 4) t[o++] = rows[r] * x + rows[r + 1] * y + rows[r + 2] * z + rows[r + 3];
    }
    const bounds = this.#bounds;
    const planes = this.#planes;
    let count = 0;
    for (let triangle = 0; triangle < soup.materials.length; triangle++) {
      if (shadowsOnly && soup.shadows[triangle] === 0) continue;
      const a = indices[triangle * 3] * 4;
      const b = indices[triangle * 3 + 1] * 4;
      const c = indices[triangle * 3 + 2] * 4;
      const aw = t[a + 2];
      const bw = t[b + 2];
      const cw = t[c + 2];
      if (aw < NEAR && bw < NEAR && cw < NEAR) continue;
      // Rows of the inverse of the corners' matrix: the corner weights of the ray (x, y, 1).
      const ax = t[a];
      const ay = t[a + 1];
      const bx = t[b];
      const by = t[b + 1];
      const cx = t[c];
      const cy = t[c + 1];
      const ux = by * cw - bw * cy;
      const uy = bw * cx - bx * cw;
      const u1 = bx * cy - by * cx;
      const determinant = ax * ux + ay * uy + aw * u1;
      // Counter-clockwise faces turn clockwise in a picture whose y points down.
      if (!(determinant < 0)) continue;
      let left = Infinity;
      let right = -Infinity;
      let top = Infinity;
      let bottom = -Infinity;
      for (let edge = 0; edge < 3; edge++) {
        const from = edge === 0 ? a : edge === 1 ? b : c;
        const to = edge === 0 ? b : edge === 1 ? c : a;
        const w0 = t[from + 2];
        const w1 = t[to + 2];
        if (w0 >= NEAR) {
          const x = t[from] / w0;
          const y = t[from + 1] / w0;
          if (x < left) left = x;
          if (x > right) right = x;
          if (y < top) top = y;
          if (y > bottom) bottom = y;
        }
        if (w0 >= NEAR !== w1 >= NEAR) {
          const k = (NEAR - w0) / (w1 - w0);
          const x = (t[from] + k * (t[to] - t[from])) / NEAR;
          const y = (t[from + 1] + k * (t[to + 1] - t[from + 1])) / NEAR;
          if (x < left) left = x;
          if (x > right) right = x;
          if (y < top) top = y;
          if (y > bottom) bottom = y;
        }
      }
      if (right <= 0 || bottom <= 0 || left >= width || top >= height) continue;
      const s = 1 / determinant;
      const o = count * PLANE_STRIDE;
      planes[o] = u1 * s;
      planes[o + 1] = ux * s;
      planes[o + 2] = uy * s;
      planes[o + 3] = (cx * ay - cy * ax) * s;
      planes[o + 4] = (cy * aw - cw * ay) * s;
      planes[o + 5] = (cw * ax - cx * aw) * s;
      planes[o + 6] = (ax * by - ay * bx) * s;
      planes[o + 7] = (ay * bw - aw * by) * s;
      planes[o + 8] = (aw * bx - ax * bw) * s;
      const qa = parallel ? FAR - t[a + 3] : 1;
      const qb = parallel ? FAR - t[b + 3] : 1;
      const qc = parallel ? FAR - t[c + 3] : 1;
      for (let k = 0; k < 3; k++)
        planes[o + 9 + k] = planes[o + k] * qa + planes[o + 3 + k] * qb + planes[o + 6 + k] * qc;
      bounds[count * 4] = Math.max(left, 0);
      bounds[count * 4 + 1] = Math.min(right, width);
      bounds[count * 4 + 2] = Math.max(top, 0);
      bounds[count * 4 + 3] = Math.min(bottom, height);
      this.#triangle[count++] = triangle;
    }
    return { lens, count, triangle: this.#triangle, planes, bounds };
  }
}

/**
 * Draws what a lens sees into `nearness` (0 where nothing is) and, where given, the entry of the nearest triangle into `entry`
 * (-1 for none). There are `samples` samples a pixel side, evenly spread; a single one lies at the
 * pixel's centre.
 */
export function draw(seen: Seen, samples: number, nearness: Float32Array, entry?: Int32Array): void {
  nearness.fill(0);
  entry?.fill(-1);
  const { planes, bounds } = seen;
  const columns = seen.lens.size.width * samples;
  const rows = seen.lens.size.height * samples;
  const step = 1 / samples;
  for (let n = 0; n < seen.count; n++) {
    const o = n * PLANE_STRIDE;
    const a0 = planes[o];
    const ax = planes[o + 1];
    const ay = planes[o + 2];
    const b0 = planes[o + 3];
    const bx = planes[o + 4];
    const by = planes[o + 5];
    const c0 = planes[o + 6];
    const cx = planes[o + 7];
    const cy = planes[o + 8];
    const q0 = planes[o + 9];
    const qx = planes[o + 10];
    const qy = planes[o + 11];
    const low = bounds[n * 4];
    const high = bounds[n * 4 + 1];
    const firstRow = Math.max(0, Math.ceil((bounds[n * 4 + 2] - OVERLAP) * samples - 0.5));
    const lastRow = Math.min(rows - 1, Math.floor((bounds[n * 4 + 3] + OVERLAP) * samples - 0.5));
    for (let row = firstRow; row <= lastRow; row++) {
      const y = (row + 0.5) * step;
      let left = low;
      let right = high;
      const a = a0 + ay * y;
      if (ax > 0) left = Math.max(left, -a / ax);
      else if (ax < 0) right = Math.min(right, -a / ax);
      else if (a < 0) continue;
      const b = b0 + by * y;
      if (bx > 0) left = Math.max(left, -b / bx);
      else if (bx < 0) right = Math.min(right, -b / bx);
      else if (b < 0) continue;
      const c = c0 + cy * y;
      if (cx > 0) left = Math.max(left, -c / cx);
      else if (cx < 0) right = Math.min(right, -c / cx);
      else if (c < 0) continue;
      const first = Math.max(0, Math.ceil((left - OVERLAP) * samples - 0.5));
      const last = Math.min(columns - 1, Math.floor((right + OVERLAP) * samples - 0.5));
      let q = q0 + qy * y + qx * (first + 0.5) * step;
      const dq = qx * step;
      let p = row * columns + first;
      if (entry) {
        for (const end = row * columns + last; p <= end; p++, q += dq) {
          if (q > nearness[p]) {
            nearness[p] = q;
            entry[p] = n;
          }
        }
      } else {
        for (const end = row * columns + last; p <= end; p++, q += dq) if (q > nearness[p]) nearness[p] = q;
      }
    }
  }
}
