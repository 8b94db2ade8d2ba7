import sharp, { type Metadata } from "sharp";
import type { FrameSize, Picture } from "../scene/picture.js";
import { BadRequestError } from "./errors.js";
import type { FirstFrame } from "./generated/playblast/v1/direction.js";
import { PlaneKind } from "./generated/playblast/v1/plane.js";
import { LIMITS } from "./limits.js";
import { checkPlane, readPicture } from "./plane.js";

/** Pixels that a first frame may have: far more than any model takes, far less than memory. */
const MOST_MEGAPIXELS = 64;
/** Bytes that a first frame's file may have: what a message holds, less room for the message around it. */
const MOST_BYTES = LIMITS.maxMessageBytes - 1024;
/** Where a first frame's picture stands, for errors. */
const ENCODED = "first_frame.encoded";
const PLANE = "first_frame.plane";
/**
 * What shows through transparent parts, sRGB code: mid grey. Not the engine's own picture, although a tick may bring it:
 * that is never a control, and through the look it would become one.
 */
const BEHIND = 128;
const OPAQUE = 255;

/** The picture of a first frame at its own size, and what had to be done to it. */
export interface DecodedFirstFrame {
  readonly picture: Picture;
  /** Share of its pixels that were not opaque and were laid over mid grey, 0..1. */
  readonly transparent: number;
}

/**
 * Checks a FirstFrame by its header alone, and gives the size of its picture: what is damaged behind the header is found when it is
 * read.
 *
 * @throws BadRequestError when there is no picture, or one that cannot be used.
 */
export async function checkFirstFrame({ image }: FirstFrame): Promise<FrameSize> {
  if (!image) throw new BadRequestError("first_frame.image", "is missing; send an encoded picture or a COLOUR plane");
  if (image.$case === "encoded") return checkFile(image.value, ENCODED);
  if (image.value.kind !== PlaneKind.PLANE_KIND_COLOUR) {
    throw new BadRequestError(`${PLANE}.kind`, `is ${image.value.kind}; a first frame is a plane of kind COLOUR`);
  }
  return checkPlane(image.value, PLANE).size;
}

/**
 * The picture of a FirstFrame.
 *
 * @throws BadRequestError when there is no picture or it cannot be read.
 */
export async function readFirstFrame(message: FirstFrame): Promise<DecodedFirstFrame> {
  await checkFirstFrame(message);
  const { image } = message;
  if (image?.$case === "plane") {
    const { rgb, size } = readPicture(image.value, PLANE, undefined);
    return { picture: { ...size, rgb }, transparent: 0 };
  }
  return decodeFirstFrame(image?.value ?? new Uint8Array(), ENCODED);
}

/**
 * Decodes a PNG, JPEG or WebP file to 8-bit sRGB: turned as its EXIF says, its colour profile applied, 16 bits made 8, grey and
 * palettes made RGB, transparent parts laid over mid grey. Of an animation the first picture.
 *
 * @param field Names the file in errors.
 * @throws BadRequestError when it is empty, too large, damaged or something else.
 */
export async function decodeFirstFrame(file: Uint8Array, field: string): Promise<DecodedFirstFrame> {
  const { format } = await checkFile(file, field);
  try {
    const { data, info } = await sharp(file, { limitInputPixels: MOST_MEGAPIXELS * 1e6, pages: 1 })
      .autoOrient()
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return overGrey(data, info);
  } catch (error) {
    throw new BadRequestError(
      field,
      `is a damaged ${format} file of ${file.length} bytes (${reason(error)}); save it again and send the whole file`,
    );
  }
}

/** Checks a picture file by its length and header. */
async function checkFile(file: Uint8Array, field: string): Promise<Metadata> {
  if (file.length === 0) throw new BadRequestError(field, "is empty (0 bytes); send a PNG, JPEG or WebP file");
  if (file.length > MOST_BYTES) {
    throw new BadRequestError(
      field,
      `has ${file.length} bytes; allowed are ${MOST_BYTES}. Send it smaller, or as a JPEG`,
    );
  }
  const header = await headerOf(file, field);
  const megapixels = (header.width * header.height) / 1e6;
  if (megapixels > MOST_MEGAPIXELS) {
    throw new BadRequestError(
      field,
      `is ${header.width}x${header.height}, ${megapixels.toFixed(0)} megapixels; allowed are ${MOST_MEGAPIXELS}. Scale it down: the shot's frame size is enough`,
    );
  }
  return header;
}

/** The header of a picture file. What does not begin as one of the formats does is given to no other decoder. */
async function headerOf(file: Uint8Array, field: string): Promise<Metadata> {
  const start = Buffer.from(file.subarray(0, 12)).toString("latin1");
  const known = /^(\x89PNG|\xff\xd8\xff|RIFF.{4}WEBP)/s.test(start);
  try {
    if (!known) throw new Error("it does not begin as one");
    return await sharp(file, { limitInputPixels: false }).metadata();
  } catch (error) {
    throw new BadRequestError(
      field,
      `cannot be read as a PNG, JPEG or WebP picture (${file.length} bytes, ${reason(error)}); send a PNG, JPEG or WebP file`,
    );
  }
}

function reason(error: unknown): string {
  return (error as Error).message.trim().replaceAll("\n", ", ");
}

/** Pixels of 1 to 4 channels (grey, grey and alpha, RGB, RGB and alpha) as RGB, alpha laid over mid grey. */
function overGrey(
  data: Uint8Array,
  { width, height, channels }: { readonly width: number; readonly height: number; readonly channels: number },
): DecodedFirstFrame {
  const pixels = width * height;
  if (channels === 3) return { picture: { width, height, rgb: data }, transparent: 0 };
  const coloured = channels > 2;
  const alphaAt = channels % 2 === 0 ? channels - 1 : -1;
  const rgb = new Uint8Array(pixels * 3);
  let transparent = 0;
  for (let p = 0; p < pixels; p++) {
    const at = p * channels;
    const alpha = alphaAt < 0 ? OPAQUE : data[at + alphaAt];
    if (alpha < OPAQUE) transparent++;
    for (let c = 0; c < 3; c++) {
      const value = data[coloured ? at + c : at];
      rgb[p * 3 + c] = (value * alpha + BEHIND * (OPAQUE - alpha)) / OPAQUE + 0.5;
    }
  }
  return { picture: { width, height, rgb }, transparent: transparent / pixels };
}
