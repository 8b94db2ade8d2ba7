import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { OpenShot } from "../../src/protocol/generated/playblast/v1/open_shot.js";
import { TakeWriter } from "../../src/take/take-writer.js";
import { writePng } from "../../src/video/png-sequence.js";
import { at, playblast, playblastWithin, startPlayblast } from "../fixtures/command-line.js";
import { frameDurations } from "../fixtures/mp4.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";

// Each render loads the default model.
vi.setConfig({ testTimeout: 120_000 });

const LOOK = at("examples/courtyard.look.png");

/** Takes that several tests render. */
let takes: string;
let gappy: string;
/** 384x216 and long enough to be interrupted: no picture of it, and no video, is as small as ROOM. */
const ROOM = 16; // KiB
const LONG = at("examples/courtyard.take.mcap");

let folder: string;
let out: string;

async function writeTake(name: string, times: Record<number, number>, changes: Partial<OpenShot> = {}) {
  const path = join(takes, name);
  const writer = await TakeWriter.create(path);
  await writer.write({ $case: "openShot", value: openShot("export", changes) });
  const [first] = Object.keys(times).map(Number);
  await writer.write({ $case: "firstFrame", value: firstFrame(first) });
  for (const [tick, time] of Object.entries(times)) {
    await writer.write({ $case: "engineFrame", value: { ...engineFrame(Number(tick)), time } });
  }
  await writer.close();
  return path;
}

beforeAll(async () => {
  takes = mkdtempSync(join(tmpdir(), "playblast-takes-"));
  gappy = await writeTake("gappy.mcap", { 2: 2 / 24, 3: 3 / 24, 6: 6 / 24, 8: 8 / 24 });
});
afterAll(() => rmSync(takes, { recursive: true, force: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "playblast-render-"));
  out = join(folder, "shot.mp4");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const render = (...args: string[]) => {
  const run = playblast("render", ...args, "--json");
  expect(run.status, run.stderr).toBe(0);
  return { ...JSON.parse(run.stdout), stderr: run.stderr };
};
const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const framesOf = (file: string) => frameDurations(file).reduce((sum, { frames }) => sum + frames, 0);
const pngs = (path: string) => readdirSync(path).sort();
const name = (tick: number) => `${String(tick).padStart(6, "0")}.png`;

describe("a render of a take with gaps in its ticks", () => {
  const gaps = [
    { from: 4, to: 5 },
    { from: 7, to: 7 },
  ];

  it("lasts as long as its scene, and says what it holds", () => {
    const report = render(gappy, "--out", out);
    expect(report).toMatchObject({ frames: 4, held: 3, gaps, frameRate: "24", duration: 7 / 24, notices: [] });
    expect(report.stderr).toMatch(/3 ticks have no picture \(4-5, 7\): the picture before is held/);
    expect(framesOf(out)).toBe(7);
  });

  it("leaves them out when told to, and says that", () => {
    const report = render(gappy, "--out", out, "--gaps", "close");
    expect(report).toMatchObject({ frames: 4, held: 0, gaps, duration: 4 / 24 });
    expect(report.stderr).toMatch(/left out, so that the video is that much shorter/);
    expect(framesOf(out)).toBe(4);
  });

  it("numbers pictures by their ticks", () => {
    const pictures = join(folder, "pictures");
    const report = render(gappy, "--out", pictures);
    expect(report).toMatchObject({ frames: 4, held: 0, gaps });
    expect(report).not.toHaveProperty("duration");
    expect(pngs(pictures)).toEqual([2, 3, 6, 8].map(name));
  });

  it("does not hold a picture for hours", async () => {
    const jump = await writeTake("jump.mcap", { 0: 0, 100000: 100_000 / 24 });
    const run = playblast("render", jump, "--out", out);
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/ticks 1-99999 have no picture, 1\.2 h in all; pass --gaps close/);
  });
});

