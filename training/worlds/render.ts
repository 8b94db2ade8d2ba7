import { vec3 } from "gl-matrix";
import { BACKGROUND_DEPTH, type EngineFrame } from "playblast/scene/engine-frame";
import type { FrameSize } from "playblast/scene/picture";
import { encodeSrgbFast } from "playblast/scene/srgb";
import { cast, perspectiveGrid, type RayGrid } from "./cast.js";
import { colourAt, noise } from "./material.js";
import { inverseOf, normalAt, type Solid } from "./solid.js";
import { FRAME_RATE, type Moment, type Sky, type World } from "./world.js";

/** Rays a pixel side: colours are the mean of 2x2 rays. */
const SUPERSAMPLING = 2;
/** The sun's shadow map covers this many metres around the origin. */
const SHADOW_REACH = 9;
const SHADOW_TEXELS = 640;
const SHADOW_BIAS = 0.04;
/** Metres at which a lamp has half of its nominal strength. */
const LAMP_FALL = 1;

/**
 * Renders one tick of a world: exact depth and owner ids at pixel centres, antialiased truth and light. The
 * truth is albedo times light plus highlights, so that its light plane explains it up to these.
 */
export function renderTick(world: World, tick: number, { width, height }: FrameSize): EngineFrame {
  const moment = world.at(tick);
  const { camera, solids } = moment;
  const centres = cast(solids, perspectiveGrid(camera.world, camera.projection, width, height));
  const pixels = width * height;
  const depth = new Float32Array(pixels);
  const ownerId = new Uint16Array(pixels);
  for (let p = 0; p < pixels; p++) {
    const solid = centres.solid[p];
    depth[p] = solid < 0 ? BACKGROUND_DEPTH : centres.distance[p];
    ownerId[p] = solid < 0 ? 0 : solids[solid].owner;
  }
  const { truth, shade } = paint(world.sky, moment, width, height);
  return {
    tick,
    time: tick / FRAME_RATE,
    camera,
    poses: moment.poses,
    objects: moment.objects,
    lights: moment.lights,
    depth,
    ownerId,
    shade,
    truth,
  };
}

function paint(
  sky: Sky,
  { camera, solids, lights }: Moment,
  width: number,
  height: number,
): { truth: Uint8Array; shade: Float32Array } {
  const grid = perspectiveGrid(camera.world, camera.projection, width * SUPERSAMPLING, height * SUPERSAMPLING);
  const hits = cast(solids, grid);
  const inverses = solids.map(inverseOf);
  const sun = lights[0];
  const ambient = lights[1].colour;
  const lamps = lights.slice(2);
  const shadow = shadowMap(solids, sun.direction);
  const colour = new Float32Array(width * height * 3);
  const shade = new Float32Array(width * height * 3);
  const share = 1 / (SUPERSAMPLING * SUPERSAMPLING);
  const pixelAngle = Math.abs(grid.stepY) * SUPERSAMPLING;
  const normal = new Float64Array(3);
  const albedo = new Float64Array(3);
  const light = [0, 0, 0];
  for (let row = 0, s = 0; row < grid.height; row++) {
    const ky = grid.firstY + row * grid.stepY;
    for (let column = 0; column < grid.width; column++, s++) {
      const kx = grid.firstX + column * grid.stepX;
      const dx = grid.direction[0] + kx * grid.directionX[0] + ky * grid.directionY[0];
      const dy = grid.direction[1] + kx * grid.directionX[1] + ky * grid.directionY[1];
      const dz = grid.direction[2] + kx * grid.directionX[2] + ky * grid.directionY[2];
      const o = (((row / SUPERSAMPLING) | 0) * width + ((column / SUPERSAMPLING) | 0)) * 3;
      const index = hits.solid[s];
      if (index < 0) {
        skyColour(sky, dx, dy, dz, albedo);
        for (let c = 0; c < 3; c++) {
          colour[o + c] += albedo[c] * share;
          shade[o + c] += share;
        }
        continue;
      }
      const solid = solids[index];
      const t = hits.distance[s];
      const px = grid.origin[0] + t * dx;
      const py = grid.origin[1] + t * dy;
      const pz = grid.origin[2] + t * dz;
      const m = inverses[index];
      const lx = m[0] * px + m[4] * py + m[8] * pz + m[12];
      const ly = m[1] * px + m[5] * py + m[9] * pz + m[13];
      const lz = m[2] * px + m[6] * py + m[10] * pz + m[14];
      normalAt(solid, lx, ly, lz, normal);
      const length = 1 / (Math.hypot(normal[0], normal[1], normal[2]) || 1);
      const ax = Math.abs(normal[0]);
      const ay = Math.abs(normal[1]);
      const az = Math.abs(normal[2]);
      const w = solid.matrix;
      const nx = (w[0] * normal[0] + w[4] * normal[1] + w[8] * normal[2]) * length;
      const ny = (w[1] * normal[0] + w[5] * normal[1] + w[9] * normal[2]) * length;
      const nz = (w[2] * normal[0] + w[6] * normal[1] + w[10] * normal[2]) * length;
      const slant = -(nx * dx + ny * dy + nz * dz) / Math.hypot(dx, dy, dz);
      const [sx, sy, sz] = solid.textureShift;
      const u = ay >= ax && ay >= az ? lx + sx : ax >= az ? lz + sz : lx + sx;
      const v = ay >= ax && ay >= az ? lz + sz : ly + sy;
      colourAt(solid.material, u, v, (t * pixelAngle) / Math.max(0.2, slant), albedo);

      const toSun = -(nx * sun.direction[0] + ny * sun.direction[1] + nz * sun.direction[2]);
      const lit = toSun > 0 ? toSun * shadow(px + nx * 0.02, py + ny * 0.02, pz + nz * 0.02) : 0;
      const hemisphere = 0.7 + 0.3 * ny;
      for (let c = 0; c < 3; c++) light[c] = ambient[c] * hemisphere + sun.colour[c] * lit;
      for (const lamp of lamps) {
        const tx = lamp.position[0] - px;
        const ty = lamp.position[1] - py;
        const tz = lamp.position[2] - pz;
        const squared = tx * tx + ty * ty + tz * tz;
        const facing = (nx * tx + ny * ty + nz * tz) / (Math.sqrt(squared) * (LAMP_FALL + squared));
        if (facing > 0) for (let c = 0; c < 3; c++) light[c] += lamp.colour[c] * facing;
      }
      let highlight = 0;
      if (solid.material.gloss > 0 && lit > 0) {
        const hx = -sun.direction[0] - dx;
        const hy = -sun.direction[1] - dy;
        const hz = -sun.direction[2] - dz;
        const facing = (nx * hx + ny * hy + nz * hz) / Math.hypot(hx, hy, hz);
        if (facing > 0) highlight = solid.material.gloss * facing ** 24;
      }
      for (let c = 0; c < 3; c++) {
        colour[o + c] += (albedo[c] * light[c] + highlight) * share;
        shade[o + c] += light[c] * share;
      }
    }
  }
  const truth = new Uint8Array(colour.length);
  for (let i = 0; i < colour.length; i++) truth[i] = Math.round(255 * encodeSrgbFast(colour[i]));
  return { truth, shade };
}

