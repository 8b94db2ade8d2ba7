import { mat4 } from "gl-matrix";
import { describe, expect, it } from "vitest";
import { BACKGROUND_DEPTH } from "../../src/scene/engine-frame.js";
import { BOX_AND_WORLD, kernelBench } from "../fixtures/kernels.js";

const CAMERA = { world: mat4.create(), projection: mat4.perspective(mat4.create(), 1, 1, 0.1, 100) };
const WORLD = 0;
const BOX = 1;

/** One row of pixels: depth and owner of each, and whether it is known (#), known uncertainly (~) or a hole (.). */
function fill(depth: number[], owner: number[], known: string) {
  const bench = kernelBench({ width: depth.length, height: 1 }, BOX_AND_WORLD);
  const { frame } = bench;
  bench.look(CAMERA, Float32Array.from(depth));
  frame.geometry.owner.set(owner);
  bench.run("surfacesOfRows", frame.struct, 0, 1);
  frame.covered.set(Array.from(known, (mark) => (mark === "." ? 0 : 1)));
  frame.certain.set(Array.from(known, (mark) => (mark === "#" ? 1 : 0)));
  bench.run("fillHoles", frame.struct);
  return { from: [...frame.fill.from], distance: [...frame.fill.distance] };
}
const row = (count: number, value: number) => Array<number>(count).fill(value);

describe("Holes", () => {
  it("are filled from the nearest known pixels of the surface, from just inside its rim", () => {
    const { from, distance } = fill(row(8, 4), row(8, WORLD), "###...##");
    expect(from).toEqual([0, 1, 2, 1, 1, 7, 6, 7]);
    expect(distance).toEqual([0, 0, 0, 1, 2, 1, 0, 0]);
  });

  it("behind something near are filled from the far surface, though both are of the static world", () => {
    const { from } = fill([2, 2, 2, 5, 5, 5, 5, 5], row(8, WORLD), "###...##");
    expect(from.slice(3, 6)).toEqual([7, 7, 7]);
  });

  it("end at a crease: a wall is not filled from the floor that it stands on", () => {
    // A floor comes nearer by a constant step of inverse depth; the wall behind it stays where it is.
    const floor = [5, 4, 3, 2, 1].map((step) => 1 / (0.2 + 0.01 * step));
    const { from } = fill([...floor, 5, 5, 5, 5, 5], row(10, WORLD), "####....##");
    expect(from.slice(4, 8)).toEqual([2, 9, 9, 9]);
  });

  it("of the background are filled from the background", () => {
    const { from } = fill([9, 9, ...row(4, BACKGROUND_DEPTH)], row(6, WORLD), "##..##");
    expect(from.slice(2, 4)).toEqual([5, 5]);
  });

  it("are filled from their own owner rather than from a neighbour", () => {
    const { from } = fill(row(6, 4), [WORLD, WORLD, WORLD, BOX, BOX, BOX], "##..##");
    expect(from.slice(2, 4)).toEqual([0, 5]);
  });

  it("of an owner that was never seen take what is nearest, and say so by a long distance", () => {
    const { from, distance } = fill(row(5, 4), [WORLD, WORLD, BOX, WORLD, WORLD], "##.##");
    expect([0, 1, 3, 4]).toContain(from[2]);
    expect(distance[2]).toBeGreaterThan(64);
  });

  it("do not spread what is known uncertainly, which still answers for itself", () => {
    const { from, distance } = fill(row(6, 4), row(6, WORLD), "##~...");
    expect(from).toEqual([0, 1, 2, 0, 0, 0]);
    expect(distance[2]).toBe(0);
  });
});
