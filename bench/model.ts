import { type ConditionedFrame, Conditioner } from "playblast/conditioning/conditioner";
import { openDefaultModel } from "playblast/diffusion/default-model";
import { loadDefaultModel } from "playblast/diffusion/load-default-model";
import { readEngineFrame } from "playblast/protocol/engine-frame";
import { readOpenShot } from "playblast/protocol/open-shot";
import { readExampleTake } from "./example-take.js";
import { graphCost } from "./graph-cost.js";
import { MATMUL_GFLOP, openMatMul } from "./matmul.js";
import { median } from "./median.js";
import type { Section } from "./report.js";

const SIZE = { width: 256, height: 144 };
const WARM_UP_ROUNDS = 3;
const ROUNDS = 20;
/** Products a measurement, so that one takes about as long as a chunk. */
const PRODUCTS = 5;
const STEPS = [1, 2];
const LEAST_SHARE = 40;

/**
 * The default model's chunks, and the speed of its arithmetic against ONNX Runtime's matrix product in the same
 * seconds: chunks and products take turns, and the share is the median of the rounds' own shares, so that work of others
 * on the machine slows both sides of it.
 */
export async function benchModel(): Promise<Section[]> {
  const card = await loadDefaultModel();
  const cost = await graphCost(card.weights, SIZE);
  const model = await openDefaultModel(card);
  const matmul = await openMatMul();
  const frames = await someFrames(model.card.chunkLength);
  const rounds: { readonly chunkMs: number[]; readonly matmulSpeed: number; readonly shares: number[] }[] = [];
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    const chunkMs: number[] = [];
    const speeds: number[] = [];
    for (const steps of STEPS) {
      chunkMs.push(await time(() => model.paint(frames, { size: SIZE, seed: 1, chunk: 0, steps })));
      const productsMs = await time(async () => {
        for (let i = 0; i < PRODUCTS; i++) await matmul.run();
      });
      speeds.push((PRODUCTS * MATMUL_GFLOP * 1000) / productsMs);
    }
    if (round < 0) continue;
    const matmulSpeed = median(speeds);
    const shares = STEPS.map((steps, i) => (cost.gflop * steps * 1000) / chunkMs[i] / matmulSpeed);
    rounds.push({ chunkMs, matmulSpeed, shares });
  }
  await model.close();
  await matmul.close();

  const perSteps = STEPS.flatMap((steps, i) => {
    const ms = median(rounds.map(({ chunkMs }) => chunkMs[i]));
    return [
      { name: `a chunk of ${frames.length}, ${steps} step(s)`, value: ms, unit: "ms" },
      { name: `speed, ${steps} step(s)`, value: (cost.gflop * steps * 1000) / ms, unit: "GFLOP/s" },
    ];
  });
  const shares = STEPS.map((steps, i) => ({
    name: `share of matmul's speed, ${steps} step(s)`,
    value: 100 * median(rounds.map((round) => round.shares[i])),
    unit: "%",
    goal: steps === model.card.steps ? { least: LEAST_SHARE } : undefined,
  }));
  return [
    {
      name: "model",
      method:
        `${model.card.id} on ${model.provider} at ${SIZE.width}x${SIZE.height}, medians of ${ROUNDS} rounds after ` +
        `${WARM_UP_ROUNDS}; GFLOP of ${cost.nodes} Conv and MatMul nodes with ${(cost.weightShare * 100).toFixed(1)} % of the weights`,
      figures: [
        { name: "arithmetic a step", value: cost.gflop, unit: "GFLOP" },
        ...perSteps,
        { name: "matmul 1024x1024x1024", value: median(rounds.map((r) => r.matmulSpeed)), unit: "GFLOP/s" },
        ...shares,
      ],
    },
  ];
}

/** A chunk of the example take, as the model sees it. */
async function someFrames(count: number): Promise<ConditionedFrame[]> {
  const take = await readExampleTake();
  const shot = readOpenShot(take.open);
  const frames = take.frames.slice(0, count).map((frame) => readEngineFrame(frame, shot, SIZE, -1));
  const conditioner = new Conditioner(shot.scene, SIZE);
  const [{ truth }] = frames;
  if (!truth) throw new Error("the example take holds no truth planes");
  conditioner.setFirstFrame(truth, frames[0]);
  return conditioner.condition(frames);
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
