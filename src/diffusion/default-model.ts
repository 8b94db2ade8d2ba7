import { CONTROL_CHANNELS, type ConditionedFrame } from "../conditioning/conditioner.js";
import { openSession, type Session } from "../runtime/session.js";
import type { FrameSize } from "../scene/picture.js";
import type { ChunkModel } from "./chunk-model.js";
import type { DefaultCard } from "./default-card.js";
import { ModelError } from "./model-error.js";
import { seededNoise } from "./noise.js";
import { sample } from "./sampler.js";

/** Noisy correction, control tensor, noise level. */
const NOISY_CHANNELS = 3;
const INPUT_CHANNELS = NOISY_CHANNELS + CONTROL_CHANNELS + 1;

/** A card with its weights, checked. */
export interface LoadedCard {
  readonly card: DefaultCard;
  /** The graph's bytes. */
  readonly weights: Buffer;
}

/**
 * Loads a model of the default family. What it diffuses is the correction to the filled warp, in units of a
 * scale that is 0 where the filled warp is certain and largest where it is a guess: picture = filled warp + sigma (1 - trust) x0.
 *
 * @param providers Execution providers, best first; default: all that there are.
 * @throws ModelError when ONNX Runtime cannot load the weights.
 */
export async function openDefaultModel(
  { card, weights }: LoadedCard,
  providers?: readonly string[],
): Promise<ChunkModel> {
  const open = async (): Promise<Session> => {
    try {
      return await openSession(weights, providers);
    } catch (error) {
      throw new ModelError(
        `weights ${card.weights.name} of model '${card.id}' cannot be loaded: ${(error as Error).message}`,
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
      const pixels = padded.width * padded.height;
      const count = card.chunkLength;
      const stride = INPUT_CHANNELS * pixels;
      if (input.length !== count * stride) input = new Float32Array(count * stride);
      for (let i = 0; i < count; i++) {
        const target = input.subarray(i * stride + NOISY_CHANNELS * pixels, (i + 1) * stride - pixels);
        copyPadded(frameAt(frames, i).control, size, padded, target);
      }
      const picture = NOISY_CHANNELS * pixels;
      const predict = async (noisy: Float32Array, s: number) => {
        await pause?.();
        for (let i = 0; i < count; i++) {
          input.set(noisy.subarray(i * picture, (i + 1) * picture), i * stride);
          input.fill(s, (i + 1) * stride - pixels, (i + 1) * stride);
        }
        const dims = [count, INPUT_CHANNELS, padded.height, padded.width];
        return (await session.run({ x: { data: input, dims } })).x0;
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

/** Copies planes [C, H, W] into larger ones; beyond the border the last row and column go on. */
function copyPadded(planes: Float32Array, size: FrameSize, padded: FrameSize, out: Float32Array): void {
  if (size.width === padded.width && size.height === padded.height) {
    out.set(planes);
    return;
  }
  const rows = planes.length / size.width;
  for (let row = 0; row < rows; row++) {
    const channel = Math.floor(row / size.height);
    const y = row - channel * size.height;
    const to = (channel * padded.height + y) * padded.width;
    out.set(planes.subarray(row * size.width, (row + 1) * size.width), to);
    out.fill(out[to + size.width - 1], to + size.width, to + padded.width);
    if (y < size.height - 1) continue;
    for (let below = y + 1; below < padded.height; below++)
      out.copyWithin((channel * padded.height + below) * padded.width, to, to + padded.width);
  }
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
  { sigma }: DefaultCard,
): Uint8Array {
  const pixels = width * height;
  const plane = padded.width * padded.height;
  // Clamps and rounds half to even.
  const rgb = new Uint8ClampedArray(pixels * 3);
  for (let y = 0, p = 0; y < height; y++) {
    for (let q = y * padded.width; q < y * padded.width + width; q++, p++) {
      const scale = sigma * (1 - trust[p]);
      // Channel by channel without a loop: half as long again with one.
      rgb[p * 3] = 255 * ((control[p] + 1) / 2 + kept(scale * correction[q]));
      rgb[p * 3 + 1] = 255 * ((control[pixels + p] + 1) / 2 + kept(scale * correction[plane + q]));
      rgb[p * 3 + 2] = 255 * ((control[2 * pixels + p] + 1) / 2 + kept(scale * correction[2 * plane + q]));
    }
  }
  return new Uint8Array(rgb.buffer);
}

/** A change, or 0 for one that is left undone. A product and no branch, which would be guessed wrong for every other pixel. */
function kept(change: number): number {
  return Number(Math.abs(change) >= LEAST_CHANGE) * change;
}
