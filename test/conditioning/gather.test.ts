import { expect, it } from "vitest";
import { channel, INSIDE, SUBPIXEL } from "../../src/conditioning/controls.js";
import { decodeSrgb } from "../../src/scene/srgb.js";
import { kernelBench } from "../fixtures/kernels.js";

const SIZE = { width: 16, height: 12 };
/** A parabola, which cubic interpolation keeps and linear interpolation flattens. */
const parabola = (x: number, y: number, c: number) => 0.3 + 0.005 * (c + 1) * (x - 7) ** 2 - 0.002 * (y - 4) ** 2;
/** Linear light of one step of the table of sRGB encodings. */
const STEP = 1 / 16384;

/** The colour, linear, that a frame shows whose pixel 0 is found at (x, y) of a first frame, with `taps` all usable. */
function answer(x: number, y: number, taps: number, colour = parabola): number[] {
  const bench = kernelBench(SIZE);
  const { frame, source } = bench;
  for (let p = 0; p < SIZE.width * SIZE.height; p++) {
    const here = [p % SIZE.width, Math.floor(p / SIZE.width)] as const;
    source.paint.set([colour(...here, 0), colour(...here, 1), colour(...here, 2), 1], p * 4);
  }
  bench.run("curvesOfRows", source.struct, 0, SIZE.height);
  frame.sources[0] = source.struct.byteOffset;
  frame.struct.set({ sourceCount: 1, lookCount: 1 });
  frame.anchor.x[0] = x * SUBPIXEL;
  frame.anchor.y[0] = y * SUBPIXEL;
  frame.anchor.taps[0] = taps;
  frame.anchor.trust[0] = 255;
  bench.run("writeRows", frame.struct, 0, 1);
  const warp = [channel("filled warp red"), channel("filled warp green"), channel("filled warp blue")];
  return warp.map((c) => decodeSrgb((frame.control[c * SIZE.width * SIZE.height] + 1) / 2));
}

it("answers inside a surface are cubic: a parabola stays one between the pixels", () => {
  for (const [x, y] of [
    [5, 5],
    [5.5, 5],
    [6.25, 7.75],
    [9.5, 3.5],
  ]) {
    const rgb = answer(x, y, 15 | INSIDE);
    for (const [c, value] of rgb.entries()) expect(Math.abs(value - parabola(x, y, c))).toBeLessThan(STEP);
  }
});

it("answers on outlines, whose neighbours show something else, stay bilinear", () => {
  const [r] = answer(5.5, 5.5, 15);
  const mean = [0, 1, 2, 3].reduce((sum, tap) => sum + parabola(5 + (tap & 1), 5 + (tap >> 1), 0) / 4, 0);
  expect(Math.abs(r - mean)).toBeLessThan(STEP);
});

it("taps of another surface have no weight", () => {
  const edge = (x: number) => (x < 6 ? 0.2 : 0.8);
  expect(answer(5.5, 5.5, 0b0101, edge)[0]).toBeCloseTo(0.2, 3);
  expect(answer(5.5, 5.5, 0b1010, edge)[0]).toBeCloseTo(0.8, 3);
  expect(answer(5.25, 5.5, 0b1111, edge)[0]).toBeCloseTo(0.35, 3);
});

it("answers between two pixels of one row are cubic across alone, at the last column and row too", () => {
  const ramp = (x: number, y: number) => 0.1 + 0.04 * x + 0.02 * y;
  expect(answer(SIZE.width - 1, 3.5, 0b0101 | INSIDE, ramp)[0]).toBeCloseTo(ramp(SIZE.width - 1, 3.5), 3);
  expect(answer(4.5, SIZE.height - 1, 0b0011 | INSIDE, ramp)[0]).toBeCloseTo(ramp(4.5, SIZE.height - 1), 3);
  const [r] = answer(5.5, 5, 0b0011 | INSIDE);
  expect(Math.abs(r - parabola(5.5, 5, 0))).toBeLessThan(STEP);
});

it("what falls below black by sharpening is black", () => {
  const dot = (x: number, y: number) => (x === 6 && y === 5 ? 1 : 0);
  expect(answer(4.5, 5, 0b0011 | INSIDE, dot)[0]).toBe(0);
});
