import { expect, test } from "vitest";
import { chooseBudget, type Wish } from "../../src/shot/budget.js";

const open: Wish = { mode: "live", size: { width: 0, height: 0 }, steps: 0, frameRate: 60 };
/** 50 frames a second at 256x144 and one step. */
const speed = { conditioningMs: 8, stepMs: 12 };

test("a live shot takes the largest size at which the machine keeps up", () => {
  expect(chooseBudget(open, speed, 1)).toMatchObject({ size: { width: 256, height: 144 }, steps: 1, fps: 50 });
  const quick = { conditioningMs: 2, stepMs: 1 };
  expect(chooseBudget(open, quick, 1).size).toEqual({ width: 512, height: 288 });
  expect(chooseBudget(open, { conditioningMs: 30, stepMs: 90 }, 1).size).toEqual({ width: 192, height: 108 });
});

test("a live shot gives up steps before it falls behind, and size before steps that were asked for", () => {
  expect(chooseBudget(open, speed, 4)).toMatchObject({ size: { width: 256, height: 144 }, steps: 2 });
  expect(chooseBudget({ ...open, steps: 4 }, speed, 1)).toMatchObject({ size: { width: 192, height: 108 }, steps: 4 });
  const large = { ...open, size: { width: 512, height: 288 } };
  expect(chooseBudget(large, speed, 4)).toEqual({ size: large.size, steps: 1, fps: 12.5 });
});

test("an engine that sends slowly may have larger pictures", () => {
  expect(chooseBudget({ ...open, frameRate: 12 }, speed, 1).size).toEqual({ width: 384, height: 216 });
});

test("an export takes the model's steps however long they take", () => {
  const slow = { conditioningMs: 100, stepMs: 500 };
  expect(chooseBudget({ ...open, mode: "export" }, slow, 4)).toMatchObject({
    size: { width: 256, height: 144 },
    steps: 4,
  });
  expect(chooseBudget({ ...open, mode: "export", steps: 8 }, slow, 4).steps).toBe(8);
});
