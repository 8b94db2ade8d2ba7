import { mat4 } from "gl-matrix";
import { expect, it } from "vitest";
import { channel, GUESS_DOUBT, LIGHT_DOUBT, OUTLINE_DOUBT, SHADE_FLOOR } from "../../src/conditioning/controls.js";
import { BOX_AND_WORLD, kernelBench } from "../fixtures/kernels.js";

const PERSPECTIVE = { world: mat4.create(), projection: mat4.perspective(mat4.create(), 1, 1, 0.1, 100) };
const HIGH = { world: mat4.create(), projection: mat4.ortho(mat4.create(), -50, 50, -50, 50, 0.1, 100) };

it("outlines run beside jumps in depth and beside other owners, on both sides, and nowhere else, in whatever bands", () => {
  const bench = kernelBench({ width: 4, height: 2 }, BOX_AND_WORLD);
  const { frame } = bench;
  const outlines = (bands: readonly (readonly [number, number])[]) => {
    frame.outlines.fill(7);
    for (const [from, to] of bands) bench.run("engineRows", frame.struct, from, to);
    return [...frame.outlines];
  };
  bench.look(PERSPECTIVE, Float32Array.of(2, 2, 4, 4, 2, 2, 4, 4));
  frame.geometry.owner.set([0, 0, 0, 0, 0, 0, 0, 1]);
  expect(outlines([[0, 2]])).toEqual([0, 1, 1, 1, 0, 1, 1, 1]);
  expect(
    outlines([
      [0, 1],
      [1, 2],
    ]),
  ).toEqual([0, 1, 1, 1, 0, 1, 1, 1]);
  // A jump of 2 m is none in an orthographic view that is 100 m high, however near the camera is.
  bench.look(HIGH, Float32Array.of(2, 2, 4, 4, 2, 2, 4, 4));
  expect(outlines([[0, 2]])).toEqual([0, 0, 0, 1, 0, 0, 1, 1]);
});

it("the filled warp is believed where the first frame answers, less on outlines and under moved light, and guesses as their doubt says", () => {
  const size = { width: 6, height: 1 };
  const bench = kernelBench(size, BOX_AND_WORLD);
  const { frame, source } = bench;
  bench.look(PERSPECTIVE, new Float32Array(6).fill(2));
  frame.geometry.owner.set([0, 0, 0, 0, 0, 1]);
  frame.anchor.trust.set([255, 255, 255, 255, 0, 0]);
  frame.anchor.taps.fill(15);
  frame.doubt.set([0, 0, 0, 0, 255, 51]);
  frame.fill.from.set([0, 1, 2, 3, 0, 0]);
  // The light that colours were painted under is 1; light of now, with the floor on both sides, is the half and an eighth of it.
  source.paint.fill(1);
  frame.sources[0] = source.struct.byteOffset;
  frame.struct.set({ sourceCount: 1, lookCount: 1 });
  const shade = bench.memory.f32(18);
  const under = (stops: number) => (1 + SHADE_FLOOR) * 2 ** stops - SHADE_FLOOR;
  for (const [p, stops] of [0, 0, -0.5, -3, 0, 0].entries()) shade.fill(under(stops), p * 3, p * 3 + 3);
  frame.struct.set({ shade });
  bench.run("engineRows", frame.struct, 0, 1);
  bench.run("writeRows", frame.struct, 0, 1);
  const { trust, control } = frame;
  expect(trust[0]).toBe(1);
  expect(trust[1]).toBe(1);
  expect(trust[2]).toBeCloseTo(1 - 0.5 * LIGHT_DOUBT, 2);
  expect(trust[3]).toBeCloseTo(1 - LIGHT_DOUBT, 2);
  expect(trust[4]).toBeCloseTo((1 - GUESS_DOUBT) * (1 - OUTLINE_DOUBT));
  expect(trust[5]).toBeCloseTo((1 - GUESS_DOUBT / 5) * (1 - OUTLINE_DOUBT));
  const ratio = channel("light ratio") * 6;
  expect(control[ratio + 2]).toBeCloseTo(-0.5, 2);
  expect(control[ratio + 3]).toBe(-2);
});
