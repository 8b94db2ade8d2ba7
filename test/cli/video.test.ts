import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findFfmpeg } from "../../src/video/ffmpeg.js";
import { writePng } from "../../src/video/png-sequence.js";
import { at, playblast, startPlayblast } from "../fixtures/command-line.js";

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
  it("writes one frame a picture, in the order of their numbers", async () => {
    await write(range(999_998, 5));
    writeFileSync(join(pictures, "notes.txt"), "not a picture");
    writeFileSync(join(pictures, "sheet.png"), "of another name");
    const run = playblast("video", pictures, out, "--json");
    expect(run.status, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toEqual({
      out,
      frames: 5,
      firstTick: 999_998,
      lastTick: 1_000_002,
      size: "32x18",
      frameRate: 24,
      seconds: expect.any(Number),
    });
    expect(run.stderr).toContain("encoding 5/5");
    expect(countFrames(out)).toBe(5);
    const greys = greysOf(out, SMALL);
    range(999_998, 5).forEach((tick, i) => {
      expect(Math.abs(greys[i] - ((tick * 20) & 255))).toBeLessThan(4);
    });
  });

  it.each(["0.5", "23.976", "240"])("keeps each frame at %s a second", async (frameRate) => {
    await write(range(0, 7), { width: 33, height: 17 });
    expect(playblast("video", pictures, out, "--frame-rate", frameRate).stdout).toContain(`7 frames of 33x17 at`);
    expect(countFrames(out)).toBe(7);
  });

  it("writes the same bytes again, under any name", async () => {
    await write(range(0, 3));
    const bytes = ["a.mp4", "take:1.mp4"].map((name) => {
      expect(playblast("video", pictures, join(folder, name)).status).toBe(0);
      return readFileSync(join(folder, name));
    });
    expect(bytes[0].equals(bytes[1])).toBe(true);
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

  it("leaves no half file behind when it is interrupted", async () => {
    const size = { width: 960, height: 540 };
    await writePng(pictures, 0, randomBytes(size.width * size.height * 3), size);
    for (const tick of range(1, 99))
      copyFileSync(join(pictures, "000000.png"), join(pictures, `${String(tick).padStart(6, "0")}.png`));
    const run = startPlayblast(["video", pictures, out]);
    run.stderr.resume();
    await expect.poll(() => existsSync(out), { timeout: 20_000 }).toBe(true);
    run.kill("SIGINT");
    expect(await once(run, "exit")).toEqual([130, null]);
    expect(existsSync(out)).toBe(false);
  });

  describe("says what is wrong and what to do", () => {
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

    it("with the numbers", async () => {
      await write([3, 4, 6, 7, 10]);
      expect(fails(pictures, out)).toMatch(/missing between 3 and 10: 5, 8-9; write them, or number/);
      await write(range(0, 20).map((i) => 20 + 2 * i));
      expect(fails(pictures, out)).toMatch(/: 5, 8-9, 11-19, 21, 23, 25, 27, 29 and at 14 more places;/);
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
      await writePng(pictures, 2, randomBytes(SMALL.width * SMALL.height * 3), SMALL);
      writeFileSync(bad, readFileSync(bad).subarray(0, 600));
      expect(fails(pictures, out)).toMatch(/000002\.png: is damaged \(.*\); write it again/);
    });

    it("with the video or its frame rate", async () => {
      await write([0]);
      expect(fails(pictures, join(folder, "shot.mov"))).toMatch(/shot\.mov: does not end in \.mp4/);
      expect(fails(pictures, join(folder, "gone", "shot.mp4"))).toMatch(/folder .*gone is missing; make it first/);
      mkdirSync(join(folder, "folder.mp4"));
      expect(fails(pictures, join(folder, "folder.mp4"))).toMatch(/folder\.mp4: is not a file/);
      for (const frameRate of ["0", "-1", "241", "fast"])
        expect(fails(pictures, out, "--frame-rate", frameRate)).toMatch(/expected a number above 0, up to 240/);
    });
  });
});
