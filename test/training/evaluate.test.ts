import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compare, type HeldClip, truthOf } from "../../training/evaluate/compare.js";
import { type Contestant, warpPainter } from "../../training/evaluate/contestants.js";
import { ErrorTally, Flicker, gradientEnergy, luma, meanColour, ssim } from "../../training/evaluate/metrics.js";
import { openPerceptualDistance, type PerceptualDistance } from "../../training/evaluate/perceptual.js";
import { type Score, score } from "../../training/evaluate/score.js";
import { formatGain, formatRow, meanRow, type Row } from "../../training/evaluate/table.js";
import { at } from "../fixtures/command-line.js";
import { RAY_SCENE, rayFrame } from "../fixtures/ray-scene.js";

const SIZE = { width: 48, height: 32 };
const TICKS = 6;
const FRAMES = Array.from({ length: TICKS }, (_, i) => rayFrame(3 * i, { ...SIZE, orbit: 0.03 }));
const clip = (): HeldClip => ({ name: "rays", scene: RAY_SCENE, size: SIZE, frames: FRAMES });

/** Paints what the truth is, changed by `turn`. */
function knowing(turn: (truth: Uint8Array) => Uint8Array = (truth) => truth): Contestant {
  const painter: Contestant["painter"] = () => async (frames) =>
    frames.map(({ frame }) => turn(frame.truth as Uint8Array));
  return { name: "knowing", fill: "nearest", materials: false, painter };
}
const warp: Contestant = { name: "warp", fill: "nearest", materials: false, painter: () => warpPainter(SIZE) };

let perceptual: PerceptualDistance;
beforeAll(async () => {
  perceptual = await openPerceptualDistance(SIZE);
});
afterAll(() => perceptual.close());

