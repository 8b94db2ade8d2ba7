import { vec3 } from "gl-matrix";
import { draw, FAR, type Lens, parallelLens, type Soup, Viewer } from "./raster.js";

const TEXELS = 768;
/** Metres. */
const BIAS = 0.012;
/** Points are lifted off their surface by this much, metres. */
const LIFT = 0.012;
/** A surface turned away from the sun by more than this slope is taken to have it. */
const STEEPEST = 5;

/** Where the sun reaches: a shadow map whose texels lie still in the world as long as the sun does. */
export class SunShadow {
  /** The point of a surface that is asked about, metres, and its unit normal. */
  readonly point = new Float64Array(6);
  readonly #viewer: Viewer;
  readonly #reach: number;
  readonly #nearness = new Float32Array(TEXELS * TEXELS);
  readonly #right = vec3.create();
  readonly #up = vec3.create();
  readonly #direction = vec3.create();
  #rows: Float64Array = new Float64Array(16);

  /** Covers a ball of radius `reach` metres around the origin. */
  constructor(soup: Soup, reach: number) {
    this.#viewer = new Viewer(soup);
    this.#reach = reach;
  }

  /** Draws the map for a sun that shines along `direction`. */
  draw(soup: Soup, direction: vec3): void {
    const right = vec3.normalize(this.#right, vec3.cross(this.#right, direction, [0, 1, 0]));
    const up = vec3.cross(this.#up, right, direction);
    vec3.copy(this.#direction, direction);
    const lens: Lens = parallelLens(direction, right, up, [0, 0, 0], this.#reach, TEXELS);
    this.#rows = lens.rows;
    draw(this.#viewer.look(soup, lens, true), 1, this.#nearness);
  }

  /** Share of sunlight that reaches `point`, 0..1: the mean over 3 x 3 texels. */
  share(): number {
    const point = this.point;
    const nx = point[3];
    const ny = point[4];
    const nz = point[5];
    const rows = this.#rows;
    const x = point[0] + nx * LIFT;
    const y = point[1] + ny * LIFT;
    const z = point[2] + nz * LIFT;
    const column = rows[0] * x + rows[1] * y + rows[2] * z + rows[3] - 0.5;
    const row = rows[4] * x + rows[5] * y + rows[6] * z + rows[7] - 0.5;
    const depth = rows[12] * x + rows[13] * y + rows[14] * z + rows[15];
    const c = Math.floor(column);
    const r = Math.floor(row);
    if (c < 1 || r < 1 || c > TEXELS - 4 || r > TEXELS - 4) return 1;
    // How nearness changes from texel to texel along the surface itself.
    const right = this.#right;
    const up = this.#up;
    const away = this.#direction;
    const texel = (2 * this.#reach) / TEXELS;
    const facing = nx * away[0] + ny * away[1] + nz * away[2];
    const k = texel / Math.min(-1e-3, facing);
    const most = STEEPEST * texel;
    const slopeX = Math.max(-most, Math.min(most, k * (nx * right[0] + ny * right[1] + nz * right[2])));
    const slopeY = Math.max(-most, Math.min(most, -k * (nx * up[0] + ny * up[1] + nz * up[2])));
    const fx = column - c;
    const fy = row - r;
    const nearness = this.#nearness;
    let open = 0;
    const base = FAR - depth + BIAS;
    for (let j = -1; j <= 2; j++) {
      const wy = j < 0 ? 1 - fy : j > 1 ? fy : 1;
      const o = (r + j) * TEXELS + c;
      const level = base + slopeY * (j - fy) - slopeX * fx;
      let line = 0;
      if (nearness[o - 1] <= level - slopeX) line += 1 - fx;
      if (nearness[o] <= level) line += 1;
      if (nearness[o + 1] <= level + slopeX) line += 1;
      if (nearness[o + 2] <= level + 2 * slopeX) line += fx;
      open += wy * line;
    }
    return open / 9;
  }
}
