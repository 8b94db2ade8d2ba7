import { expect, it } from "vitest";
import type { FrameGeometry } from "../../src/conditioning/geometry.js";
import { mirrorFill } from "../../src/conditioning/mirror-fill.js";
import { makeOwnerTable } from "../../src/conditioning/owners.js";

const table = makeOwnerTable({
  near: 0.1,
  far: 100,
  characters: [],
  objects: [{ id: "box", name: "box", min: [-1, -1, -1], max: [1, 1, 1], ownerId: 1 }],
});
const WORLD = 0;
const BOX = 1;

/** One row of pixels, seen (#), guessed before (~) or a hole (.); where nothing is in the mirror it answers -1. */
function mirror(depth: number[], owner: number[], known: string) {
  const geometry = {
    width: depth.length,
    height: 1,
    depth: Float32Array.from(depth),
    owner: Uint16Array.from(owner),
    intrinsics: { fx: 4, fy: 4, cx: depth.length / 2, cy: 0.5, orthographic: false },
  };
  const covered = Uint8Array.from(known, (mark) => (mark === "." ? 0 : 1));
  const seen = Uint8Array.from(known, (mark) => (mark === "#" ? 1 : 0));
  const from = new Uint32Array(depth.length).fill(99);
  mirrorFill(table, geometry as unknown as FrameGeometry, covered, seen, from);
  return [...from];
}
const row = (count: number, value: number) => Array<number>(count).fill(value);

it("a wall goes on behind its rim as in a mirror", () => {
  expect(mirror(row(8, 4), row(8, WORLD), "#####...").slice(5)).toEqual([3, 2, 1]);
});

it("the mirror stands where the first frame ends, also behind what was guessed before", () => {
  expect(mirror(row(8, 4), row(8, WORLD), "#####~..")).toEqual([99, 99, 99, 99, 99, 99, 2, 1]);
});

it("a mirrored place out of view is looked for nearer to the rim", () => {
  // Two pixels are seen: the third hole's mirrored place lies beyond the border, half the way does not.
  expect(mirror(row(5, 4), row(5, WORLD), "##...").slice(2)).toEqual([0, 0, 0]);
});

it("neither another owner nor something nearer in the mirror is taken", () => {
  expect(mirror(row(7, 4), [WORLD, WORLD, BOX, WORLD, WORLD, WORLD, WORLD], "#####..")[6]).toBe(3);
  expect(mirror([4, 4, 2, 4, 4, 4, 4], row(7, WORLD), "#####..")[6]).toBe(3);
  expect(mirror(row(4, 4), [BOX, BOX, WORLD, WORLD], "##..").slice(2)).toEqual([99, 99]);
});
