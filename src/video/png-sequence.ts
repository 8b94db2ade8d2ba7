import { mkdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import type { FrameSize } from "../scene/picture.js";

const DIGITS = 6;

/** Writes one picture (8-bit sRGB [H, W, 3]) as FOLDER/000123.png, numbered by its tick. */
export async function writePng(folder: string, tick: number, rgb: Uint8Array, size: FrameSize): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${String(tick).padStart(DIGITS, "0")}.png`);
  await sharp(rgb, { raw: { ...size, channels: 3 } })
    .png()
    .toFile(path);
}
