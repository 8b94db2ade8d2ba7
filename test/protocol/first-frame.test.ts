import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";
import { decodeFirstFrame, readFirstFrame } from "../../src/protocol/first-frame.js";

const SIZE = { width: 16, height: 8 };

/** A picture of 16x8: red grows to the right, green downwards, blue is 60. */
const RGB = Uint8Array.from({ length: SIZE.width * SIZE.height * 3 }, (_, i) => {
  const p = (i / 3) | 0;
  return [40 + (p % 16) * 12, 30 + ((p / 16) | 0) * 25, 60][i % 3];
});
const picture = (): Sharp => sharp(RGB, { raw: { ...SIZE, channels: 3 } });

const decode = async (file: Uint8Array) => decodeFirstFrame(file, "first_frame.encoded");

/** Largest difference of a decoded file from a picture. */
async function offBy(file: Uint8Array, expected: ArrayLike<number> = RGB): Promise<number> {
  const { picture, transparent } = await decode(file);
  expect(picture).toMatchObject(SIZE);
  expect(picture.rgb).toHaveLength(expected.length);
  expect(transparent).toBe(0);
  return picture.rgb.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
}

/** A noisy picture, whose file is long enough to be cut in the middle of its pixels. */
const noise = () =>
  sharp(
    Uint8Array.from({ length: 128 * 128 * 3 }, (_, i) => (i * 7919 + ((i * i) % 251)) & 255),
    { raw: { width: 128, height: 128, channels: 3 } },
  );

describe("a first frame's file", () => {
  it("may be PNG, JPEG or WebP, of 8 or 16 bits, with a palette", async () => {
    expect(await offBy(await picture().png().toBuffer())).toBe(0);
    expect(await offBy(await picture().toColourspace("rgb16").png().toBuffer())).toBeLessThanOrEqual(1);
    expect(await offBy(await picture().png({ palette: true, colours: 256, dither: 0 }).toBuffer())).toBeLessThan(12);
    expect(await offBy(await picture().webp({ lossless: true }).toBuffer())).toBe(0);
    expect(await offBy(await picture().jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer())).toBeLessThan(6);
  });

  it("may be grey, of 8 or 16 bits", async () => {
    const grey = Uint8Array.from({ length: 16 * 8 }, (_, p) => p * 2);
    const expected = Uint8Array.from({ length: grey.length * 3 }, (_, i) => grey[(i / 3) | 0]);
    const image = () => sharp(grey, { raw: { ...SIZE, channels: 1 } });
    expect((await sharp(await image().toColourspace("b-w").png().toBuffer()).metadata()).channels).toBe(1);
    expect(await offBy(await image().toColourspace("b-w").png().toBuffer(), expected)).toBe(0);
    expect(await offBy(await image().toColourspace("grey16").png().toBuffer(), expected)).toBeLessThanOrEqual(1);
  });

  it("is turned as its EXIF says", async () => {
    const turned = await picture().rotate(90).png().toBuffer();
    const file = await sharp(turned).withMetadata({ orientation: 8 }).png().toBuffer();
    expect(await sharp(file).metadata()).toMatchObject({ width: 8, height: 16, orientation: 8 });
    expect(await offBy(file)).toBe(0);
  });

  it("is turned to sRGB by its colour profile", async () => {
    const wide = await picture().withIccProfile("p3").png().toBuffer();
    const stored = await sharp(wide, { ignoreIcc: true }).raw().toBuffer();
    expect(stored.equals(Buffer.from(RGB))).toBe(false);
    expect(await offBy(wide)).toBeLessThan(4);
  });

  it("is laid over mid grey where it is transparent, and says how much was", async () => {
    const rgba = new Uint8Array(16 * 8 * 4);
    for (let p = 0; p < 128; p++) rgba.set([200, 100, 0, p < 64 ? 255 : p < 96 ? 128 : 0], p * 4);
    const file = sharp(rgba, { raw: { ...SIZE, channels: 4 } });
    for (const bytes of [
      await file.clone().png().toBuffer(),
      await file.clone().toColourspace("rgb16").png().toBuffer(),
    ]) {
      const { picture, transparent } = await decode(bytes);
      expect(transparent).toBe(0.5);
      const at = (p: number) => [...picture.rgb.subarray(p * 3, p * 3 + 3)];
      expect(at(0)).toEqual([200, 100, 0]);
      for (const [c, value] of at(64).entries()) expect(Math.abs(value - [164, 114, 64][c])).toBeLessThanOrEqual(1);
      expect(at(127)).toEqual([128, 128, 128]);
    }
  });

  it("is silent about an alpha channel that hides nothing", async () => {
    expect(await offBy(await picture().ensureAlpha().png().toBuffer())).toBe(0);
  });
});

describe("a first frame that cannot be used is refused", () => {
  const refusal = async (file: Uint8Array) => {
    const error = await decode(file).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: "BadRequestError", field: "first_frame.encoded" });
    return (error as Error).message;
  };

  it("when it is missing or empty", async () => {
    await expect(readFirstFrame({ image: undefined, tick: 0, newLook: false })).rejects.toThrow(
      /first_frame\.image.*missing.*send/,
    );
    expect(await refusal(Buffer.alloc(0))).toMatch(/empty \(0 bytes\).*send a PNG, JPEG or WebP/);
  });

  it("when it is no picture, or one of another kind", async () => {
    const message = /cannot be read as a PNG, JPEG or WebP picture \(\d+ bytes, it does not begin as one\); send a PNG/;
    expect(await refusal(Buffer.from("not a picture"))).toMatch(message);
    expect(await refusal(await picture().gif().toBuffer())).toMatch(message);
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    expect(await refusal(svg)).toMatch(message);
  });

  it.each(["png", "jpeg", "webp"] as const)("when a %s is cut short or spoilt", async (format) => {
    const whole = await noise().toFormat(format).toBuffer();
    await decode(whole);
    expect(await refusal(whole.subarray(0, whole.length >> 1))).toMatch(
      new RegExp(`(damaged ${format} file|cannot be read).*\\d+ bytes.*send`),
    );
    if (format !== "png") return;
    const spoilt = Buffer.from(whole);
    spoilt.fill(0x55, whole.length >> 1, (whole.length >> 1) + 64);
    expect(await refusal(spoilt)).toMatch(/damaged png file/);
  });

  it("when it has too many pixels, which its header tells", async () => {
    const blank = await picture().jpeg().toBuffer();
    const frameHeader = blank.indexOf(Buffer.from([0xff, 0xc0]));
    blank.writeUInt16BE(8000, frameHeader + 5);
    blank.writeUInt16BE(9000, frameHeader + 7);
    expect(await refusal(blank)).toMatch(/9000x8000, 72 megapixels; allowed are 64.*[Ss]cale it down/);
  });

  it("when its file has too many bytes", async () => {
    expect(await refusal(Buffer.alloc(64 * 1024 * 1024))).toMatch(/67108864 bytes; allowed are 67107840/);
  });
});
