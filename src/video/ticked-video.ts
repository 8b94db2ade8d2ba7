import type { FrameSize } from "../scene/picture.js";
import type { FrameRate } from "./frame-rate.js";
import { type GapRule, gapBefore } from "./tick-gaps.js";
import { type VideoFile, VideoWriter } from "./video-writer.js";

/** A video whose time follows the ticks of its pictures. */
export class TickedVideo {
  readonly #file: VideoFile;
  readonly #frameRate: FrameRate;
  readonly #rule: GapRule;
  readonly #signal: AbortSignal | undefined;
  #writer: VideoWriter | undefined;
  #last: { readonly tick: number; readonly rgb: Uint8Array } | undefined;

  /**
   * @param frameRate Ticks a second.
   * @param signal Stops the encoder at once; what is not whole is removed.
   */
  constructor(file: VideoFile, frameRate: FrameRate, rule: GapRule, signal?: AbortSignal) {
    this.#file = file;
    this.#frameRate = frameRate;
    this.#rule = rule;
    this.#signal = signal;
  }

  /**
   * Adds the picture of a tick, 8-bit sRGB [H, W, 3]; the first one starts the encoder.
   *
   * @param tick After that of the picture before.
   * @param size The same for all.
   * @throws Error when the folder cannot be written or the encoder fails.
   */
  async write(tick: number, rgb: Uint8Array, size: FrameSize): Promise<void> {
    this.#writer ??= await VideoWriter.create(this.#file, size, this.#frameRate, this.#signal);
    const gap = gapBefore(tick, this.#last?.tick);
    if (gap && this.#last && this.#rule === "hold")
      for (let missing = gap.from; missing <= gap.to; missing++) await this.#writer.write(this.#last.rgb);
    this.#last = { tick, rgb };
    await this.#writer.write(rgb);
  }

  /** Ends the video and gives it its name; see VideoWriter.close. Writes nothing when there was no picture. */
  async close(): Promise<void> {
    await this.#writer?.close();
  }

  /** Stops at once and removes what is not whole. Safe to call twice. */
  async abort(): Promise<void> {
    await this.#writer?.abort();
  }
}
