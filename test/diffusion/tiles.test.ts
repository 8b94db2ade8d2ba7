import { describe, expect, it } from "vitest";
import { HALO } from "../../src/diffusion/default-model.js";
import { loadDefaultModel } from "../../src/diffusion/load-default-model.js";
import { copyCore, copySeen, MOST_RUN_PIXELS, type Tile, type Tiling, tilesOf } from "../../src/diffusion/tiles.js";
import { openSession } from "../../src/runtime/session.js";
import type { FrameSize } from "../../src/scene/picture.js";

const tiling = (mostPixels: number, halo = HALO): Tiling => ({ multiple: 16, halo, mostPixels });
const sizeOf = ({ width, height }: FrameSize) => `${width}x${height}`;

describe("tiles", () => {
  it("are the frame itself as long as that is small enough", () => {
    for (const frame of [
      { width: 256, height: 144 },
      { width: 1280, height: 736 },
    ])
      expect(tilesOf(frame, tiling(MOST_RUN_PIXELS))).toEqual([
        { ...frame, x: 0, y: 0, core: { left: 0, top: 0, right: frame.width, bottom: frame.height } },
      ]);
  });

  it("of the largest frame are four", () => {
    const tiles = tilesOf({ width: 1920, height: 1088 }, tiling(MOST_RUN_PIXELS));
    expect(tiles.map(sizeOf)).toEqual(Array(4).fill("1152x736"));
  });

  it("answer for each pixel once, and see the halo around it or the frame's border", () => {
    for (const [width, height, most] of [
      [1920, 1088, MOST_RUN_PIXELS],
      [1088, 1920, MOST_RUN_PIXELS],
      [1904, 1072, 700_000],
      [1920, 16, 20_000],
      [1920, 1088, 1],
    ]) {
      const tiles = tilesOf({ width, height }, tiling(most));
      const answered = new Uint8Array(width * height);
      for (const { x, y, width: w, height: h, core } of tiles) {
        for (let row = core.top; row < core.bottom; row++)
          for (let column = core.left; column < core.right; column++) answered[row * width + column]++;
        const sees = {
          left: x === 0 || core.left - x >= HALO,
          top: y === 0 || core.top - y >= HALO,
          right: x + w === width || x + w - core.right >= HALO,
          bottom: y + h === height || y + h - core.bottom >= HALO,
        };
        expect(sees).toEqual({ left: true, top: true, right: true, bottom: true });
        expect([x % 16, y % 16, w % 16, h % 16]).toEqual([0, 0, 0, 0]);
        expect(sizeOf({ width: w, height: h })).toBe(sizeOf(tiles[0]));
      }
      expect(answered.every((times) => times === 1)).toBe(true);
      if (most > 1) expect(tiles[0].width * tiles[0].height).toBeLessThanOrEqual(most);
    }
  });

  it("are copied out of planes, whose border goes on, and back", () => {
    const frame = { width: 4, height: 2 };
    const tile: Tile = { x: 2, y: 0, width: 2, height: 2, core: { left: 3, top: 0, right: 4, bottom: 2 } };
    const seen = new Float32Array(4);
    // Of planes of 3x1, made larger.
    copySeen(Float32Array.of(1, 2, 3), { width: 3, height: 1 }, tile, seen);
    expect([...seen]).toEqual([3, 3, 3, 3]);
    const out = new Float32Array(8);
    copyCore(Float32Array.of(5, 6, 7, 8), tile, frame, out);
    expect([...out]).toEqual([0, 0, 0, 6, 0, 0, 0, 8]);
  });
});

describe("the default model", () => {
  it("answers in tiles as it does for the whole frame, to the last bit", { timeout: 120_000 }, async () => {
    const frame = { width: 800, height: 448 };
    const { card, weights } = await loadDefaultModel();
    const channels = 3 + card.controls.length + 1;
    const pixels = frame.width * frame.height;
    const input = new Float32Array(4 * channels * pixels);
    let state = 1;
    for (let i = 0; i < input.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      input[i] = state / 2 ** 31 - 1;
    }
    const session = await openSession(weights, ["cpu"]);
    const run = async (x: Float32Array, { width, height }: FrameSize) =>
      (await session.run({ x: { data: x, dims: [4, channels, height, width] } })).x0;
    const whole = await run(input, frame);
    const tiles = tilesOf(frame, tiling(300_000));
    expect(tiles.length).toBeGreaterThan(1);
    const joined = new Float32Array(whole.length);
    for (const tile of tiles) {
      const seen = new Float32Array(4 * channels * tile.width * tile.height);
      copySeen(input, frame, tile, seen);
      copyCore(await run(seen, tile), tile, frame, joined);
    }
    await session.close();
    expect(Buffer.compare(new Uint8Array(joined.buffer), new Uint8Array(whole.slice().buffer))).toBe(0);
  });
});
