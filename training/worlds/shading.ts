import type { vec3 } from "gl-matrix";
import type { Light } from "playblast/scene/engine-frame";
import { colourAt, type Material } from "./material.js";
import { PLANE_STRIDE, type Seen, type Soup } from "./raster.js";
import type { SunShadow } from "./sun-shadow.js";

/** Metres at which a lamp has half of its nominal strength. */
const LAMP_FALL = 1;
/** Numbers a triangle: u, v, normal x y z, all divided by depth, as value at the origin and slopes along x and y. */
const SURFACE_STRIDE = 15;

/** Albedo, light and highlights of points on the triangles that a camera sees. */
export class Shading {
  /** Linear RGB of the last point: albedo times light plus highlights. */
  readonly colour = new Float64Array(3);
  /** Linear RGB of the light alone at the last point. */
  readonly light = new Float64Array(3);
  /** Linear RGB of the surface itself at the last point, without light. */
  readonly albedo = new Float64Array(3);
  /**
   * The sample to shade: where it is seen, x and y in pixels; its ray, whose length along the view axis is 1, x, y, z; its side
   * in pixels. Given in an array because numbers passed one by one would be allocated.
   */
  readonly sample = new Float64Array(6);
  readonly #materials: readonly Material[];
  readonly #shadow: SunShadow;
  readonly #surfaces: Float64Array;
  readonly #lamps: number[] = [];
  readonly #toSun = new Float64Array(3);
  readonly #sun = new Float64Array(3);
  readonly #ambient = new Float64Array(3);
  readonly #eye = new Float64Array(3);
  #planes: Float64Array = new Float64Array(0);
  #ofEntry: Uint16Array = new Uint16Array(0);

  constructor(soup: Soup, materials: readonly Material[], shadow: SunShadow) {
    this.#materials = materials;
    this.#shadow = shadow;
    this.#surfaces = new Float64Array(soup.materials.length * SURFACE_STRIDE);
    this.#ofEntry = new Uint16Array(soup.materials.length);
  }

  /** Makes ready for a tick; `lights` are the sun, the ambient light, then lamps. */
  prepare(soup: Soup, seen: Seen, eye: vec3, lights: readonly Light[]): void {
    const { uvs, normals, indices } = soup;
    const { planes } = seen;
    this.#planes = planes;
    this.#eye.set(eye);
    const [sun, ambient, ...lamps] = lights;
    for (let c = 0; c < 3; c++) {
      this.#toSun[c] = -sun.direction[c];
      this.#sun[c] = sun.colour[c];
      this.#ambient[c] = ambient.colour[c];
    }
    this.#lamps.length = 0;
    for (const { position, colour } of lamps) this.#lamps.push(...position, ...colour);
    const surfaces = this.#surfaces;
    for (let n = 0; n < seen.count; n++) {
      const triangle = seen.triangle[n];
      this.#ofEntry[n] = soup.materials[triangle];
      const a = indices[triangle * 3];
      const b = indices[triangle * 3 + 1];
      const c = indices[triangle * 3 + 2];
      for (let k = 0; k < 3; k++) {
        const wa = planes[n * PLANE_STRIDE + k];
        const wb = planes[n * PLANE_STRIDE + 3 + k];
        const wc = planes[n * PLANE_STRIDE + 6 + k];
        const o = n * SURFACE_STRIDE + k;
        surfaces[o] = wa * uvs[a * 2] + wb * uvs[b * 2] + wc * uvs[c * 2];
        surfaces[o + 3] = wa * uvs[a * 2 + 1] + wb * uvs[b * 2 + 1] + wc * uvs[c * 2 + 1];
        for (let axis = 0; axis < 3; axis++)
          surfaces[o + 6 + 3 * axis] =
            wa * normals[a * 3 + axis] + wb * normals[b * 3 + axis] + wc * normals[c * 3 + axis];
      }
    }
  }

