import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import type { FrameSize } from "../scene/picture.js";
import { gapBefore, type TickRange } from "./tick-gaps.js";
import { writeWhole } from "./whole-file.js";

const DIGITS = 6;
/** What shows through transparent parts, sRGB code: mid grey, as in a first frame. */
const BEHIND = { r: 128, g: 128, b: 128 };

/** The numbered pictures of a folder, in the order of their ticks. */
export interface PngSequence {
  readonly pictures: readonly { readonly tick: number; readonly path: string }[];
  /** Of all pictures. */
  readonly size: FrameSize;
  /** Ranges of ticks that are missing between the first and the last. */
  readonly holes: readonly TickRange[];
}

/** A picture's file: its tick in six digits or, where that needs more, in more. */
function pngName(tick: number): string {
  return `${String(tick).padStart(DIGITS, "0")}.png`;
}

/**
 * Writes one picture (8-bit sRGB [H, W, 3]) as FOLDER/000123.png, numbered by its tick. It is there whole or not at all.
 *
 * @param folder Exists.
 * @throws Error when a picture of that tick is there, such as one that another process has written meanwhile.
 */
export async function writePng(folder: string, tick: number, rgb: Uint8Array, size: FrameSize): Promise<void> {
  const png = sharp(rgb, { raw: { ...size, channels: 3 } }).png();
  await writeWhole(join(folder, pngName(tick)), (partial) => png.toFile(partial), false);
}

/** The pictures in a folder that are named by their ticks, in the order of those. Their contents are not looked at. */
export async function numberedPngs(folder: string): Promise<PngSequence["pictures"]> {
  return (await readdir(folder))
    .map((name) => ({ name, tick: Number.parseInt(name, 10), path: join(folder, name) }))
    .filter(({ name, tick }) => name === pngName(tick))
    .sort((a, b) => a.tick - b.tick)
    .map(({ tick, path }) => ({ tick, path }));
}

/**
 * Finds the pictures that `writePng` wrote into a folder, and reads their headers. Files of other names are left alone.
 *
 * @throws Error when there is no such folder or no picture in it, a file is no PNG, or the pictures differ in size.
 */
export async function findPngs(folder: string): Promise<PngSequence> {
  const found = await stat(folder).catch(() => undefined);
  if (!found) throw new Error(`${folder}: there is no such folder; pass one with numbered PNGs`);
  if (!found.isDirectory()) throw new Error(`${folder}: is not a folder; pass one with numbered PNGs`);
  const pictures = await numberedPngs(folder);
  if (pictures.length === 0) {
    throw new Error(
      `${folder}: holds no PNG that is named by its tick, as ${pngName(0)}; pass a folder with numbered PNGs`,
    );
  }
  const size = await sizeOf(pictures[0].path);
  const holes: TickRange[] = [];
  for (let i = 1; i < pictures.length; i++) {
    const { tick, path } = pictures[i];
    const before = pictures[i - 1].tick;
    const hole = gapBefore(tick, before);
    if (hole) holes.push(hole);
    const { width, height } = await sizeOf(path);
    if (width !== size.width || height !== size.height) {
      throw new Error(
        `${path}: is ${width}x${height}, but ${pictures[0].path} is ${size.width}x${size.height}; make all pictures one size`,
      );
    }
  }
  return { pictures, size, holes };
}

/**
 * Reads a PNG of any depth as 8-bit sRGB [H, W, 3], transparent parts laid over mid grey.
 *
 * @throws Error when it is damaged.
 */
export async function readPng(path: string): Promise<Uint8Array> {
  try {
    return await sharp(path).flatten({ background: BEHIND }).toColourspace("srgb").raw({ depth: "uchar" }).toBuffer();
  } catch (error) {
    throw new Error(`${path}: is damaged (${reason(error)}); write it again`);
  }
}

async function sizeOf(path: string): Promise<FrameSize> {
  try {
    const { format, width, height } = await sharp(path).metadata();
    if (format === "png") return { width, height };
    throw new Error(`it is a file of type ${format}`);
  } catch (error) {
    throw new Error(`${path}: cannot be read as a PNG (${reason(error)}); write it again or take it away`);
  }
}

function reason(error: unknown): string {
  return (error as Error).message.trim().replaceAll("\n", ", ");
}
