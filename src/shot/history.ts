import type { EngineFrame } from "../scene/engine-frame.js";
import { planeBytes } from "./frame-bytes.js";

/** Engine frames that a shot keeps so that a first frame can show one that has passed: two and a half seconds of an ordinary shot. */
export const MOST_KEPT_FRAMES = 64;
/**
 * Bytes of their planes: all 64 up to some 310x170 pixels with every plane there is (38 bytes a pixel), 450x250 with depth, ids and shade (18) and
 * 790x440 without shade (6); of 1920x1088 the last one, 3 or 10. The newest is always kept.
 */
export const MOST_KEPT_BYTES = 128 * 1024 * 1024;

/** The engine frames that a shot received last, in order, as far as a first frame needs them. */
export interface History {
  readonly frames: EngineFrame[];
  /** Of their planes. */
  bytes: number;
}

/** A history of nothing. */
export function emptyHistory(): History {
  return { frames: [], bytes: 0 };
}

/** Adds a frame and forgets the oldest beyond what may be kept; the newest is always kept. */
export function remember(history: History, frame: EngineFrame): void {
  const { frames } = history;
  const kept = shownByLook(frame);
  frames.push(kept);
  history.bytes += planeBytes(kept);
  while (frames.length > MOST_KEPT_FRAMES || (history.bytes > MOST_KEPT_BYTES && frames.length > 1)) {
    history.bytes -= planeBytes(frames[0]);
    frames.shift();
  }
}

/**
 * What a first frame that shows this frame is painted onto: camera, what moves, depth and ids, the shade that is divided out of the picture, and
 * what a look is learnt from: normals, albedo, surface ids, the engine's colour. Lights make controls of the frames that are generated, and are left
 * out; so is the truth.
 */
export function shownByLook({ truth: _, ...frame }: EngineFrame): EngineFrame {
  return { ...frame, lights: [] };
}

/** The frame of a tick, if it is still kept. */
export function recall({ frames }: History, tick: number): EngineFrame | undefined {
  return frames.findLast((frame) => frame.tick === tick);
}

/** Forgets all. */
export function forget(history: History): void {
  history.frames.length = 0;
  history.bytes = 0;
}

/** Which ticks are kept, for messages. */
export function keptTicks({ frames }: History): string {
  if (frames.length === 0) return "no tick was sent yet";
  const [first] = frames;
  const last = frames[frames.length - 1];
  return frames.length === 1
    ? `of those sent, tick ${first.tick} is still held`
    : `of those sent, the last ${frames.length} are still held, ${first.tick} to ${last.tick}`;
}
