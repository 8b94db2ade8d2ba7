import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { Conditioner } from "playblast/conditioning/conditioner";
import { readEngineFrame } from "playblast/protocol/engine-frame";
import { PlaneKind } from "playblast/protocol/generated/playblast/v1/plane";
import { readOpenShot } from "playblast/protocol/open-shot";
import type { FrameSize } from "playblast/scene/picture";
import { type ExampleTake, readExampleTake } from "./example-take.js";
import { median } from "./median.js";
import type { Section } from "./report.js";

/** The first is the one that the others are compared with. */
const SIZES: readonly FrameSize[] = [
  { width: 256, height: 144 },
  { width: 384, height: 216 },
  { width: 512, height: 288 },
  { width: 832, height: 480 },
];
/** Frames between two that are remembered, as with the default model. */
const CHUNK = 4;
const WARM_UP_TICKS = 12;
const GREY = 128;
/** Milliseconds a frame: at the first size on one thread, at the last on all. */
const MOST_FIRST_MS = 6;
const MOST_LAST_MS = 25;
/** Cost a pixel may rise by 30 %: caches of the processor are smaller than large frames. */
const MOST_GROWTH = 1.3;
/** N threads are to be at least so many times N as fast as one. */
const LEAST_SCALING = 0.7;
/** First frames that are measured, and before them those that are not, in which kernels are compiled for speed. */
const LOOKS = 15;
const WARM_UP_LOOKS = 5;
/** Sizes of first frames, and milliseconds that a shot may stand still for one. */
const LOOK_SIZES: readonly { readonly size: FrameSize; readonly most: number }[] = [
  { size: { width: 256, height: 144 }, most: 25 },
  { size: { width: 512, height: 288 }, most: 75 },
  { size: { width: 832, height: 480 }, most: 150 },
];

/**
 * Control maps and world cache on one thread and on all, remembering one frame a chunk. Decoding is not timed. Sizes and numbers of threads take turns
 * chunk by chunk, and growth and scaling are medians of the chunks' own ratios, so that work of others on the machine slows both
 * sides of them. The look is plain grey: cost does not depend on what is painted.
 */
export async function benchConditioning(ticks: number | undefined): Promise<Section[]> {
  const take = await readExampleTake();
  const threads = availableParallelism();
  const counts = threads > 1 ? [1, threads] : [1];
  await pass(take, WARM_UP_TICKS, counts);
  const length = Math.min(ticks ?? Infinity, take.frames.length);
  const chunks = await pass(take, length, counts);
  const pixels = SIZES.map(({ width, height }) => width * height);
  const last = SIZES.length - 1;
  const figures = SIZES.flatMap(({ width, height }, i) => {
    const name = `${width}x${height}`;
    const alone = median(chunks.map(([one]) => one[i]));
    const growth = median(chunks.map(([one]) => one[i] / pixels[i] / (one[0] / pixels[0])));
    const all = median(chunks.map((chunk) => chunk[chunk.length - 1][i]));
    const scaling = median(chunks.map((chunk) => chunk[0][i] / chunk[chunk.length - 1][i] / threads));
    const goal = i === 0 ? { goal: { most: MOST_FIRST_MS } } : {};
    const goalOfAll = i === last ? { goal: { most: MOST_LAST_MS } } : {};
    return [
      { name: `${name}, a frame on one thread`, value: alone, unit: "ms", ...goal },
      ...(i === 0
        ? []
        : [{ name: "  a pixel against the first size", value: growth, unit: "", goal: { most: MOST_GROWTH } }]),
      ...(threads === 1
        ? []
        : [
            { name: `  on ${threads} threads`, value: all, unit: "ms", ...goalOfAll },
            {
              name: `  ${threads} threads against ${threads} times one`,
              value: scaling,
              unit: "",
              goal: { least: LEAST_SCALING },
            },
          ]),
    ];
  });
  return [
    {
      name: "conditioning",
      method: `medians of ${chunks.length} chunks of ${CHUNK} frames after ${WARM_UP_TICKS / CHUNK}`,
      figures,
    },
    {
      name: "first frames",
      method: `medians of ${LOOKS} of one shot after ${WARM_UP_LOOKS}, one thread`,
      figures: LOOK_SIZES.map(({ size, most }) => ({
        name: `a first frame at ${size.width}x${size.height}`,
        value: median(looks(take, size)),
        unit: "ms",
        goal: { most },
      })),
    },
  ];
}

/** Milliseconds that a shot stands still for each new first frame: the example's, as the engine rendered it. */
function looks(take: ExampleTake, size: FrameSize): number[] {
  const shot = readOpenShot(take.open);
  const first = readEngineFrame(take.frames[0], shot, size, take.frames[0].tick - 1);
  if (!first.truth) throw new Error("the example take's first frame holds no picture");
  const conditioner = new Conditioner(shot.scene, size, { threads: 1 });
  const times: number[] = [];
  for (let i = 0; i < WARM_UP_LOOKS + LOOKS; i++) {
    const start = performance.now();
    conditioner.setFirstFrame(first.truth, first);
    if (i >= WARM_UP_LOOKS) times.push(performance.now() - start);
  }
  conditioner.close();
  return times;
}

/** Milliseconds a frame for each chunk of the take's first ticks, each number of threads and each size. */
async function pass(take: ExampleTake, ticks: number, threadCounts: readonly number[]): Promise<number[][][]> {
  const shot = readOpenShot(take.open);
  const canvases = threadCounts.map((threads) =>
    SIZES.map((size) => ({
      conditioner: new Conditioner(shot.scene, size, { threads }),
      grey: new Uint8Array(size.width * size.height * 3).fill(GREY),
    })),
  );
  const chunks: number[][][] = [];
  for (let from = 0; from < ticks; from += CHUNK) {
    const messages = take.frames.slice(from, Math.min(from + CHUNK, ticks)).map(withoutTruth);
    const frames = SIZES.map((size) =>
      messages.map((message) => readEngineFrame(message, shot, size, message.tick - 1)),
    );
    // Threads that were just started, or told of a shot, take that message before they are measured.
    await setImmediate();
    chunks.push(
      canvases.map((ofCount) =>
        ofCount.map(({ conditioner, grey }, i) => {
          if (!conditioner.hasFirstFrame) conditioner.setFirstFrame(grey, frames[i][0]);
          const start = performance.now();
          const conditioned = conditioner.condition(frames[i]);
          conditioner.remember(conditioned[conditioned.length - 1]);
          const ms = (performance.now() - start) / frames[i].length;
          for (const seen of conditioned) conditioner.release(seen);
          return ms;
        }),
      ),
    );
  }
  for (const { conditioner } of canvases.flat()) conditioner.close();
  return chunks;
}

/** What a server gets of a take's frame: scaling truth to each size would only make the run longer. */
function withoutTruth(frame: ExampleTake["frames"][number]): ExampleTake["frames"][number] {
  return { ...frame, planes: frame.planes.filter(({ kind }) => kind !== PlaneKind.PLANE_KIND_TRUTH) };
}
