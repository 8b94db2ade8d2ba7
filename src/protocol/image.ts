import sharp from "sharp";
import type { FrameSize } from "../scene/picture.js";

/** JPEG quality of generated frames: hard to tell from the original, a tenth of its size. */
const JPEG_QUALITY = 92;

/** Encodes a generated picture (8-bit sRGB [H, W, 3]) as the client asked. */
export async function encodePicture(
  rgb: Uint8Array,
  size: FrameSize,
  format: "rgb8" | "png" | "jpeg",
): Promise<Buffer> {
  if (format === "rgb8") return Buffer.from(rgb.buffer, rgb.byteOffset, rgb.byteLength);
  const image = sharp(rgb, { raw: { ...size, channels: 3 } });
  return format === "png"
    ? image.png({ compressionLevel: 3 }).toBuffer()
    : image.jpeg({ quality: JPEG_QUALITY }).toBuffer();
}
