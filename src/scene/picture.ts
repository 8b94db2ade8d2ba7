/** A width and a height in pixels. */
export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/** A decoded picture: 8-bit sRGB, `rgb` is [H, W, 3], top row first. */
export interface Picture extends FrameSize {
  readonly rgb: Uint8Array;
}
