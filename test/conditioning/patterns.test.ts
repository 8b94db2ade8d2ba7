import { mat4 } from "gl-matrix";
import { describe, expect, it, vi } from "vitest";
import { Conditioner } from "../../src/conditioning/conditioner.js";
import { CONTROL_CHANNELS } from "../../src/conditioning/controls.js";
import { KernelMemory } from "../../src/conditioning/kernels.js";
import { type LookRoom, makeLookRoom, type PatternRoom, SEARCH_BYTES } from "../../src/conditioning/look-room.js";
import { findPatterns } from "../../src/conditioning/patterns.js";
import { seededNoise } from "../../src/diffusion/noise.js";
import type { EngineFrame } from "../../src/scene/engine-frame.js";
import { type KernelBench, kernelBench } from "../fixtures/kernels.js";

const SIZE = { width: 128, height: 72 };
const PIXELS = SIZE.width * SIZE.height;
const DISTANCE = 5;
const TILE = 0.8;
const KNOWN = Math.floor(SIZE.width * 0.7);

/** A camera at `x` whose view is as wide as a wall that it looks at from five metres away. */
function cameraAt(x: number): EngineFrame["camera"] {
  return {
    world: mat4.fromTranslation(mat4.create(), [x, 0, 0]),
    projection: mat4.perspective(mat4.create(), 1, SIZE.width / SIZE.height, 0.1, 100),
  };
}

const WALL = new Float32Array(PIXELS).fill(DISTANCE);

/** Wall coordinates in metres of the middle of pixel p, seen from `x`. */
function placeOf(p: number, x: number): [number, number] {
  const focal = SIZE.height / 2 / Math.tan(0.5);
  const u = x + (((p % SIZE.width) + 0.5 - SIZE.width / 2) / focal) * DISTANCE;
  const v = ((SIZE.height / 2 - Math.floor(p / SIZE.width) - 0.5) / focal) * DISTANCE;
  return [u, v];
}

type Tone = (u: number, v: number) => number;

/** Pictures of the wall: the tone at wall coordinates in metres. */
function paint(x: number, tone: Tone): Uint8Array {
  return Uint8Array.from({ length: PIXELS * 3 }, (_, i) => tone(...placeOf(Math.floor(i / 3), x)));
}

/** Tiles, no two alike within a block of two, brighter inside than at their joints. */
const tiles = (u: number, v: number) => {
  const [i, j] = [Math.floor(u / TILE), Math.floor(v / TILE)];
  const joint = Math.min(u / TILE - i, v / TILE - j) < 0.15;
  return joint ? 60 : 140 + 60 * ((i + j) & 1);
};

/** Kernels that have seen a first frame, and what they know of it. */
interface Seen {
  readonly bench: KernelBench;
  readonly look: LookRoom;
  /** Looks at another picture of the wall, from x = 0, in place of the one before; `depth` is what stands before it. */
  find(rgb: Uint8Array, depth?: Float32Array): PatternRoom[];
}

function wall(): Seen {
  const bench = kernelBench(SIZE);
  const { memory, frame, source } = bench;
  const look = makeLookRoom(memory, SIZE, source);
  const picture = memory.u8(PIXELS * 3);
  const half = SIZE.height / 2;
  return {
    bench,
    look,
    find(rgb, depth = WALL) {
      bench.look(cameraAt(0), depth);
      const { lens, world, view } = frame.geometry;
      source.geometry.lens.set(lens);
      source.geometry.world.set(world);
      source.geometry.view.set(view);
      picture.set(rgb);
      bench.run("firstFrameRows", frame.struct, source.struct, picture, 0, 0, SIZE.height);
      const search = {
        memory,
        size: SIZE,
        phase: (kernel, calls) => ({ kernel, calls }),
        rows: (kernel, args) => ({
          kernel,
          calls: [
            [...args, half, SIZE.height],
            [...args, 0, half],
          ],
        }),
        run: (phases) => {
          for (const { kernel, calls } of phases) for (const args of calls) bench.run(kernel, ...args);
        },
      } satisfies Parameters<typeof findPatterns>[0];
      return findPatterns(search, look, frame.control.byteOffset);
    },
  };
}

const patternsOf = (rgb: Uint8Array) => wall().find(rgb);

/** Pixels whose first frame answers, and for the others the nearest one that does: those right of `KNOWN` columns are holes. */
const seenBefore = (p: number) => p % SIZE.width < KNOWN;
const nearest = (p: number) => p - Math.max(0, (p % SIZE.width) - KNOWN + 1);

