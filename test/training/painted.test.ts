import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Conditioner } from "../../src/conditioning/conditioner.js";
import { CONTROLS } from "../../src/conditioning/controls.js";
import type { EngineFrame } from "../../src/scene/engine-frame.js";
import { type PlannedFrame, planChunks } from "../../training/dataset/chunk-plan.js";
import { worldClip } from "../../training/dataset/clips.js";
import { paintClip } from "../../training/dataset/paint-clip.js";
import { OTHER_PLANES, type PaintedClip, STEPS, writePainted } from "../../training/dataset/write-painted.js";
import { at } from "../fixtures/command-line.js";
import { hasTorch, PYTHON } from "../fixtures/python.js";

/** As small as crops may be. */
const SIZE = { width: 128, height: 80 };
const PIXELS = SIZE.width * SIZE.height;
const SEED = 5;

let folder: string;
let plan: readonly PlannedFrame[];
let clip: PaintedClip;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "playblast-painted-"));
  plan = planChunks(16, 2, 1);
  clip = painted(SEED);
  writePainted(clip, folder);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function painted(seed: number): PaintedClip {
  const planned = new Set(plan.map(({ index }) => index));
  const world = worldClip(7, 16, SIZE, (index) => planned.has(index));
  return paintClip({ ...world, name: "clip" }, [...(world.frames as Iterable<EngineFrame>)], plan, seed);
}

it("a plan has whole chunks to write, the last frames of the others, and the first frame", () => {
  const frames = planChunks(18, 2, 1);
  expect(frames.map(({ index }) => index)).toEqual([0, 3, 4, 5, 6, 7, 11, 12, 13, 14, 15]);
  expect(frames.filter(({ written }) => written).map(({ index }) => index)).toEqual([4, 5, 6, 7, 12, 13, 14, 15]);
  expect(frames.filter(({ remembered }) => remembered).map(({ index }) => index)).toEqual([3, 7, 11, 15]);
  expect(planChunks(8, 1, 0)).toHaveLength(8);
});

it("a seed has one look, and seeds have different ones", () => {
  const truth = ({ frames }: PaintedClip) => Buffer.from(frames[5].truth);
  expect(truth(painted(SEED)).equals(truth(clip))).toBe(true);
  expect(truth(painted(SEED + 1)).equals(truth(clip))).toBe(false);
});

it("engines of all kinds are met: with all materials, with some, with one grey, with none", () => {
  const kinds = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    const { frame } = paintClip({ ...clip, name: "first" }, [clip.frames[0].frame], plan.slice(0, 1), seed).frames[0];
    kinds.add([frame.albedo, frame.colour, frame.shade].map((plane) => (plane ? "with" : "without")).join(" "));
  }
  expect(kinds.size).toBeGreaterThan(5);
});

/** Calls `each` with what serving makes of each frame that is written. */
function served(each: (tick: number, control: Float32Array, trust: Float32Array) => void): void {
  const conditioner = new Conditioner(clip.scene, SIZE, { threads: 1 });
  conditioner.setFirstFrame(clip.firstFrame, clip.frames[0].frame);
  let tick = 0;
  for (const [i, { written, remembered }] of plan.entries()) {
    const [conditioned] = conditioner.condition([clip.frames[i].frame]);
    if (written) each(tick++, conditioned.control, conditioned.trust);
    if (remembered) conditioner.remember(conditioned);
    conditioner.release(conditioned);
  }
  conditioner.close();
}

it("what is written is what serving makes of the same frames, to half a step", () => {
  const bytes = readFileSync(join(folder, "clip", "planes.u8"));
  const planes = CONTROLS.length + OTHER_PLANES.length;
  expect(bytes.length).toBe(8 * planes * PIXELS);
  let worst = 0;
  served((tick, control, trust) => {
    const codes = (plane: number) =>
      bytes.subarray((tick * planes + plane) * PIXELS, (tick * planes + plane + 1) * PIXELS);
    for (const [i, { range }] of [...CONTROLS, { range: [0, 1] }].entries()) {
      const values = i < CONTROLS.length ? control.subarray(i * PIXELS, (i + 1) * PIXELS) : trust;
      for (const [p, code] of codes(i).entries()) {
        const value = Math.max(range[0], Math.min(range[1], values[p]));
        worst = Math.max(worst, Math.abs(code - ((value - range[0]) * STEPS) / (range[1] - range[0])));
      }
    }
  });
  expect(worst).toBeLessThan(0.501);
});

