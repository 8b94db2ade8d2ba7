import { mat4 } from "gl-matrix";
import { describe, expect, it } from "vitest";
import { evidenceOf, holdsBeside } from "../../src/conditioning/evidence.js";
import { frameGeometry } from "../../src/conditioning/geometry.js";
import { localPoints } from "../../src/conditioning/local-points.js";
import { makeOwnerTable } from "../../src/conditioning/owners.js";
import { makeOwnershipSetup } from "../../src/conditioning/ownership.js";
import { fillFromPatterns } from "../../src/conditioning/pattern-fill.js";
import { findPatterns } from "../../src/conditioning/patterns.js";
import { makeSourceFrame } from "../../src/conditioning/source-frame.js";
import { seededNoise } from "../../src/diffusion/noise.js";
import type { EngineFrame } from "../../src/scene/engine-frame.js";

const SIZE = { width: 128, height: 72 };
const PIXELS = SIZE.width * SIZE.height;
const DISTANCE = 5;
const TILE = 0.8;
const KNOWN = Math.floor(SIZE.width * 0.7);
const SCENE = { near: 0.1, far: 100, characters: [], objects: [] };
const table = makeOwnerTable(SCENE);
const setup = makeOwnershipSetup(SCENE, table);

/** A wall five metres away, seen from a camera that stands at `x`. */
function wall(x: number): EngineFrame {
  return {
    tick: 0,
    time: 0,
    camera: {
      world: mat4.fromTranslation(mat4.create(), [x, 0, 0]),
      projection: mat4.perspective(mat4.create(), 1, SIZE.width / SIZE.height, 0.1, 100),
    },
    poses: [],
    objects: [],
    lights: [],
    depth: new Float32Array(PIXELS).fill(DISTANCE),
  };
}

/** Pictures of the wall: the tone at wall coordinates in metres. */
function paint(x: number, tone: (u: number, v: number) => number): Uint8Array {
  const focal = SIZE.height / 2 / Math.tan(0.5);
  return Uint8Array.from({ length: PIXELS * 3 }, (_, i) => {
    const p = Math.floor(i / 3);
    const u = x + (((p % SIZE.width) + 0.5 - SIZE.width / 2) / focal) * DISTANCE;
    const v = ((SIZE.height / 2 - Math.floor(p / SIZE.width) - 0.5) / focal) * DISTANCE;
    return tone(u, v);
  });
}

/** Tiles, no two alike within a block of two, brighter inside than at their joints. */
const tiles = (u: number, v: number) => {
  const [i, j] = [Math.floor(u / TILE), Math.floor(v / TILE)];
  const joint = Math.min(u / TILE - i, v / TILE - j) < 0.15;
  return joint ? 60 : 140 + 60 * ((i + j) & 1);
};

function patternsOf(rgb: Uint8Array) {
  return findPatterns(makeSourceFrame(frameGeometry(setup, wall(0), SIZE), rgb, undefined));
}

describe("Patterns", () => {
  it("are found with the shifts that bring them onto themselves", () => {
    const [[pattern]] = [...patternsOf(paint(0, tiles)).values()];
    expect(Math.abs(pattern.normal[2])).toBeCloseTo(1, 5);
    expect(pattern.shifts.length).toBeGreaterThan(3);
    const [x, y, z] = pattern.shifts[0].by;
    expect(z).toBeCloseTo(0, 5);
    // A chequered floor repeats where the sum of both steps is even.
    const [i, j] = [Math.round(x / TILE), Math.round(y / TILE)];
    expect((i + j) % 2).toBeCloseTo(0);
    expect(Math.hypot(x - i * TILE, y - j * TILE)).toBeLessThan(0.05);
  });

  it("are not found in noise or on plain walls", () => {
    const noise = seededNoise(PIXELS * 3, 1, 1);
    expect(patternsOf(Uint8Array.from(noise, (n) => 128 + 30 * n)).size).toBe(0);
    expect(patternsOf(new Uint8Array(PIXELS * 3).fill(90)).size).toBe(0);
  });

  /** Fills what is right of `KNOWN` columns of the wall, seen from `x`, after a first frame of `tone` seen from 0. */
  function filled(tone: (u: number, v: number) => number, x: number) {
    const first = makeSourceFrame(frameGeometry(setup, wall(0), SIZE), paint(0, tone), undefined);
    const geometry = frameGeometry(setup, wall(x), SIZE);
    const seen = Uint8Array.from({ length: PIXELS }, (_, p) => (p % SIZE.width < KNOWN ? 1 : 0));
    const nearest = (p: number) => p - Math.max(0, (p % SIZE.width) - KNOWN + 1);
    const from = Uint32Array.from({ length: PIXELS }, (_, p) => nearest(p));
    const doubt = Uint8Array.from(seen, (s) => (s === 1 ? 0 : 255));
    fillFromPatterns(findPatterns(first), geometry, seen, seen, from, doubt);
    const truth = paint(x, tone);
    const holes = [...seen.keys()].filter((p) => seen[p] === 0);
    const error = (source: (p: number) => number) =>
      holes.reduce((sum, p) => sum + (truth[source(p) * 3] - truth[p * 3]) ** 2, 0) / holes.length;
    return { seen, from, doubt, holes, error: error((p) => from[p]), nearestError: error(nearest), nearest };
  }

  it("go on into holes, pixel for pixel", () => {
    const { seen, from, doubt, holes, error, nearestError } = filled(tiles, 1.3);
    for (const [p, q] of from.entries()) {
      if (seen[p] === 1) expect(q).toBe(p);
      else expect(seen[q]).toBe(1);
    }
    expect(error).toBeLessThan(0.3 * nearestError);
    const certain = holes.filter((p) => doubt[p] < 0.4 * 255).length;
    expect(certain / holes.length).toBeGreaterThan(0.9);
  });

  it("leave a slow change of tone to the nearest pixel, though it nearly repeats", () => {
    const slow = (u: number, v: number) => 120 + 6 * u + 40 * Math.sin(u * 0.9 + v);
    expect(patternsOf(paint(0, slow)).size).toBe(1);

    const { from, holes, nearest } = filled(slow, 0.3);
    const beside = holes.filter((p) => p % SIZE.width < KNOWN + 2);
    expect(beside.filter((p) => from[p] === nearest(p)).length / beside.length).toBeGreaterThan(0.9);
  });

  it("hold on the tiles, but not from a rug that lies on them", () => {
    const rug = (u: number, v: number) => (u > 0.8 && Math.abs(v) < 1 ? 20 : tiles(u, v));
    const first = makeSourceFrame(frameGeometry(setup, wall(0), SIZE), paint(0, rug), undefined);
    const evidence = evidenceOf(first, localPoints(first.geometry), [...Array(PIXELS).keys()]);
    const holds = (u: number, v: number, by: number) =>
      holdsBeside(evidence, Float64Array.of(u, v, -DISTANCE), 1, [by, 0, 0]);
    expect(holds(-2, 0.3, 2 * TILE)).toBe(true);
    expect(holds(1.1, 0.3, -2 * TILE)).toBe(false);
    // Out of view the nearest place that was seen answers: here the rug reaches the border of the picture.
    expect(holds(7, 0.3, -6.1)).toBe(false);
    expect(holds(7, 2, -2 * TILE)).toBe(true);
    // What was not seen speaks against nothing.
    expect(holds(1.1, 0.3, 20 * TILE)).toBe(true);
  });
});