describe("a render of a take", () => {
  it("says where the scene's time does not follow its ticks", async () => {
    const slow = await writeTake("slow.mcap", { 0: 0, 1: 0.1, 2: 0.2, 3: 0.3 });
    const report = render(slow, "--out", out);
    const [{ tick, message }] = report.notices;
    expect(tick).toBe(3);
    expect(message).toMatch(/at tick 3 0\.30 s of it have passed, and 0\.13 s of video at 24 ticks a second/);
    expect(report.stderr).toContain(message);
  });

  it("of 23.976 ticks a second has frames of 1001/24000 s", async () => {
    const ntsc = await writeTake("ntsc.mcap", { 0: 0, 1: 1 / 23.976, 2: 2 / 23.976 }, { frameRate: 23.976 });
    expect(render(ntsc, "--out", out)).toMatchObject({ frameRate: "24000/1001", notices: [] });
    for (const { numerator, denominator } of frameDurations(out)) expect(numerator * 24000).toBe(denominator * 1001);
  });
});

describe("a render where a video is there already", () => {
  const OLD = "the good one of yesterday";
  beforeEach(() => writeFileSync(out, OLD));
  const keepsIt = () => {
    expect(readFileSync(out, "utf8")).toBe(OLD);
    expect(readdirSync(folder)).toEqual(["shot.mp4"]);
  };

  it("is refused, and replaces it when told to", () => {
    const run = playblast("render", gappy, "--out", out);
    expect(run).toMatchObject({ status: 1, stderr: expect.stringMatching(/is there already; pass --overwrite/) });
    keepsIt();
    render(gappy, "--out", out, "--overwrite");
    expect(framesOf(out)).toBe(7);
    expect(readdirSync(folder)).toEqual(["shot.mp4"]);
  });

  it("keeps it when there is no room for the new one", () => {
    const run = playblastWithin(ROOM, "render", LONG, "--first-frame", LOOK, "--out", out, "--overwrite");
    expect(run).toMatchObject({ status: 1, stderr: expect.stringMatching(/ffmpeg could not write .*shot\.mp4/) });
    keepsIt();
  });

  it("keeps it when it is interrupted", async () => {
    const run = startPlayblast(["render", LONG, "--first-frame", LOOK, "--out", out, "--overwrite"]);
    run.stderr.resume();
    await expect.poll(() => readdirSync(folder).length, { timeout: 60_000 }).toBe(2);
    run.kill("SIGINT");
    expect(await once(run, "exit")).toEqual([130, null]);
    keepsIt();
  });
});