describe.skipIf(!hasTorch)("training", () => {
  const python = (script: string, ...args: string[]) =>
    spawnSync(PYTHON, [at(`training/${script}`), ...args], { encoding: "utf8" });

  it("reads what was written, and crops it", () => {
    const code = `
import random, sys
sys.path.insert(0, ${JSON.stringify(at("training"))})
import torch
from painted import Crops, Decoder, find_painted
clips = find_painted([sys.argv[1]], "cpu")
print(*clips[0].planes.shape, clips[0].transferred)
control, sigma, truth, base, known = Decoder(clips[0].steps, "cpu")(clips[0].planes[1])
print(control[3].sum().item(), sigma[3].sum().item(), truth[3].sum().item(), known[3].sum().item())
control, sigma, truth, base, known, scale = Crops(clips, random.Random(0), "cpu").batch(3)
print(*control.shape, *sigma.shape, *scale.shape, torch.isfinite(scale).all().item())`;
    const run = spawnSync(PYTHON, ["-c", code, folder], { encoding: "utf8" });
    expect(run.stderr).toBe("");
    const [shape, sums, crops] = run.stdout.trim().split("\n");
    expect(shape).toBe(`2 4 ${CONTROLS.length + 4} 80 128 True`);
    expect(crops).toBe(`12 ${CONTROLS.length} 80 128 12 1 80 128 3 True`);
    const [control, sigma, truth, known] = sums.split(" ").map(Number);
    const sum = (values: ArrayLike<number>) =>
      Array.prototype.reduce.call(values, (a, b) => (a as number) + b, 0) as number;
    served((tick, ours, trust) => {
      if (tick !== 7) return;
      const firstFrame = CONTROLS.findIndex(({ name }) => name === "trust of the first frame");
      expect(Math.abs(sum(ours) - control)).toBeLessThan(0.01 * PIXELS);
      expect(Math.abs(0.25 * (PIXELS - sum(trust)) - sigma)).toBeLessThan(0.001 * PIXELS);
      expect(ours.subarray(firstFrame * PIXELS, (firstFrame + 1) * PIXELS).filter((share) => share > 0).length).toBe(
        known,
      );
    });
    expect(truth).toBeCloseTo(sum(clip.frames[plan.length - 1].truth) / 255, 0);
  });

  it("goes on from the default model, and exports a model that is told of the transfer", () => {
    const run = join(folder, "run");
    const data = ["--data", folder, "--held-out", folder, "--run", run];
    const start = ["--start", at("models/default.json"), "--fresh-head", "--size", "blending"];
    const begun = python("train_painted.py", ...data, "--minutes", "0.01", ...start);
    expect(begun.status, begun.stderr).toBe(0);
    const last = JSON.parse(begun.stdout.trim().split("\n").at(-1) as string);
    expect(last.held_out.clips).toHaveLength(1);
    const made = python("export.py", "--run", run, "--name", "mine", "--out", folder, "--shrink", "best");
    expect(made.status, made.stderr).toBe(0);
    const card = JSON.parse(readFileSync(join(folder, "mine.json"), "utf8"));
    expect(card.controls).toEqual(CONTROLS.map(({ name }) => name));
    const { shares } = last.held_out;
    expect(shares.map((share: number) => share / 4)).toContain(card.sigma);
  });

  it("says what is wrong with a clip", () => {
    const meta = join(folder, "clip", "meta.json");
    const right = readFileSync(meta, "utf8");
    const { planes, ...rest } = JSON.parse(right);
    for (const [changed, message] of [
      [planes.slice(1), /'controls' lacks filled warp red; expected filled warp red/],
      [[...planes.slice(0, -1), "alpha"], /'planes' is .*alpha; expected .*truth blue. Write the clip anew/],
      [undefined, /'controls' is missing/],
    ] as const) {
      writeFileSync(meta, JSON.stringify({ ...rest, planes: changed }));
      const { stderr, status } = python("train_painted.py", "--data", folder, "--run", join(folder, "none"));
      expect(stderr).toMatch(message);
      expect(status).toBe(1);
    }
    writeFileSync(meta, right);
  });
});
