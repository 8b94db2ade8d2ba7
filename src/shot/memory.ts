import { freemem } from "node:os";
import type { MemoryNeed } from "../diffusion/family.js";
import { BadRequestError, Code } from "../protocol/errors.js";
import type { FrameSize } from "../scene/picture.js";
import { MOST_KEPT_BYTES, MOST_KEPT_FRAMES } from "./history.js";

// Measured by `npm run bench -- --only shot-memory`, server and model's process together, which says what to change where it is wrong.
/** Bytes a pixel of a frame that the history keeps: depth, owner ids and shade. */
const KEPT_BYTES_A_PIXEL = 18;
/** Share of the machine's free memory that shots may take. */
const SHARE = 0.8;
/** Halvings by which the largest size that fits is found: to a pixel. */
const HALVINGS = 24;

/** Bytes that a shot of this size takes at most, with a chunk being painted. */
export function shotBytes(size: FrameSize, need: MemoryNeed): number {
  return heldBytes(size, need) + need.chunk(size);
}

/** Bytes that a shot of this size holds as long as it is open: the model's, and those of its history. */
function heldBytes(size: FrameSize, need: MemoryNeed): number {
  const history = MOST_KEPT_FRAMES * size.width * size.height * KEPT_BYTES_A_PIXEL;
  return need.shot(size) + Math.min(history, MOST_KEPT_BYTES);
}

/** The largest size of this one's shape, up to itself, at which one shot fits into so many bytes; undefined where none does. */
export function largestFitting(size: FrameSize, available: number, need: MemoryNeed): FrameSize | undefined {
  return largest(size, (smaller) => shotBytes(smaller, need) <= SHARE * available);
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
  let held = 0;
  let chunk = 0;
  for (const other of others) {
    held += heldBytes(other, need);
    chunk = Math.max(chunk, need.chunk(other));
  }
  const room = SHARE * available;
  const neededBy = (wanted: FrameSize) => held + heldBytes(wanted, need) + Math.max(chunk, need.chunk(wanted));
  const needed = neededBy(size);
  if (needed <= room) return;
  const fits = largest(size, (smaller) => neededBy(smaller) <= room);
  const remedy = fits ? `${sizeName(fits)} would fit` : "try again when other shots have closed";
  throw new BadRequestError(
    "open_shot.frame_size",
    `is ${sizeName(size)}, for which this machine has not enough memory (${gigabytes(needed)} with the shots that are open, of ${gigabytes(room)}); ${remedy}`,
    Code.RESOURCE_EXHAUSTED,
  );
}

/** The largest size of a shape, up to itself, that fits, where every smaller one does; undefined where none does. */
function largest(size: FrameSize, fits: (size: FrameSize) => boolean): FrameSize | undefined {
  if (fits(size)) return size;
  let least = 0;
  let most = size.width * size.height;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (least + most) / 2;
    if (fits(scaledTo(size, middle))) least = middle;
    else most = middle;
  }
  return least < 1 ? undefined : scaledTo(size, least);
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
