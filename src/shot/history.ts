import type { EngineFrame } from "../scene/engine-frame.js";

/** Engine frames that a shot keeps so that a first frame can show one that has passed, and the bytes of their planes. */
export const MOST_KEPT_FRAMES = 64;
export const MOST_KEPT_BYTES = 256 * 1024 * 1024;

/** The engine frames that a shot received last, in order. */
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
  frames.push(frame);
  history.bytes += planeBytes(frame);
  while (frames.length > MOST_KEPT_FRAMES || (history.bytes > MOST_KEPT_BYTES && frames.length > 1)) {
    history.bytes -= planeBytes(frames[0]);
    frames.shift();
  }
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

function planeBytes({ depth, ownerId, normal, shade, colour, truth }: EngineFrame): number {
  return [depth, ownerId, normal, shade, colour, truth].reduce((sum, plane) => sum + (plane?.byteLength ?? 0), 0);
}
