import { mat4 } from "gl-matrix";
import { describe, expect, it } from "vitest";
import { frameGeometry } from "../../src/conditioning/geometry.js";
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
    const [x, y, z] = pattern.shifts[0];
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

  it("go on into holes, pixel for pixel", () => {
    const first = makeSourceFrame(frameGeometry(setup, wall(0), SIZE), paint(0, tiles), undefined);
    const x = 1.3;
    const geometry = frameGeometry(setup, wall(x), SIZE);
    const known = Math.floor(SIZE.width * 0.7);
    const seen = Uint8Array.from({ length: PIXELS }, (_, p) => (p % SIZE.width < known ? 1 : 0));
    const from = Uint32Array.from({ length: PIXELS }, (_, p) => p);
    const continued = new Uint8Array(PIXELS);
    fillFromPatterns(findPatterns(first), geometry, seen, seen, from, continued);
    const truth = paint(x, tiles);
    let right = 0;
    let filled = 0;
    for (let p = 0; p < PIXELS; p++) {
      if (seen[p] === 1) expect(from[p]).toBe(p);
      else {
        filled++;
        expect(seen[from[p]]).toBe(1);
        expect(continued[p]).toBe(1);
        if (Math.abs(truth[from[p] * 3] - truth[p * 3]) < 20) right++;
      }
    }
    expect(right / filled).toBeGreaterThan(0.85);
  });
});
