import type { PaintableFrame } from "../conditioning/conditioner.js";
import type { FrameSize } from "../scene/picture.js";
import type { DefaultCard } from "./default-card.js";

/** Paints a chunk of consecutive frames. Lives in a worker; one call at a time. */
export interface ChunkModel {
  readonly card: DefaultCard;
  /** ONNX Runtime execution provider in use. */
  readonly provider: string;
  /**
   * Generates 1 to `card.chunkLength` frames.
   *
   * @param seed With the model and the input it decides the pictures.
   * @param chunk Number of the chunk in its shot; the noise differs from chunk to chunk.
   * @param pause Awaited before each step, where the chunk can be given up: what it throws is thrown here.
   * @returns One 8-bit sRGB picture [H, W, 3] a frame.
   */
  paint(
    frames: readonly PaintableFrame[],
    options: {
      readonly size: FrameSize;
      readonly seed: number;
      readonly chunk: number;
      readonly steps: number;
      readonly pause?: () => Promise<void>;
    },
  ): Promise<Uint8Array[]>;
  /** Gives back the memory that large frames took. What is painted afterwards is the same. */
  releaseMemory(): Promise<void>;
  /** Frees the session. Safe to call twice. */
  close(): Promise<void>;
}
