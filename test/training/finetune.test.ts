import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadDefaultModel } from "../../src/diffusion/load-default-model.js";
import { seededNoise } from "../../src/diffusion/noise.js";
import { TakeWriter } from "../../src/take/take-writer.js";
import { at } from "../fixtures/command-line.js";
import { hasPython, hasTorch, PYTHON } from "../fixtures/python.js";
import { engineFrame, openShot } from "../fixtures/shot-messages.js";

const TAKE = at("examples/courtyard.take.mcap");

let folder: string;
let takes: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "playblast-finetune-"));
  takes = join(folder, "takes");
  mkdirSync(takes);
  for (const name of ["yard-1.mcap", "yard-2.mcap"]) copyFileSync(TAKE, join(takes, name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function python(script: string, ...args: string[]) {
  return spawnSync(PYTHON, [at(`training/${script}`), ...args], { encoding: "utf8" });
}

describe.skipIf(!hasPython)("a model of one's own takes", () => {
  it("says what it needs", () => {
    const run = python("finetune.py", "--help");
    expect(run.status).toBe(0);
    expect(run.stdout).toContain("--hold-out");
  });

  it("says what is wrong with what it was given", async () => {
    const empty = join(folder, "empty");
    const blind = join(folder, "blind");
    mkdirSync(empty);
    mkdirSync(blind);
    copyFileSync(TAKE, join(blind, "seen.mcap"));
    const writer = await TakeWriter.create(join(blind, "blind.mcap"));
    writer.write({ $case: "openShot", value: openShot() });
    for (let tick = 0; tick < 10; tick++) writer.write({ $case: "engineFrame", value: engineFrame(tick) });
    await writer.close();
    for (const [args, message] of [
      [["missing"], "there is no missing"],
      [[empty], "holds no take (.mcap); record some"],
      [[TAKE], "is the only take; record another one"],
      [[takes, "--hold-out", "2"], "--hold-out is 2; expected 1 to 1 of 2 takes"],
      [[takes, join(blind, "seen.mcap"), TAKE, TAKE], "have the same name"],
      [[takes, "--out", at("models"), "--name", "default"], "would overwrite"],
      [[blind], "10 of 10 ticks have no truth plane"],
    ] as const) {
      const run = python("finetune.py", "--name", "mine", ...args);
      expect(run.stderr).toContain(message);
      expect(run.status).toBeGreaterThan(0);
    }
  }, 90_000);
});

describe.skipIf(!hasTorch)("fine-tuning", () => {
  const finetune = (...args: string[]) =>
    python("finetune.py", takes, "--name", "mine", "--out", folder, "--run", join(folder, "run"), ...args);

  it("leaves the default model as it is when no time is given, and goes on from there", async () => {
    const first = finetune("--ticks", "8", "--minutes", "0");
    expect(first.stderr).toBe("");
    expect(first.stdout).toContain("held out: yard-2.mcap");
    expect((await loadDefaultModel(join(folder, "mine.json"))).card.id).toBe("mine");
    const measured = () => JSON.parse(readFileSync(join(folder, "run", "measured.json"), "utf8"));
    const { before, after } = measured();
    expect(after["yard-2"].model["psnr all"]).toBeCloseTo(before["yard-2"].model["psnr all"], 3);
    expect(after["yard-2"].warp).toEqual(before["yard-2"].warp);

    const second = finetune("--ticks", "8", "--minutes", "0.02");
    expect(second.stderr).toBe("");
    expect(second.stdout).not.toContain("clip 1 of 1");
    expect(measured().after["yard-2"].model["psnr all"]).not.toBe(after["yard-2"].model["psnr all"]);

    expect(finetune("--ticks", "12").stderr).toContain("was begun with ticks 8, now it is 12");
  }, 300_000);

  it("models in 16 and 8 bits are smaller and say what the original says, nearly", async () => {
    const card = at("models/default.json");
    const clips = join(folder, "run", "clips");
    const x = new Tensor("float32", seededNoise(4 * 20 * 48 * 64, 1, 1), [4, 20, 48, 64]);
    const answer = async (path: string) => {
      const session = await InferenceSession.create((await loadDefaultModel(path)).weights);
      const { x0 } = await session.run({ x });
      await session.release();
      return x0.data as Float32Array;
    };
    const original = await answer(card);
    const size = (await loadDefaultModel(card)).weights.length;
    for (const [kind, most, share] of [
      ["float16", 0.002, 0.51],
      ["int8", 0.2, 0.3],
    ] as const) {
      const run = python("quantise.py", "--model", card, "--kind", kind, "--data", clips, "--out", folder);
      expect(run.stderr).toBe("");
      const path = join(folder, `default-${kind}.json`);
      const other = await answer(path);
      const error = original.reduce((sum, value, i) => sum + (value - other[i]) ** 2, 0);
      const energy = original.reduce((sum, value) => sum + value ** 2, 0);
      expect(error / energy).toBeLessThan(most);
      expect(error).toBeGreaterThan(0);
      expect((await loadDefaultModel(path)).weights.length).toBeLessThan(share * size);
    }
    expect(python("quantise.py", "--model", card, "--kind", "int8").stderr).toContain(
      "name a folder of them with --data",
    );
  }, 120_000);

  it("starts from no graph but its own", () => {
    const clips = join(folder, "run", "clips");
    const foreign = at("models/perceptual.onnx");
    const run = python("train.py", "--data", clips, "--run", join(folder, "other"), "--start", foreign);
    expect(run.stderr).toContain("are not those of the network in model.py; the first: down.0.weight is missing");
    expect(existsSync(join(folder, "other", "checkpoint.pt"))).toBe(false);
  }, 60_000);
});