function skyColour(sky: Sky, dx: number, dy: number, dz: number, out: Float64Array): void {
  const up = dy / Math.hypot(dx, dy, dz);
  const height = Math.max(0, Math.min(1, up * 1.6 + 0.1));
  const reachOut = 2 / (Math.max(0, up) + 0.15);
  const scale = reachOut / Math.hypot(dx, dz, 1e-6);
  const cloud =
    sky.clouds *
    Math.max(0, noise(dx * scale * 0.7 + 50, dz * scale * 0.7 + 50, sky.seed) - 0.45) *
    1.6 *
    Math.min(1, Math.max(0, up * 5));
  for (let c = 0; c < 3; c++) {
    const clear = sky.horizon[c] + (sky.zenith[c] - sky.horizon[c]) * height;
    out[c] = clear + (0.9 - clear) * Math.min(1, cloud);
  }
}

/** Share of sunlight that reaches a point, from a shadow map with bilinear comparison. */
function shadowMap(solids: readonly Solid[], direction: vec3): (x: number, y: number, z: number) => number {
  const aside: vec3 = Math.abs(direction[1]) > 0.99 ? [1, 0, 0] : [0, 1, 0];
  const right = vec3.normalize(vec3.create(), vec3.cross(vec3.create(), direction, aside));
  const up = vec3.cross(vec3.create(), right, direction);
  const back = 40;
  const step = (2 * SHADOW_REACH) / SHADOW_TEXELS;
  const first = -SHADOW_REACH + step / 2;
  const grid: RayGrid = {
    width: SHADOW_TEXELS,
    height: SHADOW_TEXELS,
    firstX: first,
    stepX: step,
    firstY: first,
    stepY: step,
    origin: vec3.scale(vec3.create(), direction, -back),
    originX: right,
    originY: up,
    direction,
    directionX: [0, 0, 0],
    directionY: [0, 0, 0],
  };
  // The ground shadows nothing; leaving it out keeps most of the map empty.
  const { distance } = cast(
    solids.filter((solid) => solid.castsShadow && solid.half[0] < SHADOW_REACH),
    grid,
  );
  const open = (column: number, row: number, depth: number): number => {
    if (column < 0 || row < 0 || column >= SHADOW_TEXELS || row >= SHADOW_TEXELS) return 1;
    return distance[row * SHADOW_TEXELS + column] < depth - SHADOW_BIAS ? 0 : 1;
  };
  return (x, y, z) => {
    const depth = back + x * direction[0] + y * direction[1] + z * direction[2];
    const column = (x * right[0] + y * right[1] + z * right[2] - first) / step;
    const row = (x * up[0] + y * up[1] + z * up[2] - first) / step;
    const c = Math.floor(column);
    const r = Math.floor(row);
    const fx = column - c;
    const fy = row - r;
    return (
      (open(c, r, depth) * (1 - fx) + open(c + 1, r, depth) * fx) * (1 - fy) +
      (open(c, r + 1, depth) * (1 - fx) + open(c + 1, r + 1, depth) * fx) * fy
    );
  };
}