describe("a render into a folder", () => {
  let pictures: string;
  beforeEach(() => {
    pictures = join(folder, "pictures");
  });

  describe("with pictures of a longer one", () => {
    const OLD = [0, 1, 2, 3, 20];
    const size = { width: 4, height: 4 };
    beforeEach(async () => {
      mkdirSync(pictures);
      writeFileSync(join(pictures, "notes.txt"), "mine");
      for (const tick of OLD) await writePng(pictures, tick, new Uint8Array(48).fill(99), size);
    });
    const keepsThem = async () => {
      expect(pngs(pictures)).toEqual([...OLD.map(name), "notes.txt"]);
      for (const tick of OLD) expect(await sharp(join(pictures, name(tick))).metadata()).toMatchObject(size);
    };

    it("is refused, and replaces them all when told to", async () => {
      const run = playblast("render", gappy, "--out", pictures);
      expect(run.status).toBe(1);
      expect(run.stderr).toMatch(/holds 5 numbered pictures already \(000000\.png to 000020\.png\); pass --overwrite/);
      await keepsThem();
      render(gappy, "--out", pictures, "--overwrite");
      expect(pngs(pictures)).toEqual([...[2, 3, 6, 8].map(name), "notes.txt"]);
      expect(await sharp(join(pictures, name(2))).metadata()).toMatchObject({ width: 32, height: 16 });
    });

    it("keeps them when there is no room for the new ones", async () => {
      const args = ["render", LONG, "--first-frame", LOOK, "--out", pictures, "--overwrite"];
      expect(playblastWithin(ROOM, ...args).status).toBe(1);
      await keepsThem();
    });

    it("keeps them when it is interrupted", async () => {
      const run = startPlayblast(["render", LONG, "--first-frame", LOOK, "--out", pictures, "--overwrite"]);
      run.stderr.resume();
      const begun = () => readdirSync(pictures, { recursive: true }).some((path) => /partial.*png$/.test(String(path)));
      await expect.poll(begun, { timeout: 60_000 }).toBe(true);
      run.kill("SIGINT");
      expect(await once(run, "exit")).toEqual([130, null]);
      await keepsThem();
    });
  });

  it("leaves no half picture where there is no room, and no empty folder", () => {
    expect(playblastWithin(ROOM, "render", LONG, "--first-frame", LOOK, "--out", pictures).status).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("keeps the whole pictures of what is interrupted", async () => {
    const run = startPlayblast(["render", LONG, "--first-frame", LOOK, "--out", pictures]);
    run.stderr.resume();
    const done = () => (existsSync(pictures) ? pngs(pictures).filter((file) => /^\d{6}\.png$/.test(file)).length : 0);
    await expect.poll(done, { timeout: 60_000 }).toBeGreaterThan(0);
    run.kill("SIGINT");
    expect(await once(run, "exit")).toEqual([130, null]);
    expect(pngs(pictures)).toEqual(range(done()).map(name));
    for (const file of pngs(pictures)) await sharp(join(pictures, file)).raw().toBuffer();
  });
});

describe("--out of a render", () => {
  const refuses = (path: string) => {
    const run = playblast("render", gappy, "--out", path);
    expect(run.status).toBe(1);
    expect(run.stderr).not.toContain("rendering");
    return run.stderr;
  };

  it.each(["webm", "gif", "avi", "mkv", "png"])("that ends in .%s is refused, and makes nothing", (ending) => {
    expect(refuses(join(folder, `shot.${ending}`))).toContain(
      `ends in .${ending}; pass a name that ends in .mp4 or .mov, or a folder: a name without an ending, or with / behind it`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it("may end in .MP4 or .mov", () => {
    for (const file of ["shot.MP4", "shot.mov"]) {
      render(gappy, "--out", join(folder, file));
      expect(framesOf(join(folder, file))).toBe(7);
    }
  });

  it("is a folder where a slash says so, or one is there", () => {
    render(gappy, "--out", join(folder, "take.2/"));
    mkdirSync(join(folder, "take.3"));
    render(gappy, "--out", join(folder, "take.3"));
    for (const path of ["take.2", "take.3"]) expect(pngs(join(folder, path))).toHaveLength(4);
  });

  it("where nothing can be written is refused", () => {
    writeFileSync(join(folder, "file"), "mine");
    mkdirSync(join(folder, "folder.mp4"));
    expect(refuses(join(folder, "file"))).toMatch(/file: is a file, not a folder; pass another name/);
    expect(refuses(join(folder, "file", "shot.mp4"))).toMatch(/file is a file, not a folder; choose another/);
    expect(refuses(join(folder, "folder.mp4"))).toMatch(/folder\.mp4: is not a file; choose another name/);
    expect(refuses(join(folder, "gone", "shot.mp4"))).toMatch(/folder .*gone is missing; make it first/);
    expect(refuses(join(folder, "gone", "pictures"))).toMatch(/folder .*gone is missing; make it first/);
    expect(refuses("/proc/shot.mp4")).toMatch(/folder \/proc cannot be written/);
    expect(refuses("/proc/pictures")).toMatch(/pictures: the folder cannot be made/);
    expect(refuses("")).toMatch(/no path was given/);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("mine");
    expect(readdirSync(folder).sort()).toEqual(["file", "folder.mp4"]);
  });
});
