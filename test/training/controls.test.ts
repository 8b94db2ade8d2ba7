import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONTROL_NAMES, CONTROLS, SHARED_CONSTANTS, STORED_CONTROLS } from "../../src/conditioning/controls.js";
import { controlsFile } from "../../training/controls-file.js";
import { at } from "../fixtures/command-line.js";
import { hasTorch, PYTHON } from "../fixtures/python.js";

it("training/controls.json, which training reads, is what the list of controls says (the build writes it: npm run build:all)", () => {
  const file = readFileSync(at("training/controls.json"), "utf8");
  expect(file).toBe(controlsFile(CONTROLS, SHARED_CONSTANTS));
  expect(JSON.parse(file).controls).toEqual(CONTROLS);
});

describe.skipIf(!hasTorch)("training", () => {
  const size = { width: 16, height: 16, ticks: 4, chunk: 4 };
  const pixels = size.width * size.height;
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "playblast-controls-"));
    mkdirSync(join(folder, "clips"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Writes a clip that stores planes of these names, each of its place's value everywhere; gives its folder. */
  function clip(controls: readonly string[] | undefined): string {
    const path = join(folder, "clips", "clip");
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "meta.json"), JSON.stringify({ ...size, hasShade: false, controls }));
    const perPixel = { "truth.u8": 3, "corr.bin": 24, "fill.u32": 4, "outline.u8": 1, "doubt.u8": 1 };
    for (const [name, each] of Object.entries(perPixel))
      writeFileSync(join(path, name), new Uint8Array(size.ticks * pixels * each));
    // Half floats of 1, 2, 3 ...: the bits of 2^n rise by 0x400.
    const planes = (controls ?? []).flatMap((_, i) => Array<number>(pixels).fill(0x3c00 + 0x400 * i));
    writeFileSync(join(path, "control.f16"), Uint16Array.from(Array(size.ticks).fill(planes).flat()));
    return path;
  }
  const run = (code: string, ...args: string[]) =>
    spawnSync(PYTHON, ["-c", `import sys; sys.path.insert(0, ${JSON.stringify(at("training"))})\n${code}`, ...args], {
      encoding: "utf8",
    });
  const reading = (path: string) => run("from clips import Clip; Clip(sys.argv[1])", path);

  it("reads a clip's planes by name, in whatever order they lie", () => {
    const turned = [...STORED_CONTROLS].reverse();
    const code =
      "from clips import Clip\nfor name in sys.argv[2:]: print(Clip(sys.argv[1]).control_of(3, name).mean().item())";
    const { stdout, stderr } = run(code, clip(turned), ...turned);
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n").map(Number)).toEqual(turned.map((_, i) => 2 ** i));
  });

  it.each([
    ["lacks a plane", STORED_CONTROLS.slice(1), /'controls' lacks inverse depth; expected inverse depth, normal x, /],
    ["holds one that training computes", [...STORED_CONTROLS, "doubt"], /'controls' holds doubt; expected/],
    [
      "holds one that is not known",
      [...STORED_CONTROLS, "height"],
      /'controls' names 'height', which is not known here; known are /,
    ],
    ["names one twice", [...STORED_CONTROLS, "lambert"], /'controls' names 'lambert' twice/],
    ["names none, as it is older than names", undefined, /'controls' is missing, expected a list of names/],
  ])("refuses a clip that %s", (_, controls, message) => {
    const path = clip(controls);
    const { stderr, status } = reading(path);
    expect(stderr).toMatch(message);
    expect(stderr).toContain(`${path}/meta.json (write the clip anew`);
    expect(stderr).not.toContain("Traceback");
    expect(status).toBe(1);
  });

  it("gives a network the controls that it takes, in its order", () => {
    const code = `
import torch
from model import Network
from controls import NAMES
control = torch.arange(len(NAMES)).float().view(1, -1, 1, 1).expand(4, -1, 16, 16)
x = Network(sys.argv[1:]).join(torch.full((4, 3, 16, 16), -1.0), control, torch.full((4,), 0.5))
print(x[2, :, 5, 7].tolist())
print(list(Network(sys.argv[1:])(x).shape))`;
    const { stdout, stderr } = run(code, "lambert", "filled warp green");
    expect(stderr).toBe("");
    const [lambert, green] = [CONTROL_NAMES.indexOf("lambert"), CONTROL_NAMES.indexOf("filled warp green")];
    const [taken, given] = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(taken).toEqual([-1, -1, -1, lambert, green, 0.5]);
    expect(given).toEqual([4, 3, 16, 16]);
  });

  it.each([
    [undefined, /own\.json: 'controls' is missing, expected a list of names of controls/],
    [["lambert", "shade"], /own\.json: 'controls' names 'shade', which is not known here; known are filled warp red, /],
  ])("goes on from no card whose controls are %j, and makes none smaller", (controls, message) => {
    const card = JSON.parse(readFileSync(at("models/default.json"), "utf8"));
    const path = join(folder, "own.json");
    writeFileSync(path, JSON.stringify({ ...card, controls }));
    clip(STORED_CONTROLS);
    for (const args of [
      [at("training/train.py"), "--data", join(folder, "clips"), "--run", join(folder, "run"), "--start", path],
      [at("training/quantise.py"), "--model", path, "--kind", "float16", "--out", folder],
    ]) {
      const { stderr, status } = spawnSync(PYTHON, args, { encoding: "utf8" });
      expect(stderr).toMatch(message);
      expect(status).toBe(1);
    }
  });
});
