import { PROVIDERS } from "../runtime/providers.js";
import type { FrameSize } from "../scene/picture.js";
import { readDefaultCard } from "./default-card.js";
import type { Family, FamilyModel, MemoryNeed, SizeChoice } from "./family.js";
import { readModelFile } from "./model-files.js";
import { MOST_STEPS } from "./schedule.js";
import { MOST_RUN_PIXELS } from "./tiles.js";

/** 16:9, from what two slow cores paint live to what eight quick ones do. */
const SIZES: SizeChoice = {
  live: [
    { width: 512, height: 288 },
    { width: 384, height: 216 },
    { width: 256, height: 144 },
    { width: 192, height: 108 },
  ],
  export: { width: 256, height: 144 },
};

/** A process of ONNX Runtime, and the weights as read, as held and as laid out for the processor. */
const PROCESS_BYTES = 150e6;
const WEIGHT_COPIES = 4;
// Both are fitted to what `npm run bench -- --only shot-memory` measures, server and model's process together, at 832x480 and 1920x1088, without materials.
// With them a shot keeps some 300 bytes a pixel more (the engine's colours, the transfer, up to three more images of the look), and the network, which is off,
// needs none: less in all.
/** What a shot keeps for each of its pixels, in bytes: its world cache, control tensors, and frames on their way. */
const SHOT_BYTES_A_PIXEL = 800;
/** What the network needs for each pixel of a run, in bytes, for the frames of a chunk. */
const RUN_BYTES_A_PIXEL = 1500;

const MEMORY: MemoryNeed = {
  model: (fileBytes) => PROCESS_BYTES + WEIGHT_COPIES * fileBytes,
  shot: ({ width, height }) => width * height * SHOT_BYTES_A_PIXEL,
  chunk: ({ width, height }) => Math.min(width * height, MOST_RUN_PIXELS) * RUN_BYTES_A_PIXEL,
};

/**
 * The family of the default model: a chunk of frames is reprojected from what was seen before, and a small network paints the correction
 * (`default-model.ts`). It takes no words: the look comes from the first frame alone.
 */
export const defaultFamily: Family = {
  name: "filled-warp-correction",
  readModel: (fields): FamilyModel => {
    const card = readDefaultCard(fields);
    return {
      takes: { prompt: false, lookImages: 4 },
      chunkLength: card.chunkLength,
      steps: { least: 1, most: MOST_STEPS, usual: card.steps },
      sizes: SIZES,
      roundSize: evenSize,
      files: [card.weights],
      providers: PROVIDERS,
      mostProcesses: 2,
      memory: MEMORY,
      open: async ([weights], providers) => {
        // Only here, so that a server which reads cards does not load ONNX Runtime.
        const { openDefaultModel } = await import("./default-model.js");
        const { ChunkRenderer } = await import("./render-chunk.js");
        const model = await openDefaultModel({ card, weights: await readModelFile(weights) }, providers);
        return {
          provider: model.provider,
          openShot: async (setup) => new ChunkRenderer(model, setup),
          releaseMemory: () => model.releaseMemory(),
          close: () => model.close(),
        };
      },
    };
  },
};

/** Videos want even sides; the network's own padding is cut off again. */
function evenSize({ width, height }: FrameSize): FrameSize {
  return { width: width + (width % 2), height: height + (height % 2) };
}
