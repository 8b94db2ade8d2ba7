import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { VideoWriter } from "../../src/video/video-writer.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "playblast-video-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const size = { width: 16, height: 16 };
const picture = new Uint8Array(16 * 16 * 3);

describe("a video that is stopped", () => {
  it("before the encoder runs leaves no file, and does not wait for ever", async () => {
    const video = new VideoWriter(join(folder, "a.mp4"), size, 24);
    await video.abort();
    expect(existsSync(video.path)).toBe(false);
  });

  it("twice, in its midst, leaves no file", async () => {
    const video = new VideoWriter(join(folder, "a.mp4"), size, 24);
    for (let i = 0; i < 10; i++) await video.write(picture);
    await Promise.all([video.abort(), video.abort()]);
    expect(existsSync(video.path)).toBe(false);
    await expect(video.write(picture)).rejects.toThrow(/ffmpeg could not write .*a\.mp4/);
  });
});
