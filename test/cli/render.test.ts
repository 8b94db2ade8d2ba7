import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTake } from "../../src/take/take-reader.js";
import { TakeWriter } from "../../src/take/take-writer.js";
import { at, playblast } from "../fixtures/command-line.js";

const LOOK = at("examples/courtyard.look.png");
/** Two chunks and a short one. */
const TICKS = 10;

let folder: string;
let take: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "playblast-cli-"));
  take = join(folder, "short.mcap");
  const writer = await TakeWriter.create(take);
  let frames = 0;
  for await (const message of readTake(at("examples/courtyard.take.mcap"))) {
    if (message.$case === "engineFrame" && ++frames > TICKS) break;
    await writer.write(message);
  }
  await writer.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("playblast render, with the default model", () => {
  it("writes the same bytes for one seed, and others for another", () => {
    const render = (name: string, seed: string) => {
      const out = join(folder, name);
      const run = playblast("render", take, "--first-frame", LOOK, "--out", out, "--seed", seed, "--json");
      expect(run.status, run.stderr).toBe(0);
      expect(JSON.parse(run.stdout)).toMatchObject({ out, frames: TICKS, notices: [] });
      return readFileSync(out);
    };
    const once = render("a.mp4", "7");
    expect(render("b.mp4", "7").equals(once)).toBe(true);
    expect(render("c.mp4", "8").equals(once)).toBe(false);
  }, 120_000);

  it("writes one PNG a tick, numbered like the timeline", () => {
    const out = join(folder, "pngs");
    expect(playblast("render", take, "--first-frame", LOOK, "--out", out).status).toBe(0);
    expect(readdirSync(out)).toEqual(
      Array.from({ length: TICKS }, (_, tick) => `${String(tick).padStart(6, "0")}.png`),
    );
  }, 60_000);

  it("says what was done to a first frame", async () => {
    const square = join(folder, "square.png");
    await sharp({ create: { width: 90, height: 90, channels: 4, background: { r: 200, g: 90, b: 30, alpha: 0.5 } } })
      .png()
      .toFile(square);
    const run = playblast("render", take, "--first-frame", square, "--out", join(folder, "square"), "--json");
    expect(run.status, run.stderr).toBe(0);
    const { frames, notices } = JSON.parse(run.stdout);
    expect(frames).toBe(TICKS);
    expect(notices.map((notice: { message: string }) => notice.message)).toEqual([
      expect.stringMatching(/not opaque in 100\.0 %/),
      expect.stringMatching(/is 90x90.*39 rows at its top and bottom were cut off\. 90x51, 256x144 or any/),
    ]);
    expect(run.stderr).toMatch(/tick 0: The first frame is 90x90/);
  }, 60_000);

  it("renders what is whole of a truncated take, when asked to", () => {
    const cut = join(folder, "cut.mcap");
    // Recorded in chunks of a dozen frames, of which the first is whole.
    writeFileSync(cut, readFileSync(at("examples/courtyard.take.mcap")).subarray(0, 2_400_000));
    const out = join(folder, "cut");
    const render = (...more: string[]) =>
      playblast("render", cut, "--first-frame", LOOK, "--out", out, "--json", ...more);
    expect(render()).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/cut\.mcap.*at byte \d+.*--allow-trunc/),
    });
    const { stdout } = render("--allow-truncated");
    const { frames } = JSON.parse(stdout);
    expect(frames).toBeGreaterThan(0);
    expect(readdirSync(out)).toHaveLength(frames);
  }, 60_000);

  it("says what is wrong with a take, a first frame, a size or a model", async () => {
    const fails = (...args: string[]) => {
      const run = playblast("render", ...args, "--out", join(folder, "none.mp4"));
      expect(run.status).not.toBe(0);
      return run.stderr;
    };
    expect(fails(join(folder, "missing.mcap"))).toMatch(/missing\.mcap: there is no such file/);
    expect(fails(LOOK)).toMatch(/is damaged|holds no open_shot/);
    const idle = join(folder, "idle.mcap");
    const writer = await TakeWriter.create(idle);
    for await (const message of readTake(take)) if (message.$case !== "engineFrame") await writer.write(message);
    await writer.close();
    expect(fails(idle, "--first-frame", LOOK)).toMatch(/idle\.mcap holds no engine frames/);
    expect(fails(take, "--first-frame", "nowhere.png")).toMatch(/--first-frame nowhere\.png/);
    const bad = (name: string, bytes: Uint8Array) => {
      const file = join(folder, name);
      writeFileSync(file, bytes);
      return fails(take, "--first-frame", file);
    };
    expect(fails(take, "--first-frame", folder)).toMatch(/--first-frame .*: is not a file; pass a PNG/);
    expect(bad("empty.png", Buffer.alloc(0))).toMatch(/--first-frame .*empty\.png: is empty \(0 bytes\); send a PNG/);
    expect(bad("half.png", readFileSync(LOOK).subarray(0, 9000))).toMatch(
      /half\.png: is a damaged png file of 9000 bytes/,
    );
    expect(fails(take, "--size", "big")).toMatch(/WIDTHxHEIGHT/);
    expect(fails(take, "--first-frame", LOOK, "--model", "nothing")).toMatch(/model 'nothing' has no card/);
    expect(readdirSync(folder)).not.toContain("none.mp4");
  }, 60_000);
});

describe("playblast inspect", () => {
  it("says what a take holds", () => {
    const { stdout } = playblast("inspect", take, "--json");
    expect(JSON.parse(stdout)).toMatchObject({ frames: TICKS, size: "256x144", firstTick: 0, holes: [] });
  });
});

describe("playblast", () => {
  it.each(["demo", "serve", "render", "video", "inspect", "doctor"])("explains %s with --help", (command) => {
    const { status, stdout } = playblast(command, "--help");
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`Usage: playblast ${command}`));
    expect(stdout).toMatch(/--json/);
  });

  it("says what works on this machine", () => {
    const { stdout } = playblast("doctor", "--json");
    const findings = JSON.parse(stdout) as { what: string; ok: boolean }[];
    expect(findings.find(({ what }) => what === "model")).toMatchObject({ ok: true });
    expect(findings).toContainEqual({ what: "cpu", ok: true, detail: "runs model 'default'" });
  }, 60_000);
});
