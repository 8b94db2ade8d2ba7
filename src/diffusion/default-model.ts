import { CONTROL_CHANNELS, type ConditionedFrame } from "../conditioning/conditioner.js";
import { openSession, type Session } from "../runtime/session.js";
import type { FrameSize } from "../scene/picture.js";
import type { ChunkModel } from "./chunk-model.js";
import { type LoadedCard, type ModelCard, ModelError } from "./model-card.js";
import { seededNoise } from "./noise.js";
import { sample } from "./sampler.js";
import { copyCore, copySeen, MOST_RUN_PIXELS, type Tile, tilesOf } from "./tiles.js";

/** Noisy correction, control tensor, noise level. */
const NOISY_CHANNELS = 3;
const INPUT_CHANNELS = NOISY_CHANNELS + CONTROL_CHANNELS + 1;

/**
 * The network's answer at a pixel depends on what lies up to 181 pixels away: six 3x3 convolutions at a sixteenth of the resolution (96), six at an eighth
 * (48), four at a quarter (16), three at a half (6), and the blocks of 16 themselves (15).
 */
export const HALO = 192;

/**
 * Loads a model of the default family. What it diffuses is the correction to the filled warp, in units of a
 * scale that is 0 where the filled warp is certain and largest where it is a guess: picture = filled warp + sigma (1 - trust) x0.
 *
 * @throws ModelError when ONNX Runtime cannot load the weights.
 */
export async function openDefaultModel({ card, weights }: LoadedCard): Promise<ChunkModel> {
  const open = async (): Promise<Session> => {
    try {
      return await openSession(weights);
    } catch (error) {
      throw new ModelError(
        `weights ${card.weights} of model '${card.id}' cannot be loaded: ${(error as Error).message}`,
        false,
      );
    }
  };
  let session = await open();
  let input = new Float32Array(0);
  return {
    card,
    provider: session.provider,
    async paint(frames, { size, seed, chunk, steps, pause }) {
      const padded = paddedSize(size, card.sizeMultiple);
      const tiles = tilesOf(padded, { multiple: card.sizeMultiple, halo: HALO, mostPixels: MOST_RUN_PIXELS });
      const count = card.chunkLength;
      const seen = tiles[0].width * tiles[0].height;
      const stride = INPUT_CHANNELS * seen;
      if (input.length !== count * stride) input = new Float32Array(count * stride);
      const setControls = (tile: Tile) => {
        for (let i = 0; i < count; i++) {
          const target = input.subarray(i * stride + NOISY_CHANNELS * seen, (i + 1) * stride - seen);
          copySeen(frameAt(frames, i).control, size, tile, target);
        }
      };
      const picture = NOISY_CHANNELS * padded.width * padded.height;
      const predictTile = async (tile: Tile, noisy: Float32Array, s: number) => {
        await pause?.();
        for (let i = 0; i < count; i++) {
          copySeen(noisy.subarray(i * picture, (i + 1) * picture), padded, tile, input.subarray(i * stride));
          input.fill(s, (i + 1) * stride - seen, (i + 1) * stride);
        }
        return (await session.run({ x: { data: input, dims: [count, INPUT_CHANNELS, tile.height, tile.width] } })).x0;
      };
      if (tiles.length === 1) setControls(tiles[0]);
      const predict = async (noisy: Float32Array, s: number) => {
        if (tiles.length === 1) return predictTile(tiles[0], noisy, s);
        const clean = new Float32Array(count * picture);
        for (const tile of tiles) {
          setControls(tile);
          const answer = await predictTile(tile, noisy, s);
          const part = NOISY_CHANNELS * seen;
          for (let i = 0; i < count; i++)
            copyCore(
              answer.subarray(i * part, (i + 1) * part),
              tile,
              padded,
              clean.subarray(i * picture, (i + 1) * picture),
            );
        }
        return clean;
      };
      const correction = await sample(predict, seededNoise(count * picture, seed, chunk), steps);
      return frames.map((frame, i) =>
        compose(frame, correction.subarray(i * picture, (i + 1) * picture), size, padded, card),
      );
    },
    releaseMemory: async () => {
      input = new Float32Array(0);
      // ONNX Runtime keeps the memory of its largest run for as long as the session lives.
      await session.close();
      session = await open();
    },
    close: () => session.close(),
  };
}

/** The size at which the network works: the next multiples. */
function paddedSize({ width, height }: FrameSize, multiple: number): FrameSize {
  const up = (value: number) => Math.ceil(value / multiple) * multiple;
  return { width: up(width), height: up(height) };
}

/** Smaller changes are left undone: they would be noise where the filled warp is right to the last bit. sRGB-encoded units. */
const LEAST_CHANGE = 1.5 / 255;

/** A chunk that is not full repeats its last frame. */
function frameAt(frames: readonly ConditionedFrame[], index: number): ConditionedFrame {
  return frames[Math.min(index, frames.length - 1)];
}

/** Adds a correction [3, padded] to the filled warp: 8-bit sRGB [H, W, 3]. */
function compose(
  { control, trust }: ConditionedFrame,
  correction: Float32Array,
  { width, height }: FrameSize,
  padded: FrameSize,
  { sigma }: ModelCard,
): Uint8Array {
  const pixels = width * height;
  const plane = padded.width * padded.height;
  // Clamps and rounds half to even.
  const rgb = new Uint8ClampedArray(pixels * 3);
  for (let y = 0, p = 0; y < height; y++) {
    for (let q = y * padded.width; q < y * padded.width + width; q++, p++) {
      const scale = sigma * (1 - trust[p]);
      for (let c = 0; c < 3; c++) {
        const change = scale * correction[c * plane + q];
        const kept = Math.abs(change) < LEAST_CHANGE ? 0 : change;
        rgb[p * 3 + c] = 255 * ((control[c * pixels + p] + 1) / 2 + kept);
      }
    }
  }
  return new Uint8Array(rgb.buffer);
}
