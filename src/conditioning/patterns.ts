import { vec3 } from "gl-matrix";
import type { FrameSize } from "../scene/picture.js";
import { luminance } from "../scene/srgb.js";
import { type Evidence, evidenceOf } from "./evidence.js";
import type { KernelMemory } from "./kernels.js";
import { localPoints } from "./local-points.js";
import { bitsStride, type LookRoom, patternRoom } from "./look-room.js";
import { halved, type Placed, patchOf } from "./patch.js";
import { repeatsOf } from "./repeats.js";
import type { SourceFrame } from "./source-frame.js";
import { type Variogram, variogramOf } from "./variogram.js";

/** Pixels that a flat surface must fill for its pattern to be looked for. */
export const LEAST_PIXELS = 250;
/** Sorted by their distance along the normal, points of one plane follow one another within this many metres. */
const PLANE_GAP = 0.1;
/** And lie within so many metres: more is a slope or something round. */
const PLANE_THICKNESS = 0.4;

/** Patterns that a first frame has at most. */
export function mostPatterns({ width, height }: FrameSize): number {
  return Math.floor((width * height) / LEAST_PIXELS);
}

/** One flat surface with a texture that repeats. */
export interface Pattern {
  /** Owner-local unit normal, and the plane's distance from the owner's origin along it in metres. */
  readonly normal: readonly number[];
  readonly distance: number;
  /** Owner-local unit vectors that span the plane. */
  readonly u: readonly number[];
  readonly v: readonly number[];
  /** Shifts that bring the texture onto itself, the best first. */
  readonly shifts: readonly Shift[];
  /** How unlike two places are, by the way between them along `u` and `v`. */
  readonly variogram: Variogram;
  readonly evidence: Evidence;
}

/** A shift that brings a texture onto itself. */
export interface Shift {
  /** Owner-local [x, y, z], metres. */
  readonly by: readonly number[];
  /** How unlike a place and the one a shift away are: 1 is as unlike as random places. */
  readonly unlike: number;
}

/** The patterns of a frame by what its pixels' `facingAt` says. */
export type Patterns = ReadonlyMap<number, readonly Pattern[]>;

/**
 * Finds how the textures of a frame's flat surfaces repeat: paving, bricks, planks, tiles. A shift brings a texture onto itself
 * where its squared difference with its shifted self has a local minimum far below that of random places (as in He and Sun, 2012,
 * who complete photographs by the statistics of such shifts; here they are found in the surface's own plane, in metres).
 */
export function findPatterns(source: SourceFrame): Patterns {
  const { geometry, paint } = source;
  const points = localPoints(geometry);
  const pixels = geometry.depth.length;
  const facings = new Map<number, number[]>();
  const normals = new Map<number, number[]>();
  for (let p = 0; p < pixels; p++) {
    const facing = points.facingAt(p);
    if (facing < 0) continue;
    const list = facings.get(facing);
    if (list) list.push(p);
    else facings.set(facing, [p]);
    const sum = normals.get(facing) ?? [0, 0, 0];
    normals.set(
      facing,
      sum.map((value, i) => value + points.normal[i]),
    );
  }
  const patterns = new Map<number, Pattern[]>();
  const point = new Float64Array(3);
  for (const [facing, list] of facings) {
    if (list.length < LEAST_PIXELS) continue;
    const sum = normals.get(facing) as number[];
    const normal = sum.map((value) => value / Math.hypot(...sum));
    const [u, v] = tangents(normal);
    const placed = list.map((p): Placed => {
      points.pointAt(p, point);
      const tone = Math.sqrt(luminance(paint[p * 4], paint[p * 4 + 1], paint[p * 4 + 2]));
      const footprint = geometry.intrinsics.orthographic ? 1 : geometry.depth[p];
      return {
        p,
        u: vec3.dot(u, point),
        v: vec3.dot(v, point),
        along: vec3.dot(normal, point),
        tone,
        footprint,
      };
    });
    const found = planesOf(placed).flatMap((plane): Pattern[] => {
      const patch = patchOf(plane, geometry.intrinsics.fx);
      if (!patch) return [];
      const variogram = variogramOf(halved(patch));
      const repeats = repeatsOf(patch, variogram);
      if (repeats.length === 0) return [];
      return [
        {
          normal,
          distance: plane.reduce((total, { along }) => total + along, 0) / plane.length,
          u,
          v,
          shifts: repeats.map(({ shift: [a, b], unlike }) => ({ by: u.map((_, i) => a * u[i] + b * v[i]), unlike })),
          variogram,
          evidence: evidenceOf(
            source,
            points,
            plane.map(({ p }) => p),
          ),
        },
      ];
    });
    if (found.length > 0) patterns.set(facing, found);
  }
  return patterns;
}

/** Two unit vectors that span the plane of a normal. */
function tangents(normal: readonly number[]): [number[], number[]] {
  // The axis furthest from the normal, so that walls are measured along and upwards.
  const least = normal.reduce((best, value, i) => (Math.abs(value) < Math.abs(normal[best]) ? i : best), 0);
  const u = normal.map((value, i) => (i === least ? 1 : 0) - value * normal[least]);
  const length = Math.hypot(...u);
  const unit = u.map((value) => value / length);
  const [a, b, c] = normal;
  const [x, y, z] = unit;
  return [unit, [b * z - c * y, c * x - a * z, a * y - b * x]];
}

/** Splits pixels that face one way into planes. */
function planesOf(placed: Placed[]): Placed[][] {
  const sorted = placed.sort((a, b) => a.along - b.along);
  const planes: Placed[][] = [];
  let start = 0;
  for (let i = 1; i <= sorted.length; i++) {
    if (i < sorted.length && sorted[i].along - sorted[i - 1].along < PLANE_GAP) continue;
    const thin = sorted[i - 1].along - sorted[start].along < PLANE_THICKNESS;
    if (thin && i - start >= LEAST_PIXELS) planes.push(sorted.slice(start, i));
    start = i;
  }
  return planes;
}

/** Writes patterns into a look's room for the kernels. */
export function writePatterns(memory: KernelMemory, look: LookRoom, size: FrameSize, patterns: Patterns): void {
  const { width } = size;
  const stride = bitsStride(width);
  let count = 0;
  for (const facing of [...patterns.keys()].sort((a, b) => a - b)) {
    for (const { normal, distance, u, v, shifts, variogram, evidence } of patterns.get(facing) as readonly Pattern[]) {
      const room = patternRoom(memory, size, look, count);
      room.numbers.set([...normal, distance, ...u, ...v, variogram.texel, evidence.random]);
      room.shifts.set(shifts.flatMap(({ by, unlike }) => [...by, unlike]));
      room.unlike.set(variogram.unlike);
      room.bits.fill(0);
      for (const [i, p] of evidence.pixels.entries()) {
        const column = p % width;
        room.bits[((p - column) / width) * stride + (column >> 3)] |= 1 << (column & 7);
        look.rank[p] = i;
      }
      room.struct.set({ facing, shiftCount: shifts.length, reachU: variogram.reachU, reachV: variogram.reachV });
      look.patterns[count++] = room.struct.byteOffset;
    }
  }
  look.struct.set({ patternCount: count });
}
