import type { mat4 } from "gl-matrix";
import sharp from "sharp";
import type { FrameSize, Picture } from "../scene/picture.js";

/** Shapes that differ by less are the same: a picture is stretched by this much rather than cropped. */
const SAME_SHAPE = 0.01;

/** A first frame at the shot's size. */
export interface FittedFirstFrame {
  readonly picture: Picture;
  /** The part of the picture's own pixels that was kept, at its middle; the whole where its shape fits. */
  readonly kept: FrameSize;
}

/** The sizes that a first frame may have been painted for: each shows the whole view. */
export interface FirstFrameTarget {
  /** What was asked for or chosen, above 0x0, and what it was rounded to: the size that comes out. */
  readonly asked: FrameSize;
  readonly rounded: FrameSize;
  /** Of the tick's camera. */
  readonly projection: mat4;
}

/**
 * Scales a first frame to the shot's size. A picture in the shape (width over height) of the camera, of the size asked for or
 * of the rounded size shows the whole view and is scaled as it is. Any other is scaled to cover the view and cropped at
 * its middle, in the shape of these three that loses least.
 */
export async function fitFirstFrame(picture: Picture, target: FirstFrameTarget): Promise<FittedFirstFrame> {
  const { asked, rounded, projection } = target;
  const camera = Math.abs(projection[5] / projection[0]);
  const own = shapeOf(picture);
  const shape = [shapeOf(asked), shapeOf(rounded), camera].reduce((a, b) =>
    distance(own, b) < distance(own, a) ? b : a,
  );
  const fits = distance(own, shape) <= Math.log1p(SAME_SHAPE);
  const kept = {
    width: fits ? picture.width : Math.max(1, Math.min(picture.width, Math.round(picture.height * shape))),
    height: fits ? picture.height : Math.max(1, Math.min(picture.height, Math.round(picture.width / shape))),
  };
  return { picture: await scale(picture, kept, rounded), kept };
}

function shapeOf({ width, height }: FrameSize): number {
  return width / height;
}

function distance(a: number, b: number): number {
  return Math.abs(Math.log(a / b));
}

/** The middle of a picture, `kept` of it, at another size. */
async function scale(picture: Picture, kept: FrameSize, { width, height }: FrameSize): Promise<Picture> {
  if ([picture, kept].every((size) => size.width === width && size.height === height)) return picture;
  const rgb = await sharp(picture.rgb, { raw: { width: picture.width, height: picture.height, channels: 3 } })
    .extract({
      left: (picture.width - kept.width) >> 1,
      top: (picture.height - kept.height) >> 1,
      width: kept.width,
      height: kept.height,
    })
    .resize(width, height, { fit: "fill" })
    .raw()
    .toBuffer();
  return { width, height, rgb };
}
