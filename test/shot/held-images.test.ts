import { expect, test } from "vitest";
import { holdImage } from "../../src/shot/held-images.js";

test("a look gains images until the model holds no more; then the oldest but the first gives way", () => {
  let held: readonly number[] = [];
  const gone: (number | undefined)[] = [];
  for (const tick of [0, 24, 48, 72, 96]) {
    const after = holdImage(held, { tick, newLook: tick === 0 }, 3);
    held = after.held;
    gone.push(after.gone);
  }
  expect(held).toEqual([0, 72, 96]);
  expect(gone).toEqual([undefined, undefined, undefined, 24, 48]);
});

test("a new look begins with its own image alone", () => {
  expect(holdImage([0, 24], { tick: 48, newLook: true }, 3)).toEqual({ held: [48], gone: undefined });
});
