import { mat4 } from "gl-matrix";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { fitFirstFrame } from "../../src/shot/fit-first-frame.js";

/** A smooth picture of any size: the colour depends on the place in 0..1 alone. */
function smooth(width: number, height: number) {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      const u = (x + 0.5) / width;
      const v = (y + 0.5) / height;
      rgb[i] = 255 * u;
      rgb[i + 1] = 255 * v;
      rgb[i + 2] = 127 + 100 * Math.sin(6 * u) * Math.cos(4 * v);
    }
  }
  return { width, height, rgb };
}

const VIEW = { width: 64, height: 36 };
const projectionOf = (shape: number) => mat4.perspective(mat4.create(), 0.9, shape, 0.1, 100);
const target = (rounded = VIEW, asked = VIEW, shape = asked.width / asked.height) => ({
  asked,
  rounded,
  projection: projectionOf(shape),
});

function mostOff(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

describe("a first frame is brought to the shot's size", () => {
  it.each([
    [640, 360],
    [1000, 563],
    [32, 18],
    [64, 36],
  ])("whole from %ix%i, which has its shape", async (width, height) => {
    const { picture, kept } = await fitFirstFrame(smooth(width, height), target());
    expect(kept).toEqual({ width, height });
    expect(picture).toMatchObject(VIEW);
    expect(mostOff(picture.rgb, smooth(64, 36).rgb)).toBeLessThanOrEqual(8);
  });

  it.each([
    ["wide", 100, 36, { width: 64, height: 36 }],
    ["high", 64, 64, { width: 64, height: 36 }],
    ["large and square", 640, 640, { width: 640, height: 360 }],
  ])("from its middle when it is too %s", async (_, width, height, expected) => {
    const whole = smooth(width, height);
    const { picture, kept } = await fitFirstFrame(whole, target());
    expect(kept).toEqual(expected);
    expect(picture).toMatchObject(VIEW);
    const middle = await sharp(whole.rgb, { raw: { width, height, channels: 3 } })
      .resize(64, 36, { fit: "cover", position: "centre" })
      .raw()
      .toBuffer();
    expect(mostOff(picture.rgb, middle)).toBeLessThanOrEqual(2);
  });

  it("whole when the server rounded the size, whichever of the two it was painted for", async () => {
    const rounded = { width: 64, height: 48 };
    for (const size of [VIEW, rounded]) {
      const { picture, kept } = await fitFirstFrame(smooth(size.width, size.height), target(rounded));
      expect(kept).toEqual(size);
      expect(mostOff(picture.rgb, smooth(64, 48).rgb)).toBeLessThanOrEqual(8);
    }
  });

  it("whole when it has the camera's shape and the shot is asked for in another", async () => {
    const square = { width: 48, height: 48 };
    const { picture, kept } = await fitFirstFrame(smooth(160, 90), target(square, square, 16 / 9));
    expect(kept).toEqual({ width: 160, height: 90 });
    expect(mostOff(picture.rgb, smooth(48, 48).rgb)).toBeLessThanOrEqual(8);
  });
});
