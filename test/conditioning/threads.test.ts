import { availableParallelism } from "node:os";
import sharp from "sharp";
import { expect, it } from "vitest";
import { Conditioner } from "../../src/conditioning/conditioner.js";
import { KernelMemory } from "../../src/conditioning/kernels.js";
import { makeProgress, takePart } from "../../src/conditioning/threads.js";
import { readEngineFrame } from "../../src/protocol/engine-frame.js";
import { readOpenShot, type ShotRequest } from "../../src/protocol/open-shot.js";
import type { EngineFrame } from "../../src/scene/engine-frame.js";
import { readTake } from "../../src/take/take-reader.js";
import { at } from "../fixtures/command-line.js";
import { RAY_SCENE, rayFrame } from "../fixtures/ray-scene.js";

/** Large enough to be shared among threads. */
const SIZE = { width: 128, height: 72 };
const TICKS = [0, 4, 8, 12, 16].map((tick) => rayFrame(tick, SIZE));

/** The first ticks of a take, as a server reads them. */
async function takeClip(path: string, count: number) {
  const frames: EngineFrame[] = [];
  let shot: ShotRequest | undefined;
  for await (const message of readTake(path)) {
    if (message.$case === "openShot") shot = readOpenShot(message.value);
    if (message.$case !== "engineFrame" || !shot) continue;
    if (frames.push(readEngineFrame(message.value, shot, shot.size, -1, "controls")) === count) break;
  }
  if (!shot) throw new Error(`${path} does not begin with open_shot`);
  return { scene: shot.scene, size: shot.size, frames };
}

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

it("the same holds for what a look's transfer paints", async () => {
  // A real place, whose walls face several ways: the transfer asks for normals beside a pixel, which another thread may have.
  const { scene, size, frames } = await takeClip(at("examples/courtyard.take.mcap"), 4);
  const picture = await sharp(at("examples/courtyard.look.png")).removeAlpha().raw().toBuffer();
  const painted = (threads: number) => {
    const conditioner = new Conditioner(scene, size, { threads });
    conditioner.setFirstFrame(picture, frames[0]);
    const seen = conditioner.condition(frames);
    expect(seen.every(({ transferred }) => transferred)).toBe(true);
    const controls = seen.map(({ control }) => Buffer.from(control.slice().buffer));
    conditioner.close();
    return controls;
  };
  const alone = painted(1);
  for (const [i, control] of painted(2).entries()) expect(control.equals(alone[i]), `tick ${i}`).toBe(true);
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
