import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findFfmpeg } from "../../src/video/ffmpeg.js";
import { writePng } from "../../src/video/png-sequence.js";
import { at, playblast, playblastWithin, startPlayblast } from "../fixtures/command-line.js";
import { frameDurations } from "../fixtures/mp4.js";

const SMALL = { width: 32, height: 18 };

let folder: string;
let pictures: string;
let out: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "playblast-video-"));
  pictures = join(folder, "pictures");
  out = join(folder, "shot.mp4");
  mkdirSync(pictures);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a picture of one grey a tick. */
async function write(ticks: readonly number[], size = SMALL): Promise<void> {
  for (const tick of ticks)
    await writePng(pictures, tick, new Uint8Array(size.width * size.height * 3).fill((tick * 20) & 255), size);
}

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
const countFrames = (file: string) =>
  Number(spawnSync(process.execPath, [at("scripts/count-frames.mjs"), file], { encoding: "utf8" }).stdout);

/** First byte of each frame of a video: its grey. */
function greysOf(file: string, { width, height }: { width: number; height: number }): number[] {
  const args = ["-i", file, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
  const { stdout } = spawnSync(findFfmpeg().path, args, { maxBuffer: 1e8 });
  return Array.from(stdout.filter((_, i) => i % (width * height * 3) === 0));
}

describe("playblast video", () => {
  it("writes one frame a tick, in the order of their numbers", async () => {
    await write(range(999_998, 5));
    writeFileSync(join(pictures, "notes.txt"), "not a picture");
    writeFileSync(join(pictures, "sheet.png"), "of another name");
    const run = playblast("video", pictures, out, "--json");
    expect(run.status, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toEqual({
      out,
      frames: 5,
      held: 0,
      gaps: [],
      firstTick: 999_998,
      lastTick: 1_000_002,
      size: "32x18",
      videoSize: "32x18",
      frameRate: "24",
      duration: 5 / 24,
      seconds: expect.any(Number),
    });
    expect(run.stderr).toContain("encoding 5/5");
    expect(countFrames(out)).toBe(5);
    const greys = greysOf(out, SMALL);
    range(999_998, 5).forEach((tick, i) => {
      expect(Math.abs(greys[i] - ((tick * 20) & 255))).toBeLessThan(4);
    });
  });

  it.each([
    ["0.5", 2, 1],
    ["23.976", 1001, 24000],
    ["30000/1001", 1001, 30000],
    ["240", 1, 240],
  ])("keeps each frame at %s a second, for exactly as long", async (frameRate, numerator, denominator) => {
    await write(range(0, 7), { width: 33, height: 17 });
    const run = playblast("video", pictures, out, "--frame-rate", frameRate);
    expect(run.stdout).toContain("7 frames of 33x17 (in 34x18, its edge twice) at");
    expect(countFrames(out)).toBe(7);
    for (const duration of frameDurations(out))
      expect(duration.numerator * denominator).toBe(duration.denominator * numerator);
  });

  it("writes the same bytes again, under any name", async () => {
    await write(range(0, 3));
    const bytes = ["a.mp4", "take:1.mp4"].map((name) => {
      expect(playblast("video", pictures, join(folder, name)).status).toBe(0);
      return readFileSync(join(folder, name));
    });
    expect(bytes[0].equals(bytes[1])).toBe(true);
  });

  it.each(["SHOT.MP4", "shot.mov", "shot.Mov"])("encodes %s", async (name) => {
    await write(range(0, 3));
    expect(playblast("video", pictures, join(folder, name)).status).toBe(0);
    expect(countFrames(join(folder, name))).toBe(3);
  });

  it("takes pictures that other programs wrote: grey, transparent, of 16 bits", async () => {
    await write([0]);
    const image = sharp({ create: { ...SMALL, channels: 4, background: { r: 90, g: 90, b: 90, alpha: 0 } } });
    const save = (tick: number, picture: Sharp) => picture.png().toFile(join(pictures, `00000${tick}.png`));
    await save(1, image.clone());
    await save(2, image.clone().removeAlpha().toColourspace("b-w"));
    await save(3, image.clone().removeAlpha().toColourspace("rgb16"));
    expect(playblast("video", pictures, out).status).toBe(0);
    const greys = greysOf(out, SMALL);
    [0, 128, 90, 90].forEach((grey, i) => {
      expect(Math.abs(greys[i] - grey)).toBeLessThan(4);
    });
  });

  describe("at ticks without a picture", () => {
    const greyOf = (tick: number) => (tick * 20) & 255;
    const shown = (ticks: readonly number[]) => {
      const greys = greysOf(out, SMALL);
      expect(greys).toHaveLength(ticks.length);
      ticks.forEach((tick, i) => {
        expect(Math.abs(greys[i] - greyOf(tick)), `frame ${i}`).toBeLessThan(4);
      });
    };

    it("holds the picture before, so that time is right, and says so", async () => {
      await write([3, 4, 6, 9]);
      const run = playblast("video", pictures, out, "--json");
      expect(run.status, run.stderr).toBe(0);
      const gaps = [
        { from: 5, to: 5 },
        { from: 7, to: 8 },
      ];
      expect(JSON.parse(run.stdout)).toMatchObject({ frames: 4, held: 3, gaps, duration: 7 / 24 });
      expect(run.stderr).toMatch(/3 ticks have no picture \(5, 7-8\): the picture before is held/);
      shown([3, 4, 4, 6, 6, 6, 9]);
    });

    it("closes them when told to, and says that too", async () => {
      await write([3, 4, 6, 9]);
      const run = playblast("video", pictures, out, "--gaps", "close", "--json");
      expect(JSON.parse(run.stdout)).toMatchObject({ frames: 4, held: 0, duration: 4 / 24 });
      expect(run.stderr).toMatch(/3 ticks have no picture \(5, 7-8\): left out/);
      shown([3, 4, 6, 9]);
    });

    it("does not hold for hours what comes from numbers that jump", async () => {
      await write([0, 90_000]);
      const run = playblast("video", pictures, out);
      expect(run.status).toBe(1);
      expect(run.stderr).toMatch(/ticks 1-89999 have no picture, 1\.0 h in all; pass --gaps close/);
      expect(playblast("video", pictures, out, "--gaps", "close").status).toBe(0);
    });

    it("names some and counts the others", async () => {
      await write(range(0, 20).map((i) => 20 + 2 * i));
      expect(playblast("video", pictures, out).stderr).toContain(
        "(21, 23, 25, 27, 29, 31, 33, 35 and at 11 more places)",
      );
    });
  });

  describe("where a video is there already", () => {
    const OLD = "the good one of yesterday";
    beforeEach(() => writeFileSync(out, OLD));
    const keepsIt = () => {
      expect(readFileSync(out, "utf8")).toBe(OLD);
      expect(readdirSync(folder).sort()).toEqual(["pictures", "shot.mp4"]);
    };

    it("refuses, and names the way", async () => {
      await write([0, 1]);
      const run = playblast("video", pictures, out);
      expect(run.status).toBe(1);
      expect(run.stderr).toMatch(/shot\.mp4: is there already; pass --overwrite to replace it, or another name/);
      keepsIt();
    });

    it("replaces it when told to, also behind a link", async () => {
      await write([0, 1]);
      const link = join(folder, "link.mp4");
      symlinkSync(out, link);
      expect(playblast("video", pictures, link, "--overwrite").status).toBe(0);
      expect(countFrames(out)).toBe(2);
      expect(realpathSync(link)).toBe(realpathSync(out));
      expect(playblast("video", pictures, link).status).toBe(1);
    });

    it("keeps it when a picture is damaged", async () => {
      const size = { width: 320, height: 180 };
      for (const tick of range(0, 20)) await writePng(pictures, tick, randomBytes(size.width * size.height * 3), size);
      const bad = join(pictures, "000019.png");
      writeFileSync(bad, readFileSync(bad).subarray(0, 600));
      const run = playblast("video", pictures, out, "--overwrite");
      expect(run.stderr).toMatch(/000019\.png: is damaged/);
      keepsIt();
    });

    it("keeps it when it is interrupted, and leaves nothing else behind", async () => {
      const size = { width: 960, height: 540 };
      await writePng(pictures, 0, randomBytes(size.width * size.height * 3), size);
      for (const tick of range(1, 99))
        copyFileSync(join(pictures, "000000.png"), join(pictures, `${String(tick).padStart(6, "0")}.png`));
      const run = startPlayblast(["video", pictures, out, "--overwrite"]);
      run.stderr.resume();
      const written = () =>
        Math.max(...readdirSync(folder).map((name) => (/partial$/.test(name) ? statSync(join(folder, name)).size : 0)));
      await expect.poll(written, { timeout: 20_000 }).toBeGreaterThan(0);
      run.kill("SIGINT");
      expect(await once(run, "exit")).toEqual([130, null]);
      keepsIt();
    });

    it("keeps it when there is no room for the new one", async () => {
      const size = { width: 320, height: 180 };
      for (const tick of range(0, 20)) await writePng(pictures, tick, randomBytes(size.width * size.height * 3), size);
      const run = playblastWithin(64, "video", pictures, out, "--overwrite");
      expect(run.status).toBe(1);
      expect(run.stderr).toMatch(/ffmpeg could not write .*shot\.mp4/);
      keepsIt();
    });
  });

  describe("says what is wrong and what to do", () => {
    // Each of them starts the command line many times.
    vi.setConfig({ testTimeout: 120_000 });
    const fails = (...args: string[]) => {
      const { status, stderr } = playblast("video", ...args);
      expect(status).not.toBe(0);
      expect(existsSync(out)).toBe(false);
      return stderr;
    };

    it("with the folder", () => {
      expect(fails(join(folder, "gone"), out)).toMatch(/gone: there is no such folder; pass one/);
      expect(fails(at("README.md"), out)).toMatch(/README\.md: is not a folder/);
      writeFileSync(join(pictures, "1.png"), "");
      expect(fails(pictures, out)).toMatch(/pictures: holds no PNG that is named by its tick, as 000000\.png/);
    });

    it("with the pictures", async () => {
      await write([0, 1]);
      await write([2], { width: 40, height: 18 });
      expect(fails(pictures, out)).toMatch(/000002\.png: is 40x18, but .*000000\.png is 32x18; make all/);
      const bad = join(pictures, "000002.png");
      writeFileSync(bad, "");
      expect(fails(pictures, out)).toMatch(/000002\.png: cannot be read as a PNG \(.*\); write it again/);
      await sharp({ create: { ...SMALL, channels: 3, background: "red" } })
        .jpeg()
        .toFile(join(folder, "red.jpg"));
      copyFileSync(join(folder, "red.jpg"), bad);
      expect(fails(pictures, out)).toMatch(/000002\.png: .*it is a file of type jpeg/);
      rmSync(bad);
      await writePng(pictures, 2, randomBytes(SMALL.width * SMALL.height * 3), SMALL);
      writeFileSync(bad, readFileSync(bad).subarray(0, 600));
      expect(fails(pictures, out)).toMatch(/000002\.png: is damaged \(.*\); write it again/);
    });

    it("with the video or its frame rate", async () => {
      await write([0]);
      for (const name of ["shot.webm", "shot.gif", "shot.avi", "shot.mp4.mkv"]) {
        const ending = name.slice(name.lastIndexOf("."));
        expect(fails(pictures, join(folder, name))).toContain(
          `${name}: ends in ${ending}; pass a name that ends in .mp4 or .mov`,
        );
      }
      expect(fails(pictures, join(folder, "shot"))).toMatch(/shot: has no ending; pass a name that ends in \.mp4/);
      expect(fails(pictures, join(at("README.md"), "shot.mp4"))).toMatch(/README\.md is a file, not a folder/);
      expect(fails(pictures, "/proc/shot.mp4")).toMatch(/folder \/proc cannot be written/);
      expect(readdirSync(folder)).toEqual(["pictures"]);
      expect(fails(pictures, join(folder, "gone", "shot.mp4"))).toMatch(/folder .*gone is missing; make it first/);
      mkdirSync(join(folder, "folder.mp4"));
      expect(fails(pictures, join(folder, "folder.mp4"))).toMatch(/folder\.mp4: is not a file/);
      for (const frameRate of ["0", "241", "24/0", ""])
        expect(fails(pictures, out, "--frame-rate", frameRate)).toMatch(/expected a number above 0, up to 240/);
    });
  });
});
