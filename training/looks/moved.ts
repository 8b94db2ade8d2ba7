import { type Shift, shifted } from "playblast/conditioning/align-look";
import type { FrameSize } from "playblast/scene/picture";

/** A picture [H, W, 3] moved to the right and down by so many pixels, its border repeated. */
export function moved(rgb: Uint8Array, size: FrameSize, { x, y }: Shift): Uint8Array {
  return x === 0 && y === 0 ? rgb : shifted(rgb, size, { x: -x, y: -y });
}
