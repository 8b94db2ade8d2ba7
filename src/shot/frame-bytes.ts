import type { EngineFrame } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";

/** Bytes a pixel of a frame that has every plane that is read: depth 4, owner ids 2, normals 12, shade 12, albedo 3, surface ids 2, colour 3. */
const MOST_BYTES_A_PIXEL = 38;

/** Bytes of the planes that a frame holds. */
export function planeBytes(frame: EngineFrame): number {
  const { depth, ownerId, normal, shade, albedo, surfaceId, colour, truth } = frame;
  return [depth, ownerId, normal, shade, albedo, surfaceId, colour, truth].reduce(
    (sum, plane) => sum + (plane?.byteLength ?? 0),
    0,
  );
}

/** Bytes of the planes of a frame of this size that has all that are read. */
export function mostFrameBytes({ width, height }: FrameSize): number {
  return width * height * MOST_BYTES_A_PIXEL;
}
