import { CONTROL_CHANNELS, type ConditionedFrame } from "../conditioning/conditioner.js";
import { openSession, type Session } from "../runtime/session.js";
import type { FrameSize } from "../scene/picture.js";
import type { ChunkModel } from "./chunk-model.js";
import { type LoadedCard, type ModelCard, ModelError } from "./model-card.js";
import { seededNoise } from "./noise.js";
import { sample } from "./sampler.js";

/** Noisy correction, control tensor, noise level. */
const NOISY_CHANNELS = 3;
const INPUT_CHANNELS = NOISY_CHANNELS + CONTROL_CHANNELS + 1;

/**
 * Loads a model of the default family. What it diffuses is the correction to the filled warp, in units of a
 * scale that is small where the cache is trusted and large in holes: picture = filled warp + sigma x0.
 *
 * @throws ModelError when ONNX Runtime cannot load the weights.
 */
export async function openDefaultModel({ card, weights }: LoadedCard): Promise<ChunkModel> {
  let session: Session;
  try {
    session = await openSession(weights);
  } catch (error) {
    throw new ModelError(
      `weights ${card.weights} of model '${card.id}' cannot be loaded: ${(error as Error).message}`,
      false,
    );
  }
  let input = new Float32Array(0);
  return {
    card,
    provider: session.provider,
    async paint(frames, { size, seed, chunk, steps }) {
      const { width, height } = size;
      const pixels = width * height;
      const count = card.chunkLength;
      const stride = INPUT_CHANNELS * pixels;
      if (input.length !== count * stride) input = new Float32Array(count * stride);
      for (let i = 0; i < count; i++) input.set(frameAt(frames, i).control, i * stride + NOISY_CHANNELS * pixels);
      const picture = NOISY_CHANNELS * pixels;
      const predict = async (noisy: Float32Array, s: number) => {
        for (let i = 0; i < count; i++) {
          input.set(noisy.subarray(i * picture, (i + 1) * picture), i * stride);
          input.fill(s, (i + 1) * stride - pixels, (i + 1) * stride);
        }
        return (await session.run({ x: { data: input, dims: [count, INPUT_CHANNELS, height, width] } })).x0;
      };
      const correction = await sample(predict, seededNoise(count * picture, seed, chunk), steps);
      return frames.map((frame, i) => compose(frame, correction.subarray(i * picture, (i + 1) * picture), size, card));
    },
    close: () => session.close(),
  };
}

/** A chunk that is not full repeats its last frame. */
function frameAt(frames: readonly ConditionedFrame[], index: number): ConditionedFrame {
  return frames[Math.min(index, frames.length - 1)];
}

/** Adds a correction to the filled warp: 8-bit sRGB [H, W, 3]. */
function compose(
  frame: ConditionedFrame,
  correction: Float32Array,
  { width, height }: FrameSize,
  { sigmaCovered, sigmaHole, correctsCovered = true }: ModelCard,
): Uint8Array {
  const pixels = width * height;
  const { control, trust } = frame;
  // Clamps and rounds half to even.
  const rgb = new Uint8ClampedArray(pixels * 3);
  for (let p = 0; p < pixels; p++) {
    const sigma = trust[p] > 0 && !correctsCovered ? 0 : sigmaHole + (sigmaCovered - sigmaHole) * trust[p];
    for (let c = 0; c < 3; c++) {
      rgb[p * 3 + c] = 255 * ((control[c * pixels + p] + 1) / 2 + sigma * correction[c * pixels + p]);
    }
  }
  return new Uint8Array(rgb.buffer);
}
