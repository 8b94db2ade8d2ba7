import { type mat4, vec3 } from "gl-matrix";
import { inverseOf, meet, reach, type Solid } from "./solid.js";

/**
 * Rays of a grid: origin + kx originX + ky originY, direction + kx directionX + ky directionY, where kx, ky are grid
 * coordinates. A perspective grid bends its directions, a parallel one its origins.
 */
export interface RayGrid {
  readonly width: number;
  readonly height: number;
  /** kx of column c is firstX + c * stepX, ky of row r is firstY + r * stepY. */
  readonly firstX: number;
  readonly stepX: number;
  readonly firstY: number;
  readonly stepY: number;
  readonly origin: vec3;
  readonly originX: vec3;
  readonly originY: vec3;
  readonly direction: vec3;
  readonly directionX: vec3;
  readonly directionY: vec3;
}

/** What a grid of rays met: distance as a multiple of the ray's direction, and which solid (-1 for none). */
export interface Hits {
  readonly distance: Float32Array;
  readonly solid: Int16Array;
}

/** Rays through the pixels of a picture; distances are metric depths along the view axis. */
export function perspectiveGrid(world: mat4, projection: mat4, width: number, height: number): RayGrid {
  const axis = (column: number, sign: number): vec3 => [
    sign * world[column * 4],
    sign * world[column * 4 + 1],
    sign * world[column * 4 + 2],
  ];
  return {
    width,
    height,
    firstX: (1 / width - 1) / projection[0],
    stepX: 2 / width / projection[0],
    firstY: (1 - 1 / height) / projection[5],
    stepY: -2 / height / projection[5],
    origin: [world[12], world[13], world[14]],
    originX: [0, 0, 0],
    originY: [0, 0, 0],
    direction: axis(2, -1),
    directionX: axis(0, 1),
    directionY: axis(1, 1),
  };
}

/** Finds the nearest solid along every ray of a grid. */
export function cast(solids: readonly Solid[], grid: RayGrid): Hits {
  const { width, height } = grid;
  const distance = new Float32Array(width * height).fill(Infinity);
  const solid = new Int16Array(width * height).fill(-1);
  const turn = (m: mat4, v: vec3): vec3 => [
    m[0] * v[0] + m[4] * v[1] + m[8] * v[2],
    m[1] * v[0] + m[5] * v[1] + m[9] * v[2],
    m[2] * v[0] + m[6] * v[1] + m[10] * v[2],
  ];
  const order = solids
    .map((_, index) => ({ index, ...window(solids[index], grid) }))
    .sort((a, b) => a.nearest - b.nearest);
  for (const { index, left, right, top, bottom, nearest } of order) {
    const { shape, half } = solids[index];
    const m = inverseOf(solids[index]);
    const o = vec3.transformMat4(vec3.create(), grid.origin, m);
    const oa = turn(m, grid.originX);
    const ob = turn(m, grid.originY);
    const d = turn(m, grid.direction);
    const da = turn(m, grid.directionX);
    const db = turn(m, grid.directionY);
    for (let row = top; row <= bottom; row++) {
      const ky = grid.firstY + row * grid.stepY;
      let p = row * width + left;
      for (let column = left; column <= right; column++, p++) {
        if (distance[p] <= nearest) continue;
        const kx = grid.firstX + column * grid.stepX;
        const t = meet(
          shape,
          half,
          o[0] + kx * oa[0] + ky * ob[0],
          o[1] + kx * oa[1] + ky * ob[1],
          o[2] + kx * oa[2] + ky * ob[2],
          d[0] + kx * da[0] + ky * db[0],
          d[1] + kx * da[1] + ky * db[1],
          d[2] + kx * da[2] + ky * db[2],
        );
        if (t < distance[p]) {
          distance[p] = t;
          solid[p] = index;
        }
      }
    }
  }
  return { distance, solid };
}

/** Part of a grid that a solid's ball may be met in, and the nearest distance at which it may be. */
function window(
  solid: Solid,
  grid: RayGrid,
): { left: number; right: number; top: number; bottom: number; nearest: number } {
  const radius = reach(solid);
  const whole = { left: 0, right: grid.width - 1, top: 0, bottom: grid.height - 1 };
  const centre: vec3 = [solid.matrix[12], solid.matrix[13], solid.matrix[14]];
  const to = vec3.subtract(vec3.create(), centre, grid.origin);
  const along = vec3.dot(to, grid.direction);
  const parallel = vec3.squaredLength(grid.directionX) === 0;
  const nearest = along - radius;
  const x = vec3.dot(to, parallel ? grid.originX : grid.directionX);
  const y = vec3.dot(to, parallel ? grid.originY : grid.directionY);
  if (!parallel && nearest <= radius * 0.05) return { ...whole, nearest: -Infinity };
  const scales = parallel ? [1] : [nearest, along + radius];
  const ends = (value: number, first: number, step: number, limit: number): [number, number] => {
    const cells = scales
      .flatMap((scale) => [(value - radius) / scale, (value + radius) / scale])
      .map((k) => (k - first) / step);
    return [Math.max(0, Math.floor(Math.min(...cells))), Math.min(limit - 1, Math.ceil(Math.max(...cells)))];
  };
  const [left, right] = ends(x, grid.firstX, grid.stepX, grid.width);
  const [top, bottom] = ends(y, grid.firstY, grid.stepY, grid.height);
  return { left, right, top, bottom, nearest };
}
