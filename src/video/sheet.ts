import { extname } from "node:path";
import sharp from "sharp";
import type { FrameSize } from "../scene/picture.js";
import { writeWhole } from "./whole-file.js";

/** Puts pictures (8-bit sRGB [H, W, 3]) of one size beside each other. */
export function sideBySide(pictures: readonly Uint8Array[], { width, height }: FrameSize): Uint8Array {
  const row = width * 3;
  const out = new Uint8Array(row * pictures.length * height);
  pictures.forEach((picture, i) => {
    for (let y = 0; y < height; y++) out.set(picture.subarray(y * row, (y + 1) * row), (y * pictures.length + i) * row);
  });
  return out;
}

/**
 * Writes a contact sheet in the format that the path's ending names (.png, .jpg): the rows of `rows` below each other, all pictures of
 * one size. It replaces a file of that name when it is whole.
 */
export async function writeContactSheet(
  path: string,
  rows: readonly (readonly Uint8Array[])[],
  size: FrameSize,
): Promise<void> {
  const columns = Math.max(...rows.map((row) => row.length));
  const pictures = rows.flatMap((row, y) =>
    row.map((rgb, x) => ({
      input: Buffer.from(rgb),
      raw: { ...size, channels: 3 as const },
      left: x * size.width,
      top: y * size.height,
    })),
  );
  const background = {
    width: size.width * columns,
    height: size.height * rows.length,
    channels: 3 as const,
    background: "black",
  };
  const sheet = sharp({ create: background }).composite(pictures).toFormat(formatOf(path));
  await writeWhole(path, (partial) => sheet.toFile(partial));
}

function formatOf(path: string): "png" | "jpeg" {
  const ending = extname(path).toLowerCase();
  if (ending === ".png") return "png";
  if (ending === ".jpg" || ending === ".jpeg") return "jpeg";
  throw new Error(`${path}: a contact sheet is a .png or .jpg file`);
}
