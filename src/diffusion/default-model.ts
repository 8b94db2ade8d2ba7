import type { PaintableFrame } from "../conditioning/conditioner.js";
import { FILLED_WARP } from "../conditioning/controls.js";
import { filledWarp } from "../conditioning/filled-warp.js";
import { openSession, type Session } from "../runtime/session.js";
import type { FrameSize } from "../scene/picture.js";
import type { ChunkModel } from "./chunk-model.js";
import type { DefaultCard } from "./default-card.js";
import { misfits } from "./graph-fit.js";
import { controlRows, knowsTransfer } from "./model-controls.js";
import { ModelError } from "./model-error.js";
import { seededNoise } from "./noise.js";
import { sample } from "./sampler.js";
import { copyCore, copySeen, MOST_RUN_PIXELS, type Tile, tilesOf } from "./tiles.js";

/** The network's input is the noisy correction, the controls that its card names, and the noise level. */
const NOISY_CHANNELS = 3;
const LEVEL_CHANNELS = 1;
const INPUT = "x";
const OUTPUT = "x0";

/** A card with its weights, checked. */
export interface LoadedCard {
  readonly card: DefaultCard;
  /** The graph's bytes. */
  readonly weights: Buffer;
}

/**
 * The network's answer at a pixel depends on what lies up to 181 pixels away: six 3x3 convolutions at a sixteenth of the resolution (96), six at an eighth
 * (48), four at a quarter (16), three at a half (6), and the blocks of 16 themselves (15).
 */
export const HALO = 192;

/**
 * Loads a model of the default family. What it diffuses is the correction to the filled warp, in units of a
 * scale that is 0 where the filled warp is certain and largest where it is a guess: picture = filled warp + sigma (1 - trust) x0.
 *
 * @param providers Execution providers, best first; default: all that there are.
 * @throws ModelError when ONNX Runtime cannot load the weights, or their graph does not fit the card.
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
  const rows = controlRows(card);
  const channels = NOISY_CHANNELS + rows.length + LEVEL_CHANNELS;
  let session = await open();
  await checkGraph(session, card);
  let input = new Float32Array(0);
  return {
    card,
    provider: session.provider,
    async paint(frames, { size, seed, chunk, steps, pause }) {
      // A network that was not taught what a look's transfer paints makes that worse: what was conditioned is the picture.
      if (frames[0].transferred && !knowsTransfer(card)) return frames.map(({ control }) => filledWarp(control, size));
      const padded = paddedSize(size, card.sizeMultiple);
      const tiles = tilesOf(padded, { multiple: card.sizeMultiple, halo: HALO, mostPixels: MOST_RUN_PIXELS });
      const count = card.chunkLength;
      const seen = tiles[0].width * tiles[0].height;
      const stride = channels * seen;
      if (input.length !== count * stride) input = new Float32Array(count * stride);
      const setControls = (tile: Tile) => {
        for (let i = 0; i < count; i++) {
          const { control } = frameAt(frames, i);
          for (const [k, row] of rows.entries()) {
            const plane = control.subarray(row * size.width * size.height, (row + 1) * size.width * size.height);
            const start = i * stride + (NOISY_CHANNELS + k) * seen;
            copySeen(plane, size, tile, input.subarray(start, start + seen));
          }
        }
      };
      const picture = NOISY_CHANNELS * padded.width * padded.height;
      const predictTile = async (tile: Tile, noisy: Float32Array, s: number) => {
        await pause?.();
        for (let i = 0; i < count; i++) {
          copySeen(noisy.subarray(i * picture, (i + 1) * picture), padded, tile, input.subarray(i * stride));
          input.fill(s, (i + 1) * stride - seen, (i + 1) * stride);
        }
        const dims = [count, channels, tile.height, tile.width];
        const { [OUTPUT]: x0 } = await session.run({ [INPUT]: { data: input, dims } });
        const expected = count * NOISY_CHANNELS * seen;
        if (x0.length === expected) return x0;
        throw misfit(
          card,
          `output '${OUTPUT}' has ${x0.length} values for an input of [${dims}], expected ${expected}`,
        );
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

/** Throws ModelError where the graph takes or gives something else than what the card says, and closes the session. */
async function checkGraph(session: Session, card: DefaultCard): Promise<void> {
  const { chunkLength, controls } = card;
  const frames = { name: "frames", size: chunkLength, because: "the card's chunkLength" };
  const channels = {
    name: "channels",
    size: NOISY_CHANNELS + controls.length + LEVEL_CHANNELS,
    because:
      `${NOISY_CHANNELS} of the noisy correction, ${controls.length} controls that the card names ` +
      `and ${LEVEL_CHANNELS} of the noise level`,
  };
  const corrected = { name: "channels", size: NOISY_CHANNELS, because: "red, green and blue of the correction" };
  const place = [{ name: "height" }, { name: "width" }];
  const input = { name: INPUT, type: "float32", axes: [frames, channels, ...place] };
  const output = { name: OUTPUT, type: "float32", axes: [frames, corrected, ...place] };
  const problems = [
    ...misfits({ kind: "input", found: session.inputs, expected: [input] }),
    ...misfits({ kind: "output", found: session.outputs, expected: [output] }),
  ];
  if (problems.length === 0) return;
  await session.close();
  throw misfit(card, problems.join("; "));
}

