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
const MOST_MS = 8;
const GREY = 128;
/** Cost a pixel may rise by 30 %: caches of the processor are smaller than large frames. */
const MOST_GROWTH = 1.3;

/**
 * Control maps and world cache on one thread, remembering one frame a chunk. Decoding is not timed. The sizes take turns
 * chunk by chunk, and growth is the median of the chunks' own ratios, so that work of others on the machine slows both
 * sides of it. In place of generated pictures plain grey is remembered: cost does not depend on what is painted.
 */
export async function benchConditioning(ticks: number | undefined): Promise<Section[]> {
  const take = await readExampleTake();
  pass(take, WARM_UP_TICKS);
  const length = Math.min(ticks ?? Infinity, take.frames.length);
  const chunks = pass(take, length);
  const pixels = SIZES.map(({ width, height }) => width * height);
  const figures = SIZES.flatMap(({ width, height }, i) => {
    const name = `${width}x${height}`;
    const ms = { name: `${name}, a frame`, value: median(chunks.map((chunk) => chunk[i])), unit: "ms" };
    if (i === 0) return [{ ...ms, goal: { most: MOST_MS } }];
    const growth = median(chunks.map((chunk) => chunk[i] / pixels[i] / (chunk[0] / pixels[0])));
    return [ms, { name: `${name}, a pixel against the first`, value: growth, unit: "", goal: { most: MOST_GROWTH } }];
  });
  return [
    {
      name: "conditioning",
      method: `medians of ${chunks.length} chunks of ${CHUNK} frames after ${WARM_UP_TICKS / CHUNK}, one thread`,
      figures,
    },
  ];
}

/** Milliseconds a frame for each chunk of the take's first ticks and each size. */
function pass(take: ExampleTake, ticks: number): number[][] {
  const shot = readOpenShot(take.open);
  const canvases = SIZES.map((size) => ({
    conditioner: new Conditioner(shot.scene, size),
    grey: new Uint8Array(size.width * size.height * 3).fill(GREY),
  }));
  const chunks: number[][] = [];
  for (let from = 0; from < ticks; from += CHUNK) {
    const messages = take.frames.slice(from, Math.min(from + CHUNK, ticks)).map(withoutTruth);
    chunks.push(
      canvases.map(({ conditioner, grey }) => {
        const frames = messages.map((message) => readEngineFrame(message, shot, conditioner.size, message.tick - 1));
        if (!conditioner.hasFirstFrame) conditioner.setFirstFrame(grey, frames[0]);
        const start = performance.now();
        const conditioned = conditioner.condition(frames);
        conditioner.remember(conditioned[conditioned.length - 1]);
        const ms = (performance.now() - start) / frames.length;
        for (const seen of conditioned) conditioner.release(seen);
        return ms;
      }),
    );
  }
  return chunks;
}

/** What a server gets of a take's frame: scaling truth to each size would only make the run longer. */
function withoutTruth(frame: ExampleTake["frames"][number]): ExampleTake["frames"][number] {
  return { ...frame, planes: frame.planes.filter(({ kind }) => kind !== PlaneKind.PLANE_KIND_TRUTH) };
}
