import { availableParallelism } from "node:os";
import { expect, it } from "vitest";
import { Conditioner } from "../../src/conditioning/conditioner.js";
import { KernelMemory } from "../../src/conditioning/kernels.js";
import { makeProgress, takePart } from "../../src/conditioning/threads.js";
import type { EngineFrame } from "../../src/scene/engine-frame.js";
import { RAY_SCENE, rayFrame } from "../fixtures/ray-scene.js";

/** Large enough to be shared among threads. */
const SIZE = { width: 128, height: 72 };
const TICKS = [0, 4, 8, 12, 16].map((tick) => rayFrame(tick, SIZE));

/** All control tensors of a shot, conditioned so many frames at a time. */
function controlsOf(threads: number, together: number, frames: readonly EngineFrame[] = TICKS): Float32Array[] {
  const conditioner = new Conditioner(RAY_SCENE, SIZE, { threads });
  conditioner.setFirstFrame(frames[0].truth as Uint8Array, frames[0]);
  const controls: Float32Array[] = [];
  for (let from = 0; from < frames.length; from += 4) {
    const chunk = frames.slice(from, from + 4);
    const seen = [];
    for (let i = 0; i < chunk.length; i += together) seen.push(...conditioner.condition(chunk.slice(i, i + together)));
    for (const { control, trust } of seen) controls.push(control.slice(), trust.slice());
    conditioner.remember(seen[seen.length - 1]);
    for (const frame of seen) conditioner.release(frame);
  }
  conditioner.close();
  conditioner.close();
  return controls;
}

it("conditioning is the same to the last bit however many threads take part and however many frames go together", () => {
  const alone = controlsOf(1, 1);
  expect(alone.some((control) => control.some((value) => value !== 0))).toBe(true);
  for (const threads of [2, availableParallelism()]) {
    for (const together of [1, 4]) expect(controlsOf(threads, together)).toEqual(alone);
  }
});

it("a plane of another size than the shot's is refused by name", () => {
  const conditioner = new Conditioner(RAY_SCENE, SIZE);
  const [first] = TICKS;
  conditioner.setFirstFrame(first.truth as Uint8Array, first);
  for (const plane of ["shade", "normal", "ownerId"] as const) {
    const short = plane === "ownerId" ? new Uint16Array(7) : new Float32Array(7);
    expect(() => conditioner.condition([{ ...first, [plane]: short }])).toThrow(`the ${plane} plane has 7 values`);
  }
  expect(conditioner.condition([first])).toHaveLength(1);
  conditioner.close();
});

it("a call that fails in whatever thread fails the whole run, and leaves nobody waiting", () => {
  const done: number[] = [];
  const kernels = {
    findRows: (call: number) => {
      if (call === 2) throw new Error("no more memory");
      done.push(call);
    },
  } as unknown as Parameters<typeof takePart>[0];
  const phases = [{ kernel: "findRows", calls: [[0], [1], [2], [3]] }] as const;
  const progress = makeProgress(1);
  expect(() => takePart(kernels, phases, progress)).toThrow("no more memory");
  // Another thread that takes part later finds the rest to be let go.
  expect(() => takePart(kernels, phases, progress)).toThrow("failed in another thread");
  expect(done).toEqual([0, 1]);
});

it("kernel memory grows by what is taken, aligned and empty, and earlier arrays stay what they are", () => {
  const memory = new KernelMemory();
  const first = memory.f32(3);
  first.set([1, 2, 3]);
  const large = memory.u8(300_000);
  expect(first.byteOffset % 16).toBe(0);
  expect(large.byteOffset % 16).toBe(0);
  expect(large.every((value) => value === 0)).toBe(true);
  expect([...first]).toEqual([1, 2, 3]);
  expect(() => memory.take(5e9)).toThrow(RangeError);
});
