import { once } from "node:events";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { PassThrough } from "node:stream";
import ffmpeg from "fluent-ffmpeg";
import type { FrameSize } from "../scene/picture.js";
import { findFfmpeg } from "./ffmpeg.js";

/** Quality of the encoder: visually close to lossless. */
const CRF = 14;

/** Writes pictures as an H.264 mp4. The same pictures give the same bytes. */
export class VideoWriter {
  readonly path: string;
  readonly #input = new PassThrough({ highWaterMark: 8 * 1024 * 1024 });
  readonly #command: ffmpeg.FfmpegCommand;
  /** Settles when ffmpeg runs: before that there is nothing that could be stopped. */
  readonly #started: Promise<void>;
  readonly #done: Promise<void>;
  #failure: Error | undefined;

  /**
   * Starts the encoder.
   *
   * @param frameRate Pictures a second.
   * @throws Error when there is no ffmpeg.
   */
  constructor(path: string, { width, height }: FrameSize, frameRate: number) {
    this.path = path;
    this.#command = ffmpeg()
      .setFfmpegPath(findFfmpeg().path)
      .input(this.#input)
      .inputFormat("rawvideo")
      .inputOptions(["-pix_fmt rgb24", `-s ${width}x${height}`, `-framerate ${frameRate}`])
      .videoCodec("libx264")
      // One thread and no metadata: otherwise two runs differ. Odd sizes get a row more, which yuv420p needs.
      .outputOptions([
        "-pix_fmt yuv420p",
        `-crf ${CRF}`,
        "-preset fast",
        "-threads 1",
        "-movflags +faststart",
        "-fflags +bitexact",
        "-flags:v +bitexact",
        "-map_metadata -1",
      ])
      .videoFilters("pad=ceil(iw/2)*2:ceil(ih/2)*2")
      .format("mp4")
      // Whole, or a name with a colon or a dash in front means something else to ffmpeg.
      .output(resolve(path));
    this.#started = new Promise((started) => this.#command.on("start", () => started()));
    this.#done = new Promise((done, reject) => {
      this.#command.on("end", () => done());
      this.#command.on("error", (error: Error) => {
        this.#failure = new Error(`ffmpeg could not write ${path}: ${error.message}`);
        this.#input.destroy();
        reject(this.#failure);
      });
    });
    this.#done.catch(() => {});
    this.#command.run();
  }

  /** Adds a picture, 8-bit sRGB [H, W, 3]; resolves when there is room for the next. */
  async write(rgb: Uint8Array): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (!this.#input.write(rgb)) await Promise.race([once(this.#input, "drain"), this.#done]);
  }

  /** Ends the file. */
  async close(): Promise<void> {
    this.#input.end();
    await this.#done;
  }

  /** Stops at once and removes the file. Safe to call twice. */
  async abort(): Promise<void> {
    await Promise.race([this.#started, this.#done.catch(() => {})]);
    this.#command.kill("SIGKILL");
    await this.#done.catch(() => {});
    await rm(this.path, { force: true });
  }
}
