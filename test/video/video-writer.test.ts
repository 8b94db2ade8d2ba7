import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findFfmpeg } from "../../src/video/ffmpeg.js";
import { type Container, VideoWriter } from "../../src/video/video-writer.js";
import { frameDurations } from "../fixtures/mp4.js";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "playblast-video-"));
  path = join(folder, "a.mp4");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SMALL = { width: 16, height: 16 };
const FILM = { numerator: 24, denominator: 1 };
const grey = new Uint8Array(16 * 16 * 3).fill(128);

const ffmpeg = (...args: string[]) => spawnSync(findFfmpeg().path, ["-hide_banner", ...args], { maxBuffer: 1e8 });
/** What ffmpeg says of a file's video stream. */
const streamOf = (file: string) => /Stream.*Video:.*/.exec(String(ffmpeg("-i", file).stderr))?.[0];
const decode = (file: string, format: string): Buffer =>
  ffmpeg("-v", "error", "-i", file, "-f", "rawvideo", "-pix_fmt", format, "-").stdout;

describe("a video's colours", () => {
  const COLOURS: [string, [number, number, number], number][] = [
    // Y of BT.709 in limited range: 16 + 219 (0.2126 R + 0.7152 G + 0.0722 B). BT.601 would make red 81, green 145, blue 41.
    ["red", [255, 0, 0], 63],
    ["green", [0, 255, 0], 173],
    ["blue", [0, 0, 255], 32],
    ["white", [255, 255, 255], 235],
    ["black", [0, 0, 0], 16],
    ["skin", [224, 172, 105], 169],
  ];

  it.each<[number, number, Container]>([
    [64, 36, "mp4"],
    [33, 17, "mp4"],
    [1281, 3, "mp4"],
    [1, 1, "mp4"],
    [64, 36, "mov"],
  ])("of %ix%i in %s come back, and say that they are BT.709", async (width, height, container) => {
    const video = await VideoWriter.create({ path, container }, { width, height }, FILM);
    for (const [, rgb] of COLOURS) {
      const picture = new Uint8Array(width * height * 3);
      for (let i = 0; i < picture.length; i++) picture[i] = rgb[i % 3];
      await video.write(picture);
    }
    await video.close();
    const [even, rows] = [width + (width % 2), height + (height % 2)];
    expect(streamOf(path)).toMatch(new RegExp(`yuv420p\\(tv, bt709/bt709/iec61966-2-1.*\\), ${even}x${rows}`));
    const luma = decode(path, "yuv420p");
    const rgb = decode(path, "rgb24");
    COLOURS.forEach(([name, colour, y], frame) => {
      expect(Math.abs(luma[frame * even * rows * 1.5] - y), name).toBeLessThanOrEqual(1);
      const pixels = rgb.subarray(frame * even * rows * 3, (frame + 1) * even * rows * 3);
      // A step of yuv's 219 is more than one of rgb's 255, and the edges are no other colour.
      const worst = pixels.reduce((most, code, i) => Math.max(most, Math.abs(code - colour[i % 3])), 0);
      expect(worst, name).toBeLessThanOrEqual(3);
    });
  });

  it("at an edge of odd size are its own", async () => {
    const [width, height] = [5, 3];
    const picture = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) picture.fill(40 * x + 10 * y, (y * width + x) * 3, (y * width + x + 1) * 3);
    const video = await VideoWriter.create({ path, container: "mp4" }, { width, height }, FILM);
    await video.write(picture);
    await video.close();
    const luma = decode(path, "gray");
    const at = (x: number, y: number) => luma[y * 6 + x];
    for (let y = 0; y < height; y++) expect(Math.abs(at(5, y) - at(4, y)), `row ${y}`).toBeLessThanOrEqual(3);
    for (let x = 0; x < width; x++) expect(Math.abs(at(x, 3) - at(x, 2)), `column ${x}`).toBeLessThanOrEqual(3);
  });
});

describe("a video's frames", () => {
  it.each([
    [24000, 1001],
    [30000, 1001],
    [60000, 1001],
    [24, 1],
    [25, 2],
    [239, 10],
  ])("at %i/%i a second last exactly that long", async (numerator, denominator) => {
    const video = await VideoWriter.create({ path, container: "mp4" }, SMALL, { numerator, denominator });
    for (let i = 0; i < 50; i++) await video.write(grey);
    await video.close();
    const runs = frameDurations(path);
    expect(runs.reduce((sum, run) => sum + run.frames, 0)).toBe(50);
    for (const run of runs) expect(run.numerator * numerator).toBe(run.denominator * denominator);
  });
});

describe("a video that is stopped", () => {
  const leaves = (...names: string[]) => expect(readdirSync(folder)).toEqual(names);

  it("before the encoder runs leaves no file, and does not wait for ever", async () => {
    const video = await VideoWriter.create({ path, container: "mp4" }, SMALL, FILM);
    await video.abort();
    leaves();
  });

  it("twice, in its midst, leaves no file", async () => {
    const video = await VideoWriter.create({ path, container: "mp4" }, SMALL, FILM);
    for (let i = 0; i < 10; i++) await video.write(grey);
    await Promise.all([video.abort(), video.abort()]);
    leaves();
    await expect(video.write(grey)).rejects.toThrow(/ffmpeg could not write .*a\.mp4/);
  });

  it("by its signal leaves the file that it was to replace", async () => {
    writeFileSync(path, "good");
    const controller = new AbortController();
    const file = { path, container: "mp4", overwrite: true } as const;
    const video = await VideoWriter.create(file, SMALL, FILM, controller.signal);
    await video.write(grey);
    controller.abort();
    await expect(video.close()).rejects.toThrow(/abort/);
    leaves("a.mp4");
    expect(readFileSync(path, "utf8")).toBe("good");
    await expect(VideoWriter.create(file, SMALL, FILM, controller.signal)).rejects.toThrow(/abort/);
    leaves("a.mp4");
  });
});

describe("a video whose name was free when it began", () => {
  it("does not replace what came there meanwhile, and is not lost", async () => {
    const video = await VideoWriter.create({ path, container: "mp4" }, SMALL, FILM);
    await video.write(grey);
    writeFileSync(path, "somebody else's");
    const message = await video.close().then(
      () => "",
      (error: Error) => error.message,
    );
    await video.abort();
    expect(readFileSync(path, "utf8")).toBe("somebody else's");
    const kept = /whole in (.*\.partial)$/.exec(message)?.[1];
    expect(message).toMatch(/got this name meanwhile/);
    expect(streamOf(kept ?? "")).toContain("16x16");
  });
});
