import { afterAll, beforeAll, expect, it } from "vitest";
import type { ConditionedFrame } from "../../src/conditioning/conditioner.js";
import { CONTROL_CHANNELS } from "../../src/conditioning/controls.js";
import type { ChunkModel } from "../../src/diffusion/chunk-model.js";
import { openDefaultModel } from "../../src/diffusion/default-model.js";
import { loadDefaultModel } from "../../src/diffusion/load-default-model.js";
import type { FrameSize } from "../../src/scene/picture.js";

let model: ChunkModel;
beforeAll(async () => {
  model = await openDefaultModel(await loadDefaultModel());
});
afterAll(() => model.close());

/** A frame whose filled warp is one grey, believed as far as `trust` says. */
function frame({ width, height }: FrameSize, trust: number): ConditionedFrame {
  const pixels = width * height;
  const control = new Float32Array(CONTROL_CHANNELS * pixels).fill(0.2);
  return { control, trust: new Float32Array(pixels).fill(trust) } as unknown as ConditionedFrame;
}
const paint = (size: FrameSize, trust: number, count = 4) =>
  model.paint(
    Array.from({ length: count }, () => frame(size, trust)),
    { size, seed: 1, chunk: 0, steps: 1 },
  );

it("leaves what can be believed exactly as it is, at any size", async () => {
  for (const size of [
    { width: 64, height: 48 },
    { width: 70, height: 38 },
  ]) {
    const pictures = await paint(size, 1);
    expect(pictures).toHaveLength(4);
    for (const picture of pictures) expect([...new Set(picture)]).toEqual([153]);
  }
});

it("paints guesses at sizes that are no multiple of what the network works at, up to the border", async () => {
  const size = { width: 70, height: 38 };
  const [picture] = await paint(size, 0, 1);
  expect(picture).toHaveLength(size.width * size.height * 3);
  expect(new Set(picture).size).toBeGreaterThan(1);
  const [again] = await paint(size, 0, 1);
  expect(again).toEqual(picture);
});
