import type { FrameSize } from "../scene/picture.js";

/** At which speed is measured, and the size of an export that names none. */
export const MEASURED_SIZE = { width: 256, height: 144 } as const;

/** Milliseconds that one frame takes at MEASURED_SIZE. Both grow with the pixels. */
export interface Speed {
  readonly conditioningMs: number;
  /** One denoising pass. */
  readonly stepMs: number;
}

/** Sizes that the server chooses among when the client leaves it the choice, largest first. */
const SIZES: readonly FrameSize[] = [
  { width: 512, height: 288 },
  { width: 384, height: 216 },
  MEASURED_SIZE,
  { width: 192, height: 108 },
];
/** A live shot that makes so many frames a second is live, however many the engine sends. */
const LIVE_FPS = 24;
/** The machine must be able to do so much more than is asked: engine, decoding and encoding want their share. */
const HEADROOM = 1.25;

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
 * Chooses what a client leaves open. Export takes 256x144 and the model's own steps. A live shot takes the largest size, and then the most steps up to the
 * model's own, at which it stays live: min(24, frame rate) frames a second with room to spare. Where nothing is quick enough it takes the least.
 */
export function chooseBudget(wish: Wish, speed: Speed, modelSteps: number): Budget {
  const asked = wish.size.width > 0 && wish.size.height > 0;
  const live = wish.mode === "live";
  const sizes = asked ? [wish.size] : live ? SIZES : [MEASURED_SIZE];
  const steps = wish.steps > 0 || !live ? [wish.steps || modelSteps] : downFrom(modelSteps);
  const enough = HEADROOM * Math.min(LIVE_FPS, wish.frameRate);
  const budgets = sizes.flatMap((size) => steps.map((s) => ({ size, steps: s, fps: fpsOf(size, s, speed) })));
  return budgets.find(({ fps }) => fps >= enough) ?? budgets[budgets.length - 1];
}

function downFrom(steps: number): number[] {
  return Array.from({ length: steps }, (_, i) => steps - i);
}

function fpsOf({ width, height }: FrameSize, steps: number, { conditioningMs, stepMs }: Speed): number {
  const pixels = (width * height) / (MEASURED_SIZE.width * MEASURED_SIZE.height);
  return 1000 / (pixels * (conditioningMs + steps * stepMs));
}
