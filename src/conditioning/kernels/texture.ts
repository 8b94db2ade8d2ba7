import { luminance } from "./colour";
import { Source } from "./layout";

/**
 * How textures are compared: the square root of the colour without light that a channel of a source's pixel shows, less the root of what the look's
 * transfer alone paints there.
 */
export function textureAt(source: Source, p: i32, c: i32): f64 {
  const paint = source.paint[4 * p + c];
  if (changetype<usize>(source.transfer) == 0) return Math.sqrt(paint);
  const plain = source.transfer[4 * p + c];
  return Math.sqrt(max(0, plain + paint)) - Math.sqrt(plain);
}

/** The same of a pixel's luminance. */
export function textureTone(source: Source, p: i32): f64 {
  const paint = luminance(source.paint[4 * p], source.paint[4 * p + 1], source.paint[4 * p + 2]);
  const transfer = source.transfer;
  if (changetype<usize>(transfer) == 0) return Math.sqrt(paint);
  const plain = luminance(transfer[4 * p], transfer[4 * p + 1], transfer[4 * p + 2]);
  return Math.sqrt(max(0, plain + paint)) - Math.sqrt(plain);
}