describe("the score", () => {
  it("of a painter that knows the truth is perfect", async () => {
    const perfect = await score(clip(), knowing(), { perceptual });
    expect(perfect["psnr all"]).toBe(Number.POSITIVE_INFINITY);
    expect(perfect["psnr guessed"]).toBe(Number.POSITIVE_INFINITY);
    expect(perfect.uncoveredShare).toBeGreaterThan(0.01);
    expect(perfect).toMatchObject({ ssim: 1, sharpness: 1, perceptual: 0, "drift at end": 0 });
    // The clip ends before what counts as late.
    expect(perfect["psnr late"]).toBeNaN();
  });

  it("of a painter that is one code off everywhere is that of one code", async () => {
    const off = await score(
      clip(),
      knowing((truth) => truth.map((code) => code - 1)),
      { perceptual },
    );
    expect(off["psnr all"]).toBeCloseTo(20 * Math.log10(255), 6);
    expect(off["psnr covered"]).toBeCloseTo(20 * Math.log10(255), 6);
    expect(off["drift at end"]).toBeCloseTo(1 / 255, 6);
  });

  it("of the filled warp is good where the first frame answers, and worse where nothing does", async () => {
    const kept: number[] = [];
    const of = await score(clip(), warp, { perceptual, keep: (index) => kept.push(index) });
    expect(of["psnr covered"]).toBeGreaterThan(28);
    expect(of["psnr uncovered"]).toBeLessThan(of["psnr covered"] - 3);
    expect(of.ssim).toBeGreaterThan(0.8);
    expect(of.perceptual).toBeGreaterThan(0);
    expect(kept).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

it("a comparison has a row a contestant, and keeps the pictures of every 24th tick", async () => {
  const frames = Array.from({ length: 25 }, (_, i) => ({ ...FRAMES[0], tick: i }));
  const still: HeldClip = { ...clip(), frames };
  const told: Row[] = [];
  const compared = await compare(still, "engine", [warp, knowing()], {
    perceptual,
    light: "shade",
    onRow: (row) => told.push(row),
  });
  expect(compared.map(({ row }) => [row.clip, row.look, row.painter])).toEqual([
    ["rays", "engine", "warp"],
    ["rays", "engine", "knowing"],
  ]);
  expect(told).toEqual(compared.map(({ row }) => row));
  const truth = truthOf(still);
  expect([...truth.keys()]).toEqual([23]);
  expect(compared[1].pictures).toEqual(truth);
});

describe("the table", () => {
  const figures = (value: number): Score => ({
    uncoveredShare: 0.01 * value,
    "psnr all": value,
    "psnr uncovered": value,
    "psnr guessed": value,
    "psnr covered": value,
    "psnr light moved": value,
    "psnr late": value,
    perceptual: value / 100,
    ssim: 0.9,
    sharpness: 1,
    "flicker within chunks": 1,
    "flicker between chunks": 1.1,
    "drift at end": 0,
  });
  const row = (clipName: string, painter: string, value: number, changes: Partial<Score> = {}): Row => ({
    clip: clipName,
    look: "paint",
    painter,
    ...figures(value),
    ...changes,
  });

  it("takes the mean over a painter's clips, leaving out regions without pixels", () => {
    const rows = [
      row("a", "one", 20, { "psnr light moved": Number.NaN }),
      row("a", "other", 90),
      row("b", "one", 30),
      row("c", "one", 40, { "psnr uncovered": Number.POSITIVE_INFINITY }),
    ];
    const mean = meanRow(rows, "one");
    expect(mean).toMatchObject({
      clip: "mean",
      painter: "one",
      "psnr all": 30,
      "psnr light moved": 35,
      "psnr uncovered": 25,
    });
    expect(mean.perceptual).toBeCloseTo(0.3);
    expect(Object.keys(mean)).toEqual(Object.keys(rows[0]));
  });

  it("says a row and a gain in a line each", () => {
    expect(formatRow(row("world-7", "default", 31.5))).toBe(
      "world-7                 paint     default      all  31.50  uncovered  31.50 (31.5 %)  guessed  31.50  covered  31.50  " +
        "light moved  31.50  late  31.50  perceptual 0.3150  ssim  0.900  sharpness   1.00  flicker   1.00   1.10  drift 0.0000",
    );
    expect(formatGain(row("mean", "default", 22), row("mean", "nearest warp", 20))).toBe(
      "default against nearest warp in dB: uncovered 2.00, guessed 2.00, covered 2.00, light moved 2.00, " +
        "whole frame 2.00, whole frame from tick 48 2.00; perceptual distance 10.0 %",
    );
  });
});

describe("what is measured", () => {
  const grey = (code: number) => new Uint8Array(16 * 16 * 3).fill(code);
  const noise = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => (i * 7919) & 255);

  it("is counted by region", () => {
    const tally = new ErrorTally();
    const [picture, truth] = [Uint8Array.of(10, 10, 10, 20, 20, 20), Uint8Array.of(10, 10, 10, 21, 21, 21)];
    tally.add(picture, truth, Uint8Array.of(1, 0), Uint8Array.of(255, 0), Uint8Array.of(1, 0));
    expect(tally.psnr("all")).toBeCloseTo(10 * Math.log10(255 ** 2 * 2));
    expect(tally.psnr("light moved")).toBe(Number.POSITIVE_INFINITY);
    expect(tally.psnr("covered")).toBeNaN();
    expect(tally.psnr("uncovered")).toBeCloseTo(20 * Math.log10(255));
    expect(tally.pixels("guessed")).toBe(1);
  });

  it("moves as its truth does, or flickers, or sticks", () => {
    const [before, now] = [Uint8Array.of(10, 10, 10), Uint8Array.of(14, 14, 14)];
    const ratio = (from: Uint8Array, to: Uint8Array) => {
      const flicker = new Flicker();
      flicker.add({ picture: from, truth: before }, { picture: to, truth: now });
      return flicker.ratio;
    };
    expect(ratio(before, now)).toBe(1);
    expect(ratio(before, Uint8Array.of(18, 18, 18))).toBe(2);
    expect(ratio(now, now)).toBe(0);
  });

  it("knows equal pictures, flat ones and mean colours", () => {
    expect(ssim(luma(noise), luma(noise), 16)).toBeCloseTo(1, 6);
    expect(ssim(luma(noise), luma(grey(128)), 16)).toBeLessThan(0.1);
    expect(gradientEnergy(luma(grey(77)), 16)).toBeCloseTo(0, 6);
    expect(gradientEnergy(luma(noise), 16)).toBeGreaterThan(100);
    expect(meanColour(Uint8Array.of(10, 20, 30, 20, 30, 50))).toEqual([15, 25, 40]);
  });
});

describe("the command line", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "playblast-evaluate-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const evaluate = (...args: string[]) =>
    spawnSync(process.execPath, [at("dist/training/evaluate/evaluate.js"), ...args], { encoding: "utf8" });

  it("says what it takes", () => {
    const { status, stdout, stderr } = evaluate("--help");
    expect(stdout).toContain("Rolls a model and its baselines out on held-out clips");
    for (const option of [
      "model",
      "worlds",
      "first",
      "take",
      "ticks",
      "size",
      "steps",
      "light",
      "look",
      "materials",
      "twin",
      "sheets",
      "json",
    ])
      expect(stdout).toContain(`--${option}`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it.each([
    [["--ticks", "x"], "--ticks is 'x'; expected a whole number from 1 to"],
    [["--ticks", "0"], "--ticks is '0'; expected a whole number from 1 to"],
    [["--ticks", "1e3"], "--ticks is '1e3'; expected"],
    [["--worlds=-1"], "--worlds is '-1'; expected a whole number from 0 to"],
    [["--worlds", "-1"], "--worlds"],
    [["--worlds", "0"], "--worlds is '0' and no --take is given"],
    [["--first", "2.5"], "--first is '2.5'; expected a whole number from 0 to"],
    [["--steps", "99"], "--steps is '99'; expected a whole number from 1 to 8"],
    [["--size", "256"], "--size is '256'; expected WIDTHxHEIGHT, both multiples of 2"],
    [["--light", "sun"], "--light is 'sun'; expected shade, lights, none"],
    [["--look", "oil"], "--look is 'oil'; expected engine, graded, toon, paint"],
    [["--materials", "all"], "--materials is 'all'; expected engine, none"],
    [["--take", "gone.mcap"], "--take is 'gone.mcap', which is no file"],
    [["--take", "."], "--take is '.', which is no file"],
    [["--model", "gone"], "model 'gone' has no card"],
    [["--twin", "gone.json"], "model 'gone.json' has no card"],
    [["--colour", "red"], "--colour"],
    [["take.mcap"], "take.mcap"],
  ])("refuses %j with what to change", (args, message) => {
    const { status, stdout, stderr } = evaluate(...args);
    expect(stderr).toMatch(/^evaluate: /);
    expect(stderr).toContain(message);
    expect(stderr).toContain("node dist/training/evaluate/evaluate.js [--model default]");
    expect(stderr).not.toMatch(/^ +at /m);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });

  it("says in a line what is wrong with a take that it cannot go through", () => {
    const { status, stderr } = evaluate("--worlds", "0", "--take", at("package.json"), "--ticks", "2");
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(/^evaluate: .*package\.json/);
    expect(status).toBe(1);
  });

  it("gives the table, as JSON where it is asked for, and sheets", () => {
    const sheets = join(folder, "sheets");
    const run = evaluate(
      "--worlds",
      "1",
      "--first",
      "1000501",
      "--ticks",
      "24",
      "--size",
      "64x48",
      "--json",
      "--sheets",
      sheets,
    );
    expect(run.stderr).toBe("");
    const { model, steps, ticks, rows, summary } = JSON.parse(run.stdout);
    expect({ model, steps, ticks }).toEqual({ model: "default", steps: 1, ticks: 24 });
    const painters = ["nearest warp", "pattern warp", "default"];
    expect(rows.map((row: Row) => [row.clip, row.painter])).toEqual(painters.map((name) => ["world-1000501", name]));
    expect(summary.map((row: Row) => row["psnr all"])).toEqual(rows.map((row: Row) => row["psnr all"]));
    expect(existsSync(join(sheets, "world-1000501-engine.jpg"))).toBe(true);
    expect(JSON.parse(readFileSync(join(sheets, "scores.json"), "utf8"))).toEqual({ rows, summary });
  }, 60_000);
});