/** Fills what is right of `KNOWN` columns of the wall, seen from `x`, after a first frame of `tone` seen from 0. */
function filled(tone: Tone, x: number) {
  const { bench, look, find } = wall();
  find(paint(0, tone));
  const { frame } = bench;
  bench.look(cameraAt(x), WALL);
  for (let p = 0; p < PIXELS; p++) {
    frame.covered[p] = seenBefore(p) ? 1 : 0;
    frame.fill.from[p] = nearest(p);
    frame.doubt[p] = seenBefore(p) ? 0 : 255;
  }
  frame.seen.set(frame.covered);
  frame.struct.set({ look: look.struct });
  bench.run("localsOfOwners", frame.geometry.struct);
  bench.run("finishRows", frame.struct, 0, SIZE.height);
  const { from } = frame.fill;
  const truth = paint(x, tone);
  const holes = [...from.keys()].filter((p) => !seenBefore(p));
  const error = (source: (p: number) => number) =>
    holes.reduce((sum, p) => sum + (truth[source(p) * 3] - truth[p * 3]) ** 2, 0) / holes.length;
  return { from, doubt: frame.doubt, holes, error: error((p) => from[p]), nearestError: error(nearest) };
}

/** Asks after a first frame of the wall whether a hole at wall coordinates is filled from `by` metres further right, where that is all that may fill it. */
function holdsAfter(rgb: Uint8Array, depth = WALL): (u: number, v: number, by: number) => boolean {
  const { bench, look, find } = wall();
  const [pattern, ...others] = find(rgb, depth);
  expect(others).toEqual([]);
  const { frame } = bench;
  frame.struct.set({ look: look.struct });
  // From further away all of the wall is in view. The hole is the pixel right of and below the middle.
  const away = 20;
  const focal = SIZE.height / 2 / Math.tan(0.5);
  const p = (SIZE.height / 2) * SIZE.width + SIZE.width / 2;
  const half = (0.5 / focal) * away;
  return (u: number, v: number, by: number) => {
    const world = mat4.fromTranslation(mat4.create(), [u - half, v + half, away - DISTANCE]);
    bench.look({ ...cameraAt(0), world }, new Float32Array(PIXELS).fill(away));
    bench.run("localsOfOwners", frame.geometry.struct);
    const q = p + Math.floor(0.5 + (by / away) * focal);
    frame.covered.fill(1);
    frame.covered[p] = 0;
    frame.doubt.fill(255);
    frame.seen.fill(0);
    frame.seen[q] = 1;
    frame.fill.from[p] = p;
    pattern.shifts.set([by, 0, 0, 0]);
    pattern.struct.set({ shiftCount: 1 });
    bench.run("finishRows", frame.struct, 0, SIZE.height);
    return frame.fill.from[p] === q;
  };
}

