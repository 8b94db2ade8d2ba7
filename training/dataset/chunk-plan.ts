import { CHUNK } from "./clip.js";

/** Which frames of a clip conditioning sees, and what becomes of each. */
export interface PlannedFrame {
  /** Place in the clip. */
  readonly index: number;
  /** Whether what a network is fed of it is written. */
  readonly written: boolean;
  /** Whether memory keeps it, as serving keeps the last frame of each chunk. */
  readonly remembered: boolean;
}

/**
 * The frames of `ticks` ticks that are conditioned where one chunk in `stride` is written, chunk `offset` first: all of these chunks, and of the others the
 * last frame, which is what memory keeps of them. Frame 0 is there in any case, since it is the first frame.
 */
export function planChunks(ticks: number, stride: number, offset: number): readonly PlannedFrame[] {
  const frames: PlannedFrame[] = [];
  for (let index = 0; index < ticks - (ticks % CHUNK); index++) {
    const written = Math.floor(index / CHUNK) % stride === offset;
    const remembered = index % CHUNK === CHUNK - 1;
    if (written || remembered || index === 0) frames.push({ index, written, remembered });
  }
  return frames;
}
