import { expect, test } from "vitest";
import { findModel } from "../../src/diffusion/model-card.js";
import { chooseBudget, judgeBudget, type Wish } from "../../src/shot/budget.js";
import { checkMemory, largestFitting, shotBytes } from "../../src/shot/memory.js";

const open: Wish = { mode: "live", size: { width: 0, height: 0 }, steps: 0, frameRate: 60 };
const { model } = findModel("");
const size = { width: 256, height: 144 };
/** 50 frames a second at 256x144 and one step. */
const speed = { size, conditioningMs: 8, stepMs: 12 };

/** The default model, had it so many steps of its own. */
const withSteps = (usual: number) => ({ ...model, steps: { ...model.steps, usual } });

test("a live shot takes the largest size at which the machine keeps up", () => {
  expect(chooseBudget(open, speed, withSteps(1))).toMatchObject({
    size: { width: 256, height: 144 },
    steps: 1,
    fps: 50,
  });
  const quick = { size, conditioningMs: 2, stepMs: 1 };
  expect(chooseBudget(open, quick, withSteps(1)).size).toEqual({ width: 512, height: 288 });
  expect(chooseBudget(open, { size, conditioningMs: 30, stepMs: 90 }, withSteps(1)).size).toEqual({
    width: 192,
    height: 108,
  });
});

test("a live shot gives up steps before it falls behind, and size before steps that were asked for", () => {
  expect(chooseBudget(open, speed, withSteps(4))).toMatchObject({ size: { width: 256, height: 144 }, steps: 2 });
  expect(chooseBudget({ ...open, steps: 4 }, speed, withSteps(1))).toMatchObject({
    size: { width: 192, height: 108 },
    steps: 4,
  });
  const large = { ...open, size: { width: 512, height: 288 } };
  expect(chooseBudget(large, speed, withSteps(4))).toEqual({ size: large.size, steps: 1, fps: 12.5 });
});

test("an engine that sends slowly may have larger pictures", () => {
  expect(chooseBudget({ ...open, frameRate: 12 }, speed, withSteps(1)).size).toEqual({ width: 384, height: 216 });
});

test("an export takes the model's steps however long they take", () => {
  const slow = { size, conditioningMs: 100, stepMs: 500 };
  expect(chooseBudget({ ...open, mode: "export" }, slow, withSteps(4))).toMatchObject({
    size: { width: 256, height: 144 },
    steps: 4,
  });
  expect(chooseBudget({ ...open, mode: "export", steps: 8 }, slow, withSteps(4)).steps).toBe(8);
});

test("a number of steps that the model does not do is refused, and one that is in its range is taken", () => {
  const few = { ...model, steps: { least: 2, most: 4, usual: 4 } };
  expect(() => chooseBudget({ ...open, steps: 5 }, speed, few)).toThrow(/open_shot.steps: is 5; .* takes 2 to 4, or 0/);
  expect(() => chooseBudget({ ...open, steps: 1 }, speed, few)).toThrow(/is 1; .* 2 to 4/);
  expect(chooseBudget({ ...open, steps: 3 }, speed, few).steps).toBe(3);
  const crawling = { size, conditioningMs: 8, stepMs: 1200 };
  expect(chooseBudget(open, crawling, few).steps).toBe(2);
});

test("sizes are the model's own where the client names none", () => {
  const tall = { width: 480, height: 832 };
  const other = { ...model, sizes: { live: [tall], export: { width: 832, height: 480 } } };
  expect(chooseBudget(open, speed, other).size).toEqual(tall);
  expect(chooseBudget({ ...open, mode: "export" }, speed, other).size).toEqual({ width: 832, height: 480 });
  // Speed counts from the size at which it was measured.
  expect(chooseBudget({ ...open, size: tall }, { ...speed, size: tall }, other).fps).toBe(50);
});

test("a live shot that is slower than its engine hears what would keep up, and one that is far too slow is refused", () => {
  const judge = (wish: Wish) => judgeBudget(wish, chooseBudget(wish, speed, withSteps(1)), speed);
  const sized = (width: number, height: number) => ({ ...open, size: { width, height } });
  expect(judge(sized(256, 144))).toBeUndefined();
  expect(judge(sized(512, 288))).toMatch(
    /12\.5 of 24 frames a second at 512x288 with 1 step: .* 368x206 would keep up/,
  );
  expect(judge({ ...sized(512, 288), frameRate: 12 })).toBeUndefined();
  const slow = { size, conditioningMs: 40, stepMs: 40 };
  const wish = { ...sized(1920, 1088), steps: 8 };
  const budget = chooseBudget(wish, slow, withSteps(1));
  expect(() => judgeBudget(wish, budget, slow)).toThrow(
    /frame_size: is 1920x1088, of which this machine makes 0.05 frames a second with 8 steps; .* 600x340 would fit/,
  );
  expect(judgeBudget({ ...wish, mode: "export" }, budget, slow)).toBeUndefined();
});

test("a shot is refused for which the memory is too small beside the others, with a size that fits", () => {
  const large = { width: 1920, height: 1088 };
  const small = { width: 256, height: 144 };
  expect(() => checkMemory(large, [small, small], 24e9, model.memory)).not.toThrow();
  const refused = () => checkMemory(large, [small], 4e9, model.memory);
  expect(refused).toThrow(
    /frame_size: is 1920x1088, for which this machine has not enough memory .*; (\d+)x(\d+) would fit/,
  );
  const [, width, height] = /(\d+)x(\d+) would fit/.exec(messageOf(refused)) ?? [];
  expect(() => checkMemory({ width: Number(width), height: Number(height) }, [small], 4e9, model.memory)).not.toThrow();
  expect(() => checkMemory(large, [large, large], 4e9, model.memory)).toThrow(/try again when other shots have closed/);
});

test("the largest size that fits is one for which a shot is not refused, and a tenth more is", () => {
  const large = { width: 1920, height: 1088 };
  expect(largestFitting(large, 2 * shotBytes(large, model.memory), model.memory)).toEqual(large);
  expect(largestFitting(large, 10, model.memory)).toBeUndefined();
  for (const available of [1e9, 2e9, 4e9]) {
    const size = largestFitting(large, available, model.memory) ?? large;
    expect(() => checkMemory(size, [], available, model.memory)).not.toThrow();
    const more = { width: Math.ceil(size.width * 1.1), height: size.height };
    expect(() => checkMemory(more, [], available, model.memory)).toThrow(/not enough memory/);
  }
});

function messageOf(work: () => void): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it threw nothing");
}
