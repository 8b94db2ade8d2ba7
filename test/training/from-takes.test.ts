import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { STORED_CONTROLS } from "../../src/conditioning/controls.js";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const TAKE = at("examples/courtyard.take.mcap");

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "playblast-clips-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fromTakes(...args: string[]) {
  return spawnSync(process.execPath, [at("dist/training/dataset/from-takes.js"), ...args], { encoding: "utf8" });
}

describe("clips from takes", () => {
  it("holds truth, light and correspondence of every tick", () => {
    const run = fromTakes("--out", folder, "--ticks", "8", "--size", "128x80", TAKE);
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
    const clip = join(folder, "take-courtyard.take");
    const meta = JSON.parse(readFileSync(join(clip, "meta.json"), "utf8"));
    expect(meta).toMatchObject({
      width: 128,
      height: 80,
      ticks: 8,
      chunk: 4,
      hasShade: true,
      controls: STORED_CONTROLS,
    });
    const pixels = 128 * 80;
    expect(statSync(join(clip, "truth.u8")).size).toBe(8 * pixels * 3);
    expect(statSync(join(clip, "control.f16")).size).toBe(8 * STORED_CONTROLS.length * 2 * pixels);
    expect(statSync(join(clip, "corr.bin")).size).toBe(8 * 2 * 12 * pixels);
  });

  it("says what is wrong with what it was given", () => {
    const twin = join(folder, "twin");
    mkdirSync(twin);
    copyFileSync(TAKE, join(twin, "courtyard.take.mcap"));
    for (const [args, message] of [
      [["--out", folder, "missing.mcap"], "there is no take missing.mcap"],
      [["--out", folder, "--size", "100x80", TAKE], "both multiples of 16"],
      [["--out", folder, TAKE, twin], "would both become the clip"],
      [[TAKE], "--out is missing"],
    ] as const) {
      const run = fromTakes(...args);
      expect(run.status).toBe(2);
      expect(run.stderr).toContain(message);
    }
  });
});
