import { freemem } from "node:os";
import type { MemoryNeed } from "../diffusion/family.js";
import { BadRequestError, Code } from "../protocol/errors.js";
import type { FrameSize } from "../scene/picture.js";
import { mostFrameBytes } from "./frame-bytes.js";
import { MOST_KEPT_BYTES, MOST_KEPT_FRAMES } from "./history.js";

/** Share of the machine's free memory that shots may take. */
const SHARE = 0.8;

/** Bytes that a shot of this size takes at most, with a chunk being painted. */
export function shotBytes(size: FrameSize, need: MemoryNeed): number {
  return heldBytes(size, need) + need.chunk(size);
}

/** Bytes that a shot of this size holds as long as it is open: what its model needs, and the frames that have passed. */
function heldBytes(size: FrameSize, need: MemoryNeed): number {
  const kept = MOST_KEPT_FRAMES * mostFrameBytes(size);
  return need.shot(size) + Math.min(kept, MOST_KEPT_BYTES);
}

/** The largest size of this one's shape, up to itself, at which one shot fits into so many bytes; undefined where none does. */
export function largestFitting(size: FrameSize, available: number, need: MemoryNeed): FrameSize | undefined {
  return largestThat(size, (smaller) => shotBytes(smaller, need) <= SHARE * available);
}

/** Bytes that this machine, or the container in which this process runs, has left. */
export function availableBytes(): number {
  // Since Node 20.13; it knows of containers, which the other does not.
  return process.availableMemory?.() ?? freemem();
}

/**
 * Refuses a shot for which there is not enough memory beside the shots that are open.
 *
 * @param others Sizes of the model's open shots.
 * @param available Bytes that the machine had left before they were opened.
 * @throws BadRequestError (RESOURCE_EXHAUSTED) that names a size that fits.
 */
export function checkMemory(size: FrameSize, others: Iterable<FrameSize>, available: number, need: MemoryNeed): void {
  let kept = 0;
  let chunk = 0;
  for (const other of others) {
    kept += heldBytes(other, need);
    chunk = Math.max(chunk, need.chunk(other));
  }
  const needed = (wanted: FrameSize) => kept + heldBytes(wanted, need) + Math.max(chunk, need.chunk(wanted));
  const room = SHARE * available;
  if (needed(size) <= room) return;
  const fitting = largestThat(size, (smaller) => needed(smaller) <= room);
  const remedy = fitting ? `${sizeName(fitting)} would fit` : "try again when other shots have closed";
  throw new BadRequestError(
    "open_shot.frame_size",
    `is ${sizeName(size)}, for which this machine has not enough memory (${gigabytes(needed(size))} with the shots that are open, of ${gigabytes(room)}); ${remedy}`,
    Code.RESOURCE_EXHAUSTED,
  );
}

/** The largest even size of the same shape that fits, by halving; undefined where not even the smallest does. */
function largestThat(size: FrameSize, fits: (size: FrameSize) => boolean): FrameSize | undefined {
  if (fits(size)) return size;
  let fitting = 0;
  let tooMany = size.width * size.height;
  while (tooMany - fitting > 1) {
    const pixels = Math.floor((fitting + tooMany) / 2);
    if (fits(scaledTo(size, pixels))) fitting = pixels;
    else tooMany = pixels;
  }
  return fitting > 0 ? scaledTo(size, fitting) : undefined;
}

/** The largest even size of the same shape with at most so many pixels. */
export function scaledTo({ width, height }: FrameSize, pixels: number): FrameSize {
  const scale = Math.min(1, Math.sqrt(pixels / (width * height)));
  const even = (value: number) => Math.max(2, 2 * Math.floor((value * scale) / 2));
  return { width: even(width), height: even(height) };
}

/** As 1920x1088. */
export function sizeName({ width, height }: FrameSize): string {
  return `${width}x${height}`;
}

/** As 1.5 GB. */
export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