function misfit({ id, weights }: DefaultCard, problem: string): ModelError {
  const remedy = "Use the card and the weights that were exported together (training/export.py), or correct the card.";
  const fault = `weights do not fit its card: ${problem}`;
  return new ModelError(
    `model '${id}' cannot be loaded, its weights ${weights.name} do not fit its card: ${problem}. ${remedy}`,
    false,
    fault,
  );
}

/** The size at which the network works: the next multiples. */
function paddedSize({ width, height }: FrameSize, multiple: number): FrameSize {
  const up = (value: number) => Math.ceil(value / multiple) * multiple;
  return { width: up(width), height: up(height) };
}

/** Smaller changes are left undone: they would be noise where the filled warp is right to the last bit. sRGB-encoded units. */
const LEAST_CHANGE = 1.5 / 255;

/** A chunk that is not full repeats its last frame. */
function frameAt(frames: readonly PaintableFrame[], index: number): PaintableFrame {
  return frames[Math.min(index, frames.length - 1)];
}

/** Adds a correction [3, padded] to the filled warp: 8-bit sRGB [H, W, 3]. */
function compose(
  { control, trust }: PaintableFrame,
  correction: Float32Array,
  { width, height }: FrameSize,
  padded: FrameSize,
  { sigma }: DefaultCard,
): Uint8Array {
  const pixels = width * height;
  const plane = padded.width * padded.height;
  const warp = control.subarray(FILLED_WARP * pixels);
  // Clamps and rounds half to even.
  const rgb = new Uint8ClampedArray(pixels * 3);
  for (let y = 0, p = 0; y < height; y++) {
    for (let q = y * padded.width; q < y * padded.width + width; q++, p++) {
      const scale = sigma * (1 - trust[p]);
      // Channel by channel without a loop: half as long again with one.
      rgb[p * 3] = 255 * ((warp[p] + 1) / 2 + kept(scale * correction[q]));
      rgb[p * 3 + 1] = 255 * ((warp[pixels + p] + 1) / 2 + kept(scale * correction[plane + q]));
      rgb[p * 3 + 2] = 255 * ((warp[2 * pixels + p] + 1) / 2 + kept(scale * correction[2 * plane + q]));
    }
  }
  return new Uint8Array(rgb.buffer);
}

/** A change, or 0 for one that is left undone. A product and no branch, which would be guessed wrong for every other pixel. */
function kept(change: number): number {
  return Number(Math.abs(change) >= LEAST_CHANGE) * change;
}