describe("Patterns", () => {
  it("are found with the shifts that bring them onto themselves", () => {
    const [{ numbers, shifts }, ...others] = patternsOf(paint(0, tiles));
    expect(others).toEqual([]);
    expect(Math.abs(numbers[2])).toBeCloseTo(1, 5);
    // Four numbers each: a fifth shift that is there has a length.
    expect(Math.hypot(...shifts.subarray(16, 19))).toBeGreaterThan(0);
    const [x, y, z] = shifts;
    expect(z).toBeCloseTo(0, 5);
    // A chequered floor repeats where the sum of both steps is even.
    const [i, j] = [Math.round(x / TILE), Math.round(y / TILE)];
    expect(i !== 0 || j !== 0).toBe(true);
    expect((i + j) % 2).toBeCloseTo(0);
    expect(Math.hypot(x - i * TILE, y - j * TILE)).toBeLessThan(0.05);
  });

  it("are not found in noise or on plain walls", () => {
    const noise = seededNoise(PIXELS * 3, 1, 1);
    expect(patternsOf(Uint8Array.from(noise, (n) => 128 + 30 * n))).toEqual([]);
    expect(patternsOf(new Uint8Array(PIXELS * 3).fill(90))).toEqual([]);
  });

  it("go on into holes, pixel for pixel", () => {
    const { from, doubt, holes, error, nearestError } = filled(tiles, 1.3);
    for (const [p, q] of from.entries()) {
      if (seenBefore(p)) expect(q).toBe(p);
      else expect(seenBefore(q)).toBe(true);
    }
    expect(error).toBeLessThan(0.3 * nearestError);
    const certain = holes.filter((p) => doubt[p] < 0.4 * 255).length;
    expect(certain / holes.length).toBeGreaterThan(0.9);
  });

  it("leave a slow change of tone to the nearest pixel, though it nearly repeats", () => {
    const slow = (u: number, v: number) => 120 + 6 * u + 40 * Math.sin(u * 0.9 + v);
    expect(patternsOf(paint(0, slow)).length).toBe(1);

    const { from, holes } = filled(slow, 0.3);
    const beside = holes.filter((p) => p % SIZE.width < KNOWN + 2);
    expect(beside.filter((p) => from[p] === nearest(p)).length / beside.length).toBeGreaterThan(0.9);
  });

  it("hold on the tiles, but not from a rug that lies on them", () => {
    const rug = (u: number, v: number) => (u > 0.8 && Math.abs(v) < 1 ? 20 : tiles(u, v));
    const holds = holdsAfter(paint(0, rug));
    expect(holds(-2, 0.3, 2 * TILE)).toBe(true);
    expect(holds(1.1, 0.3, -2 * TILE)).toBe(false);
    // Out of view the nearest place that was seen answers: here the rug reaches the border of the picture.
    expect(holds(7, 0.3, -6.1)).toBe(false);
    expect(holds(7, 2, -2 * TILE)).toBe(true);
    // What was not seen speaks against nothing.
    expect(holds(1.1, 0.3, 20 * TILE)).toBe(true);
  });

  it("are asked beside what hid the wall, on the side that is nearer", () => {
    const [left, right] = [56, 72];
    const [from] = placeOf(left, 0);
    const [to] = placeOf(right, 0);
    const hidden = (p: number) => p % SIZE.width >= left && p % SIZE.width < right;
    const rug = (u: number, v: number) => (u < from && Math.abs(v) < 1 ? 20 : tiles(u, v));
    const rgb = paint(0, rug).map((tone, i) => (hidden(Math.floor(i / 3)) ? 90 : tone));
    const holds = holdsAfter(
      rgb,
      Float32Array.from(WALL, (depth, p) => (hidden(p) ? depth / 2 : depth)),
    );
    expect(holds(from + 0.3 * (to - from), 0.3, 2 * TILE)).toBe(false);
    expect(holds(from + 0.3 * (to - from), 2, 2 * TILE)).toBe(true);
    expect(holds(to - 0.3 * (to - from), 0.3, 2 * TILE)).toBe(true);
    expect(holds(to - 0.3 * (to - from), 0.3, -2 * TILE)).toBe(false);
  });

  it("of a look that is replaced are forgotten, and their memory is used again", () => {
    const { bench, look, find } = wall();
    const count = () => new Int32Array(bench.memory.memory.buffer, look.struct.byteOffset, 3)[2];
    find(paint(0, tiles));
    const first = [...find(paint(0, tiles))[0].shifts];
    const { bytes } = bench.memory;
    for (let i = 0; i < 20; i++) {
      find(new Uint8Array(PIXELS * 3).fill(90));
      expect(count()).toBe(0);
      expect([...find(paint(0, tiles))[0].shifts]).toEqual(first);
      expect(count()).toBe(1);
    }
    expect(bench.memory.bytes).toBe(bytes);
  });
});

it("a shot whose look is replaced a hundred times takes no more memory than with its second look", () => {
  const scene = { near: 0.1, far: 100, characters: [], objects: [] };
  const conditioner = new Conditioner(scene, SIZE);
  const frame: EngineFrame = {
    tick: 0,
    time: 0,
    camera: cameraAt(0),
    poses: [],
    objects: [],
    lights: [],
    depth: WALL,
  };
  const take = vi.spyOn(KernelMemory.prototype, "take");
  try {
    const round = () => {
      for (const tone of [tiles, () => 90, (u: number, v: number) => tiles(2 * v, u)]) {
        conditioner.setFirstFrame(paint(0, tone), frame);
        const [conditioned] = conditioner.condition([frame]);
        conditioner.remember(conditioned);
        conditioner.release(conditioned);
      }
    };
    round();
    round();
    expect(take).toHaveBeenCalled();
    take.mockClear();
    for (let i = 0; i < 33; i++) round();
    expect(take).not.toHaveBeenCalled();
  } finally {
    take.mockRestore();
    conditioner.close();
  }
});

it("a search fits into the control tensor that lends it memory", () => {
  expect(SEARCH_BYTES).toBeLessThanOrEqual(CONTROL_CHANNELS * Float32Array.BYTES_PER_ELEMENT);
});
