import { type FrameRate, secondsOf } from "../video/frame-rate.js";

/** How far rounding may put a scene's time off its tick, in parts of a frame: engines add up a rounded step. */
const FRAMES_OFF = 1.01;

/** Where a scene's time is farthest from its tick's. */
export interface ClockError {
  readonly tick: number;
  /** Scene time since the first frame, in seconds. */
  readonly scene: number;
  /** The same by its tick, in seconds. */
  readonly video: number;
}

/** Compares the times of a scene with its ticks, which a video follows. A cut may jump in time. */
export class SceneClock {
  readonly #frameRate: FrameRate;
  #first: { readonly tick: number; readonly time: number } | undefined;
  #worst: ClockError | undefined;

  constructor(frameRate: FrameRate) {
    this.#frameRate = frameRate;
  }

  /** @param time Scene time, in seconds. */
  see(tick: number, time: number): void {
    this.#first ??= { tick, time };
    const scene = time - this.#first.time;
    const video = secondsOf(tick - this.#first.tick, this.#frameRate);
    const error = Math.abs(scene - video);
    if (!(error > FRAMES_OFF * secondsOf(1, this.#frameRate))) return;
    if (!this.#worst || error > Math.abs(this.#worst.scene - this.#worst.video)) this.#worst = { tick, scene, video };
  }

  /** Counts anew from the next frame. */
  cut(): void {
    this.#first = undefined;
  }

  /** Undefined while each time is within a frame of its tick's. */
  get worst(): ClockError | undefined {
    return this.#worst;
  }
}
