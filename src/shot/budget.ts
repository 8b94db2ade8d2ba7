import type { ModelTraits } from "../diffusion/family.js";
import { BadRequestError, Code } from "../protocol/errors.js";
import type { FrameSize } from "../scene/picture.js";
import { scaledTo, sizeName } from "./memory.js";

/** Milliseconds that one frame takes at a size. They grow with the pixels. */
export interface Speed {
  readonly size: FrameSize;
  readonly conditioningMs: number;
  /** One denoising pass. */
  readonly stepMs: number;
}

/** A live shot that makes so many frames a second is live, however many the engine sends. */
const LIVE_FPS = 24;
/** The machine must be able to do so much more than is asked: engine, decoding and encoding want their share. */
const HEADROOM = 1.25;
/** A live shot of which this machine makes fewer frames a second shows nothing that moves, and keeps others waiting: it is refused. */
const LEAST_LIVE_FPS = 0.5;

/** What a client asks for; a size of 0x0 and 0 steps leave the choice to the server. */
export interface Wish {
  readonly mode: "live" | "export";
  readonly size: FrameSize;
  readonly steps: number;
  /** Ticks a second. */
  readonly frameRate: number;
}

/** How a shot will run. */
export interface Budget {
  readonly size: FrameSize;
  readonly steps: number;
  /** Frames a second that this machine makes of it, as measured when the model was loaded. */
  readonly fps: number;
}

/**
 * Chooses what a client leaves open. Export takes the model's size for exports and its own steps. A live shot takes the largest size, and then the
 * most steps up to the model's own, at which it stays live: min(24, frame rate) frames a second with room to spare. Where nothing is quick enough it
 * takes the least.
 *
 * @throws BadRequestError where the client asks for a number of steps that the model cannot do.
 */
export function chooseBudget(
  wish: Wish,
  speed: Speed,
  { sizes: choice, steps: range }: Pick<ModelTraits, "sizes" | "steps">,
): Budget {
  if (wish.steps > 0 && (wish.steps < range.least || wish.steps > range.most)) {
    const allowed = range.least === range.most ? range.most : `${range.least} to ${range.most}`;
    throw new BadRequestError(
      "open_shot.steps",
      `is ${wish.steps}; the model takes ${allowed}, or 0 for its own number`,
    );
  }
  const asked = wish.size.width > 0 && wish.size.height > 0;
  const live = wish.mode === "live";
  const sizes = asked ? [wish.size] : live ? choice.live : [choice.export];
  const steps = wish.steps > 0 || !live ? [wish.steps || range.usual] : downTo(range.least, range.usual);
  const enough = HEADROOM * Math.min(LIVE_FPS, wish.frameRate);
  const budgets = sizes.flatMap((size) => steps.map((s) => ({ size, steps: s, fps: fpsOf(size, s, speed) })));
  return budgets.find(({ fps }) => fps >= enough) ?? budgets[budgets.length - 1];
}

/**
 * Judges a live shot by the frames a second that this machine makes of it. An export may take as long as it takes.
 *
 * @returns What its client should know where it runs, but slower than its engine; undefined where it keeps up.
 * @throws BadRequestError (RESOURCE_EXHAUSTED) that names the largest size that would run, where it is far too slow.
 */
export function judgeBudget(wish: Wish, { size, steps, fps }: Budget, speed: Speed): string | undefined {
  if (wish.mode !== "live") return undefined;
  const enough = Math.min(LIVE_FPS, wish.frameRate);
  if (fps >= enough) return undefined;
  const passes = `${steps} ${steps === 1 ? "step" : "steps"}`;
  const fitting = (rate: number) => scaledTo(size, (size.width * size.height * fps) / rate);
  if (fps >= LEAST_LIVE_FPS) {
    const fewer = steps > 1 && fpsOf(size, 1, speed) >= enough ? " At this size 1 step would keep up." : "";
    return `This machine makes about ${fps.toFixed(1)} of ${enough} frames a second at ${sizeName(size)} with ${passes}: the others are dropped. ${sizeName(fitting(enough))} would keep up.${fewer}`;
  }
  throw new BadRequestError(
    "open_shot.frame_size",
    `is ${sizeName(size)}, of which this machine makes ${fps.toPrecision(1)} frames a second with ${passes}; a live shot needs ${LEAST_LIVE_FPS}. ${sizeName(fitting(LEAST_LIVE_FPS))} would fit; an export may take as long as it takes`,
    Code.RESOURCE_EXHAUSTED,
  );
}

function downTo(least: number, from: number): number[] {
  return Array.from({ length: from - least + 1 }, (_, i) => from - i);
}

/** Frames a second that a machine of this speed makes. */
export function fpsOf({ width, height }: FrameSize, steps: number, { size, conditioningMs, stepMs }: Speed): number {
  const pixels = (width * height) / (size.width * size.height);
  return 1000 / (pixels * (conditioningMs + steps * stepMs));
}
