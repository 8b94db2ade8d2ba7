import { mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { filledWarp } from "playblast/conditioning/filled-warp";
import { openDefaultModel } from "playblast/diffusion/default-model";
import { loadDefaultModel } from "playblast/diffusion/load-default-model";
import { writeWhole } from "playblast/video/whole-file";
import { takeClip, worldClip } from "../dataset/clips.js";
import type { Clip } from "../dataset/write-clip.js";
import { parseSize } from "../size.js";
import { inLook, LOOKS, type Look } from "./looks.js";
import { ErrorTally, gradientEnergy, luma, meanColour, REGIONS, ssim } from "./metrics.js";
import { openPerceptualDistance } from "./perceptual.js";
import { LIGHTS, type Light, type Painter, rollout } from "./rollout.js";
import { writeSheet } from "./sheet.js";
import { twinPainter } from "./twin.js";

const USAGE = `Rolls a model and its baselines out on held-out clips and compares all with the truth.

  node dist/training/evaluate/evaluate.js [--model default] [--worlds 8] [--first 1000000] [--take FILE]...
      [--ticks 96] [--size 256x144] [--steps N] [--light shade|lights|none]
      [--look engine|graded|toon] [--twin FILE] [--sheets FOLDER] [--json]

The nearest warp is the cache's answer with holes filled from the nearest covered pixels of the same owner, the pattern warp that with
holes filled as serving does, which the model starts from; --twin adds the 2D-conditioned twin. Uncovered, covered and light-moved pixels
are the same for all: they are geometry. --light says what all are told of the light: the shade plane, the lights alone, or nothing. --look turns the first frame and the truth
into a strong grade or flat tones; depth and light stay the engine's.`;

/** The strongest simple thing. */
const BASELINE = "nearest warp";
/** The second half of the rollout, where errors that feed on themselves would show. */
const LATE = 48;

const { values } = parseArgs({
  options: {
    model: { type: "string", default: "" },
    worlds: { type: "string", default: "8" },
    first: { type: "string", default: "1000000" },
    take: { type: "string", multiple: true, default: [] },
    ticks: { type: "string", default: "96" },
    steps: { type: "string" },
    size: { type: "string", default: "256x144" },
    twin: { type: "string" },
    light: { type: "string", default: "shade" },
    look: { type: "string", default: "engine" },
    sheets: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

if (!LIGHTS.includes(values.light as Light)) {
  throw new Error(
    `--light is '${values.light}'; expected ${LIGHTS.join(", ")}: what the painters are told of the light`,
  );
}
const light = values.light as Light;
if (!LOOKS.includes(values.look as Look)) {
  throw new Error(`--look is '${values.look}'; expected ${LOOKS.join(", ")}`);
}
const look = values.look as Look;
const size = parseSize(values.size, 2);
const ticks = Number(values.ticks);
const model = await openDefaultModel(await loadDefaultModel(values.model));
const steps = values.steps ? Number(values.steps) : model.card.steps;
const perceptual = await openPerceptualDistance(size);
interface Contestant {
  readonly fill: "pattern" | "nearest";
  /** Made anew for each clip. */
  readonly painter: () => Painter;
}
const warp: Painter = async (frames) => frames.map((frame) => filledWarp(frame.control, size));
const contestants: Record<string, Contestant> = {
  [BASELINE]: { fill: "nearest", painter: () => warp },
  "pattern warp": { fill: "pattern", painter: () => warp },
  [model.card.id]: {
    fill: "pattern",
    painter: () => (frames, chunk) => model.paint(frames, { size, seed: 1, chunk, steps }),
  },
};
const twin = values.twin ? await openDefaultModel(await loadDefaultModel(values.twin)) : undefined;
if (twin) contestants["2D twin"] = { fill: "nearest", painter: () => twinPainter(twin, size, 1) };

interface Score {
  readonly all: ErrorTally;
  readonly late: ErrorTally;
  perceptual: number;
  ssim: number;
  sharpness: number;
  drift: number;
  frames: number;
}

async function score(
  clip: Clip,
  { painter, fill }: Contestant,
  keep: (tick: number, picture: Uint8Array) => void,
): Promise<Score> {
  const result: Score = {
    all: new ErrorTally(),
    late: new ErrorTally(),
    perceptual: 0,
    ssim: 0,
    sharpness: 0,
    drift: 0,
    frames: 0,
  };
  for await (const { picture, conditioned, lightMoved } of rollout(clip, painter(), { fill, light })) {
    const truth = conditioned.frame.truth as Uint8Array;
    const { covered } = conditioned.correspondence;
    const known = conditioned.correspondence.anchor.trust;
    result.all.add(picture, truth, covered, known, lightMoved);
    if (result.frames >= LATE) result.late.add(picture, truth, covered, known, lightMoved);
    result.perceptual += await perceptual.between(picture, truth);
    const a = luma(picture);
    const b = luma(truth);
    result.ssim += ssim(a, b, size.width);
    result.sharpness += gradientEnergy(a, size.width) / gradientEnergy(b, size.width);
    const here = meanColour(picture);
    const there = meanColour(truth);
    result.drift = Math.max(...here.map((value, c) => Math.abs(value - there[c]))) / 255;
    keep(result.frames, picture);
    result.frames++;
  }
  result.perceptual /= result.frames;
  result.ssim /= result.frames;
  result.sharpness /= result.frames;
  return result;
}

function makeClips(): (() => Clip | Promise<Clip>)[] {
  const worlds = Array.from(
    { length: Number(values.worlds) },
    (_, i) => () => inLook(worldClip(Number(values.first) + i, ticks, size), look),
  );
  return [...worlds, ...values.take.map((path) => async () => inLook(await takeClip(path, ticks, size), look))];
}

const rows: Record<string, unknown>[] = [];
for (const make of makeClips()) {
  const pictures: Record<string, Map<number, Uint8Array>> = {};
  for (const [name, contestant] of Object.entries(contestants)) {
    const clip = await make();
    const kept = new Map<number, Uint8Array>();
    pictures[name] = kept;
    const s = await score(clip, contestant, (tick, picture) => tick % 24 === 23 && kept.set(tick, picture));
    const row: Record<string, unknown> = {
      clip: clip.name,
      painter: name,
      uncoveredShare: s.all.pixels("uncovered") / s.all.pixels("all"),
    };
    for (const region of REGIONS) row[`psnr ${region}`] = s.all.psnr(region);
    row["psnr late"] = s.late.psnr("all");
    Object.assign(row, { perceptual: s.perceptual, ssim: s.ssim, sharpness: s.sharpness, "drift at end": s.drift });
    rows.push(row);
    if (!values.json) console.log(format(row));
  }
  if (values.sheets) {
    mkdirSync(values.sheets, { recursive: true });
    const clip = await make();
    const truth = new Map<number, Uint8Array>();
    let index = 0;
    for await (const frame of clip.frames) {
      if (index % 24 === 23) truth.set(index, frame.truth as Uint8Array);
      index++;
    }
    await writeSheet(
      join(values.sheets, `${clip.name}.jpg`),
      [...truth.keys()],
      [truth, ...Object.values(pictures)],
      size,
    );
  }
}
const summary = Object.keys(contestants).map((name) =>
  mean(
    rows.filter((row) => row.painter === name),
    name,
  ),
);
if (values.json) console.log(JSON.stringify({ model: model.card.id, steps, ticks, rows, summary }, null, 2));
else {
  console.log("\nmean over clips");
  for (const row of summary) console.log(format(row));
  const [baseline] = summary;
  for (const other of summary.slice(1)) {
    const gain = (key: string) => ((other[key] as number) - (baseline[key] as number)).toFixed(2);
    console.log(
      `${other.painter} against ${BASELINE} in dB: uncovered ${gain("psnr uncovered")}, guessed ${gain("psnr guessed")}, covered ${gain("psnr covered")}, light moved ${gain("psnr light moved")}, ` +
        `whole frame ${gain("psnr all")}, whole frame from tick ${LATE} ${gain("psnr late")}; ` +
        `perceptual distance ${(100 * ((other.perceptual as number) / (baseline.perceptual as number) - 1)).toFixed(1)} %`,
    );
  }
}
if (values.sheets) {
  const scores = JSON.stringify({ rows, summary }, null, 2);
  await writeWhole(join(values.sheets, "scores.json"), (partial) => writeFile(partial, scores));
}
await model.close();
await twin?.close();
await perceptual.close();

function mean(of: Record<string, unknown>[], painter: string): Record<string, unknown> {
  const row: Record<string, unknown> = { clip: "mean", painter };
  for (const key of Object.keys(of[0])) {
    if (key === "clip" || key === "painter") continue;
    const numbers = of.map((r) => r[key] as number).filter(Number.isFinite);
    row[key] = numbers.reduce((a, b) => a + b, 0) / numbers.length;
  }
  return row;
}

function format(row: Record<string, unknown>): string {
  const number = (key: string, digits = 2) => (row[key] as number).toFixed(digits).padStart(6);
  return (
    `${String(row.clip).padEnd(16)} ${String(row.painter).padEnd(12)} all ${number("psnr all")}  uncovered ${number("psnr uncovered")} ` +
    `(${((row.uncoveredShare as number) * 100).toFixed(1)} %)  guessed ${number("psnr guessed")}  covered ${number("psnr covered")}  light moved ${number("psnr light moved")}  ` +
    `late ${number("psnr late")}  perceptual ${number("perceptual", 4)}  ssim ${number("ssim", 3)}  sharpness ${number("sharpness")}  drift ${number("drift at end", 4)}`
  );
}