  /** Shades the point of entry `n` that `sample` sees. */
  shade(n: number): void {
    const sample = this.sample;
    const x = sample[0];
    const y = sample[1];
    const dx = sample[2];
    const dy = sample[3];
    const dz = sample[4];
    const extent = sample[5];
    const planes = this.#planes;
    const s = this.#surfaces;
    const q = n * PLANE_STRIDE + 9;
    const o = n * SURFACE_STRIDE;
    const depth = 1 / (planes[q] + planes[q + 1] * x + planes[q + 2] * y);
    const u = (s[o] + s[o + 1] * x + s[o + 2] * y) * depth;
    const v = (s[o + 3] + s[o + 4] * x + s[o + 5] * y) * depth;
    let nx = s[o + 6] + s[o + 7] * x + s[o + 8] * y;
    let ny = s[o + 9] + s[o + 10] * x + s[o + 11] * y;
    let nz = s[o + 12] + s[o + 13] * x + s[o + 14] * y;
    const length = 1 / (Math.sqrt(nx * nx + ny * ny + nz * nz) || 1);
    nx *= length;
    ny *= length;
    nz *= length;
    const reach = depth * extent;
    const du = (Math.abs(s[o + 1] - u * planes[q + 1]) + Math.abs(s[o + 2] - u * planes[q + 2])) * reach;
    const dv = (Math.abs(s[o + 4] - v * planes[q + 1]) + Math.abs(s[o + 5] - v * planes[q + 2])) * reach;
    const material = this.#materials[this.#ofEntry[n]];
    const albedo = this.albedo;
    colourAt(material, u, v, du, dv, albedo);

    const eye = this.#eye;
    const px = eye[0] + depth * dx;
    const py = eye[1] + depth * dy;
    const pz = eye[2] + depth * dz;
    const light = this.light;
    const toSun = this.#toSun;
    const sun = this.#sun;
    const { gloss, sharpness } = material;
    // Towards the eye, for highlights.
    let ex = 0;
    let ey = 0;
    let ez = 0;
    if (gloss > 0) {
      const shorter = -1 / Math.sqrt(dx * dx + dy * dy + dz * dz);
      ex = dx * shorter;
      ey = dy * shorter;
      ez = dz * shorter;
    }
    let shineR = 0;
    let shineG = 0;
    let shineB = 0;
    const hemisphere = 0.7 + 0.3 * ny;
    for (let c = 0; c < 3; c++) light[c] = this.#ambient[c] * hemisphere;
    const facing = nx * toSun[0] + ny * toSun[1] + nz * toSun[2];
    if (facing > 0) {
      const point = this.#shadow.point;
      point[0] = px;
      point[1] = py;
      point[2] = pz;
      point[3] = nx;
      point[4] = ny;
      point[5] = nz;
      const open = this.#shadow.share();
      if (open > 0) {
        for (let c = 0; c < 3; c++) light[c] += sun[c] * facing * open;
        if (gloss > 0) {
          const shine = gloss * open * highlight(nx, ny, nz, ex + toSun[0], ey + toSun[1], ez + toSun[2], sharpness);
          shineR = shine * sun[0];
          shineG = shine * sun[1];
          shineB = shine * sun[2];
        }
      }
    }
    const lamps = this.#lamps;
    for (let i = 0; i < lamps.length; i += 6) {
      const tx = lamps[i] - px;
      const ty = lamps[i + 1] - py;
      const tz = lamps[i + 2] - pz;
      const along = nx * tx + ny * ty + nz * tz;
      if (along <= 0) continue;
      const squared = tx * tx + ty * ty + tz * tz;
      const closer = 1 / Math.sqrt(squared);
      const strength = 1 / (LAMP_FALL + squared);
      const lit = along * closer * strength;
      light[0] += lamps[i + 3] * lit;
      light[1] += lamps[i + 4] * lit;
      light[2] += lamps[i + 5] * lit;
      if (gloss > 0) {
        const shine =
          gloss * strength * highlight(nx, ny, nz, ex + tx * closer, ey + ty * closer, ez + tz * closer, sharpness);
        shineR += shine * lamps[i + 3];
        shineG += shine * lamps[i + 4];
        shineB += shine * lamps[i + 5];
      }
    }
    const colour = this.colour;
    colour[0] = albedo[0] * light[0] + shineR;
    colour[1] = albedo[1] * light[1] + shineG;
    colour[2] = albedo[2] * light[2] + shineB;
  }
}

/** Blinn's highlight for a normal and a halfway vector of any length. */
function highlight(nx: number, ny: number, nz: number, hx: number, hy: number, hz: number, sharpness: number): number {
  const along = nx * hx + ny * hy + nz * hz;
  if (along <= 0) return 0;
  return (along / Math.sqrt(hx * hx + hy * hy + hz * hz)) ** sharpness;
}
