import sharp from "sharp";
import type { Picture } from "../scene/picture.js";
import { BadRequestError } from "./errors.js";
import type { FirstFrame } from "./generated/playblast/v1/direction.js";
import { PlaneKind } from "./generated/playblast/v1/plane.js";
import { readPicture } from "./plane.js";

/** Pixels that a first frame may have: far more than any model takes, far less than memory. */
const MOST_PIXELS = 64 * 1024 * 1024;

/**
 * The picture of a FirstFrame at its own size: transparent parts are laid on black, 16 bits become 8.
 *
 * @throws BadRequestError when there is no picture or it cannot be read.
 */
export async function readFirstFrame({ image }: FirstFrame): Promise<Picture> {
  if (!image) throw new BadRequestError("first_frame.image", "is missing; send an encoded picture or a COLOUR plane");
  if (image.$case === "plane") {
    if (image.value.kind !== PlaneKind.PLANE_KIND_COLOUR) {
      throw new BadRequestError(
        "first_frame.plane.kind",
        `is ${image.value.kind}; a first frame is a plane of kind COLOUR`,
      );
    }
    const { rgb, size } = readPicture(image.value, "first_frame.plane", undefined);
    return { ...size, rgb };
  }
  return decodePicture(image.value, "first_frame.encoded");
}

/** Decodes a PNG, JPEG or WebP file to 8-bit sRGB. */
export async function decodePicture(file: Uint8Array, field: string): Promise<Picture> {
  try {
    const { data, info } = await sharp(file, { limitInputPixels: MOST_PIXELS })
      .flatten({ background: "black" })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    const grey = info.channels < 3;
    const rgb = grey
      ? Uint8Array.from({ length: info.width * info.height * 3 }, (_, i) => data[((i / 3) | 0) * info.channels])
      : data;
    return { width: info.width, height: info.height, rgb };
  } catch (error) {
    throw new BadRequestError(
      field,
      `cannot be read (${(error as Error).message}); send a PNG, JPEG or WebP file of at most 64 megapixels`,
    );
  }
}
