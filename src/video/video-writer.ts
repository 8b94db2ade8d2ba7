import { once } from "node:events";
import { resolve } from "node:path";
import { PassThrough } from "node:stream";
import type { FrameSize } from "../scene/picture.js";
import { type FfmpegCommand, ffmpegCommand } from "./ffmpeg.js";
import { type FrameRate, frameRateText } from "./frame-rate.js";
import { beginFile, dropFile, finishFile, type WholeFile } from "./whole-file.js";

/** What a video is written to. */
export interface VideoFile {
  readonly path: string;
  readonly container: Container;
  /** Whether a file of that name is replaced when the video is whole; default: no. */
  readonly overwrite?: boolean;
}

/** Containers that H.264 is written into. */
export type Container = "mp4" | "mov";

/** Quality of the encoder: visually close to lossless. */
const CRF = 14;
/**
 * Pictures are sRGB. Their matrix and primaries are BT.709's, and the transfer function is tagged as what it is, sRGB's: players that
 * manage colour (QuickTime, Safari) would show a video that is tagged with BT.709's lighter than its pictures; the others look at the
 * matrix and range alone.
 */
const COLOUR_TAGS = "-color_range tv -colorspace bt709 -color_primaries bt709 -color_trc iec61966-2-1".split(" ");
/** Written into the pictures too, since newer encoders take the tags from there. Exact to a code value, chroma at full precision. */
const TO_BT709 = "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp";

/** The size of a video of such pictures: yuv420p holds even sizes only. */
export function videoSize({ width, height }: FrameSize): FrameSize {
  return { width: width + (width % 2), height: height + (height % 2) };
}

/**
 * Writes pictures as an H.264 video, BT.709 in limited range. The same pictures give the same bytes. The file gets its name when it is
 * whole; until then it is written under another in the same folder.
 *
 * A picture of an odd size gets its last row or column twice: H.264 can crop yuv420p by two pixels only.
 */
export class VideoWriter {
  readonly path: string;
  readonly #size: FrameSize;
  readonly #file: WholeFile;
  readonly #signal: AbortSignal | undefined;
  readonly #input = new PassThrough({ highWaterMark: 8 * 1024 * 1024 });
  readonly #command: FfmpegCommand;
  /** Settles when ffmpeg runs: before that there is nothing that could be stopped. */
  readonly #started: Promise<void>;
  readonly #done: Promise<void>;
  #failure: Error | undefined;

  /**
   * Makes the file and starts the encoder.
   *
   * @param frameRate Pictures a second.
   * @param signal Stops the encoder at once; what is not whole is removed.
   * @throws Error when the folder cannot be written or there is no ffmpeg.
   */
  static async create(file: VideoFile, size: FrameSize, frameRate: FrameRate, signal?: AbortSignal) {
    signal?.throwIfAborted();
    const command = ffmpegCommand();
    return new VideoWriter(command, file, await beginFile(file.path, file.overwrite ?? false), size, frameRate, signal);
  }

  private constructor(
    command: FfmpegCommand,
    { path, container }: VideoFile,
    file: WholeFile,
    size: FrameSize,
    frameRate: FrameRate,
    signal: AbortSignal | undefined,
  ) {
    this.path = path;
    this.#file = file;
    this.#size = size;
    this.#signal = signal;
    const { width, height } = videoSize(size);
    this.#command = command
      .input(this.#input)
      .inputFormat("rawvideo")
      .inputOptions(["-pix_fmt rgb24", `-s ${width}x${height}`, `-framerate ${frameRateText(frameRate)}`])
      .videoCodec("libx264")
      .videoFilters(TO_BT709)
      // One thread and no metadata: otherwise two runs differ.
      .outputOptions([
        "-pix_fmt yuv420p",
        ...COLOUR_TAGS,
        `-crf ${CRF}`,
        "-preset fast",
        "-threads 1",
        "-movflags +faststart+write_colr",
        "-fflags +bitexact",
        "-flags:v +bitexact",
        "-map_metadata -1",
      ])
      .format(container)
      // Whole, or a name with a colon or a dash in front means something else to ffmpeg.
      .output(resolve(file.partial));
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
    signal?.addEventListener("abort", this.#stop);
  }

  readonly #stop = () => void this.abort();

  /** Adds a picture, 8-bit sRGB [H, W, 3]; resolves when there is room for the next. */
  async write(rgb: Uint8Array): Promise<void> {
    this.#signal?.throwIfAborted();
    if (this.#failure) throw this.#failure;
    if (!this.#input.write(evenSized(rgb, this.#size))) await Promise.race([once(this.#input, "drain"), this.#done]);
  }

  /**
   * Ends the video and gives it its name.
   *
   * @throws Error when ffmpeg fails, or another file has got that name meanwhile.
   */
  async close(): Promise<void> {
    this.#input.end();
    try {
      await this.#done;
      this.#signal?.throwIfAborted();
    } catch (error) {
      await this.abort();
      this.#signal?.throwIfAborted();
      throw error;
    }
    this.#signal?.removeEventListener("abort", this.#stop);
    await finishFile(this.#file);
  }

  /** Stops at once and removes what is not whole. Safe to call twice, and after `close`. */
  async abort(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#stop);
    await Promise.race([this.#started, this.#done.catch(() => {})]);
    this.#command.kill("SIGKILL");
    const ended = await this.#done.then(
      () => true,
      () => false,
    );
    if (!ended || this.#signal?.aborted) await dropFile(this.#file);
  }
}

/** A picture of an even size, its last row and column repeated where they are needed. */
function evenSized(rgb: Uint8Array, size: FrameSize): Uint8Array {
  const { width, height } = videoSize(size);
  if (width === size.width && height === size.height) return rgb;
  const out = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = Math.min(y, size.height - 1) * size.width * 3;
    const row = rgb.subarray(from, from + size.width * 3);
    out.set(row, y * width * 3);
    if (width > size.width) out.set(row.subarray(-3), (y * width + size.width) * 3);
  }
  return out;
}
