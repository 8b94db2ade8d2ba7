import { fileURLToPath } from "node:url";
import sharp, { type Sharp } from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { readEngineFrame } from "../../src/protocol/engine-frame.js";
import { decodeFirstFrame } from "../../src/protocol/first-frame.js";
import { readOpenShot, type ShotRequest } from "../../src/protocol/open-shot.js";
import type { EngineFrame } from "../../src/scene/engine-frame.js";
import type { Picture } from "../../src/scene/picture.js";
import { LOWEST_MATCH, outlineMatch } from "../../src/shot/outline-match.js";
import { readTake } from "../../src/take/take-reader.js";
import { rayFrame } from "../fixtures/ray-scene.js";

const at = (path: string) => fileURLToPath(new URL(`../../examples/${path}`, import.meta.url));
/** Ticks between the frames of the take that are looked at. */
const STRIDE = 30;

let look: Picture;
let shot: ShotRequest;
const frames: EngineFrame[] = [];

beforeAll(async () => {
  for await (const message of readTake(at("courtyard.take.mcap"))) {
    if (message.$case === "openShot") shot = readOpenShot(message.value);
    if (message.$case === "engineFrame" && message.value.tick % STRIDE === 0)
      frames.push(readEngineFrame(message.value, shot, shot.size, -1));
  }
  look = (await decodeFirstFrame(await sharp(at("courtyard.look.png")).toBuffer(), "look")).picture;
});

const truthOf = (frame: EngineFrame, { width, height } = shot.size): Picture => ({
  width,
  height,
  rgb: frame.truth as Uint8Array,
});

async function changed(picture: Picture, change: (image: Sharp) => Sharp): Promise<Picture> {
  const { width, height, rgb } = picture;
  const image = change(sharp(rgb, { raw: { width, height, channels: 3 } }));
  return { width, height, rgb: await image.removeAlpha().raw().toBuffer() };
}

/** Every owner and the sky in a colour of its own. */
function flat(frame: EngineFrame, { width, height }: Picture): Picture {
  const rgb = new Uint8Array(width * height * 3);
  for (let p = 0; p < width * height; p++) {
    const seed = (frame.ownerId?.[p] ?? 0) * 5 + ((frame.depth?.[p] ?? 0) > 1000 ? 3 : 0);
    rgb.set([(seed * 83 + 40) % 256, (seed * 47 + 90) % 256, (seed * 151 + 20) % 256], p * 3);
  }
  return { width, height, rgb };
}

const plain = ({ width, height }: Picture): Picture => ({
  width,
  height,
  rgb: new Uint8Array(width * height * 3).fill(90),
});

describe("the courtyard take", () => {
  it("is matched by its own first frame, by the engine's pictures and by changed looks", async () => {
    const [frame] = frames;
    for (const each of frames) expect(await outlineMatch(truthOf(each), each)).toBeGreaterThan(0.7);
    for (const picture of [
      look,
      flat(frame, look),
      await changed(look, (image) => image.blur(3)),
      await changed(look, (image) => image.negate()),
      await changed(look, (image) => image.modulate({ saturation: 0 })),
      await changed(look, (image) => image.linear(0.3, 90)),
    ]) {
      expect(await outlineMatch(picture, frame)).toBeGreaterThan(LOWEST_MATCH + 0.1);
    }
  });

  it("is not matched by a mirrored look, one turned over, or pictures of later ticks", async () => {
    const [frame, ...later] = frames;
    for (const picture of [
      await changed(look, (image) => image.flop()),
      await changed(look, (image) => image.flip()),
      ...later.slice(1).map((each) => truthOf(each)),
    ]) {
      expect(await outlineMatch(picture, frame)).toBeLessThan(LOWEST_MATCH);
    }
  });
});

describe("the traced scene", () => {
  const size = { width: 128, height: 72 };
  const frame = rayFrame(0, size);
  const own = truthOf(frame, size);

  it("is matched by its own picture, with owner ids and from depth alone, at any size", async () => {
    expect(await outlineMatch(own, frame)).toBeGreaterThan(0.8);
    expect(await outlineMatch(own, { ...frame, ownerId: undefined })).toBeGreaterThan(0.8);
    expect(await outlineMatch(flat(frame, own), frame)).toBeGreaterThan(0.8);
    const large = { width: 384, height: 216 };
    const source = Uint32Array.from({ length: large.width * large.height }, (_, p) => {
      const row = Math.floor(Math.floor(p / large.width) / 3);
      return row * size.width + Math.floor((p % large.width) / 3);
    });
    const rgb = await sharp(own.rgb, { raw: { ...size, channels: 3 } })
      .resize(384, 216)
      .raw()
      .toBuffer();
    const depth = Float32Array.from(source, (p) => frame.depth?.[p] ?? 0);
    const ownerId = Uint16Array.from(source, (p) => frame.ownerId?.[p] ?? 0);
    expect(await outlineMatch({ ...large, rgb }, { ...frame, depth, ownerId })).toBeGreaterThan(0.75);
  });

  it("is not matched by a picture of something else", async () => {
    const resized = await sharp(look.rgb, { raw: { width: look.width, height: look.height, channels: 3 } })
      .resize(size.width, size.height)
      .raw()
      .toBuffer();
    expect(await outlineMatch({ ...size, rgb: resized }, frame)).toBeLessThan(LOWEST_MATCH);
  });

  it("gives no answer where there is nothing to compare", async () => {
    expect(await outlineMatch(plain(own), frame)).toBeUndefined();
    expect(await outlineMatch(own, { ...frame, depth: undefined, ownerId: undefined })).toBeUndefined();
    const small = { width: 32, height: 16 };
    expect(await outlineMatch(truthOf(rayFrame(0, small), small), rayFrame(0, small))).toBeUndefined();
  });
});
