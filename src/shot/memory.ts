import { freemem } from "node:os";
import { BadRequestError, Code } from "../protocol/errors.js";
import type { FrameSize } from "../scene/picture.js";

// Both constants are measured by `npm run bench -- --only shot-memory`, server and model's process together: 2,900 bytes a pixel at 832x480 and 2,700 at
// 1920x1088, of which the network's run is some 1,000 to 1,400.
/** What a shot keeps for each of its pixels, in bytes: its world cache, control tensors, and frames on their way. */
const SHOT_BYTES_A_PIXEL = 1500;
/** What a chunk needs for each pixel while it is diffused, in bytes; one chunk at a time. */
const CHUNK_BYTES_A_PIXEL = 1200;
/** Share of the machine's free memory that shots may take. */
const SHARE = 0.8;

/** Bytes that a shot of this size takes at most, with a chunk being painted. */
export function shotBytes({ width, height }: FrameSize): number {
  return width * height * (SHOT_BYTES_A_PIXEL + CHUNK_BYTES_A_PIXEL);
}

/** The largest size of this one's shape, up to itself, at which one shot fits into so many bytes; undefined where none does. */
export function largestFitting(size: FrameSize, available: number): FrameSize | undefined {
  const pixels = (SHARE * available) / (SHOT_BYTES_A_PIXEL + CHUNK_BYTES_A_PIXEL);
  return pixels < 1 ? undefined : scaledTo(size, pixels);
}

/** Bytes that this machine, or the container in which this process runs, has left. */
export function availableBytes(): number {
  // Since Node 20.13; it knows of containers, which the other does not.
  return process.availableMemory?.() ?? freemem();
}

/**
 * Refuses a shot for which there is not enough memory beside the shots that are open.
 *
 * @param others Sizes of the open shots.
 * @param available Bytes that the machine had left before they were opened.
 * @throws BadRequestError (RESOURCE_EXHAUSTED) that names a size that fits.
 */
export function checkMemory(size: FrameSize, others: Iterable<FrameSize>, available: number): void {
  let pixels = 0;
  let largest = 0;
  for (const { width, height } of others) {
    pixels += width * height;
    largest = Math.max(largest, width * height);
  }
  const wanted = size.width * size.height;
  const room = SHARE * available;
  const needed = (pixels + wanted) * SHOT_BYTES_A_PIXEL + Math.max(largest, wanted) * CHUNK_BYTES_A_PIXEL;
  if (needed <= room) return;
  const left = Math.min(
    (room - (pixels * SHOT_BYTES_A_PIXEL + largest * CHUNK_BYTES_A_PIXEL)) / SHOT_BYTES_A_PIXEL,
    (room - pixels * SHOT_BYTES_A_PIXEL) / (SHOT_BYTES_A_PIXEL + CHUNK_BYTES_A_PIXEL),
  );
  const remedy = left < 1 ? "try again when other shots have closed" : `${sizeName(scaledTo(size, left))} would fit`;
  throw new BadRequestError(
    "open_shot.frame_size",
    `is ${sizeName(size)}, for which this machine has not enough memory (${gigabytes(needed)} with the shots that are open, of ${gigabytes(room)}); ${remedy}`,
    Code.RESOURCE_EXHAUSTED,
  );
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
