import { expect, it } from "vitest";
import { INSIDE, SUBPIXEL } from "../../src/conditioning/controls.js";
import { makeLayer } from "../../src/conditioning/correspondence.js";
import { curvesOf, gather, makeGathered, sharpen } from "../../src/conditioning/gather.js";
import type { SourceFrame } from "../../src/conditioning/source-frame.js";

const WIDTH = 16;
const HEIGHT = 12;
/** A parabola, which cubic interpolation keeps and linear interpolation flattens. */
const colour = (x: number, y: number, c: number) => 2 + 0.02 * (c + 1) * (x - 7) ** 2 - 0.01 * (y - 4) ** 2;

function source(): SourceFrame {
  const paint = new Float32Array(WIDTH * HEIGHT * 4);
  for (let p = 0; p < WIDTH * HEIGHT; p++) {
    for (let c = 0; c < 3; c++) paint[p * 4 + c] = colour(p % WIDTH, Math.floor(p / WIDTH), c);
    paint[p * 4 + 3] = 1;
  }
  return { paint, geometry: { width: WIDTH, height: HEIGHT } } as unknown as SourceFrame;
}

/** The answer at (x, y), with `taps` all usable. */
function answer(x: number, y: number, taps: number): number[] {
  const layer = makeLayer(1);
  layer.source[0] = 0;
  layer.x[0] = x * SUBPIXEL;
  layer.y[0] = y * SUBPIXEL;
  layer.taps[0] = taps;
  layer.trust[0] = 255;
  const out = makeGathered(1);
  const from = source();
  gather(layer, [from], WIDTH, out);
  sharpen(layer, curvesOf(from), WIDTH, out);
  return [...out];
}

it("answers inside a surface are cubic: a parabola stays one between the pixels", () => {
  for (const [x, y] of [
    [5, 5],
    [5.5, 5],
    [6.25, 7.75],
    [9.5, 3.5],
  ]) {
    const [r, g, b, light] = answer(x, y, 15 | INSIDE);
    expect([r, g, b].map((value, c) => Math.abs(value - colour(x, y, c)) < 1e-4)).toEqual([true, true, true]);
    expect(light).toBe(1);
  }
});

it("answers on outlines, whose neighbours show something else, stay bilinear", () => {
  const [r] = answer(5.5, 5.5, 15);
  const mean = [0, 1, 2, 3].reduce((sum, tap) => sum + colour(5 + (tap & 1), 5 + (tap >> 1), 0) / 4, 0);
  expect(r).toBeCloseTo(mean, 5);
});

it("what falls below black by sharpening is black", () => {
  const from = source();
  from.paint.fill(0);
  from.paint[(5 * WIDTH + 6) * 4] = 1;
  const layer = makeLayer(1);
  layer.source[0] = 0;
  layer.x[0] = 4.5 * SUBPIXEL;
  layer.y[0] = 5 * SUBPIXEL;
  layer.taps[0] = 15 | INSIDE;
  layer.trust[0] = 255;
  const out = makeGathered(1);
  gather(layer, [from], WIDTH, out);
  sharpen(layer, curvesOf(from), WIDTH, out);
  expect(out[0]).toBe(0);
});
