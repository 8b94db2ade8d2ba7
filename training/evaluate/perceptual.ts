import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MODELS_FOLDER } from "playblast/diffusion/model-card";
import { openSession, type Session } from "playblast/runtime/session";
import type { FrameSize } from "playblast/scene/picture";

/** Features of each level. */
const CHANNELS = [16, 32, 64, 96];

/** How unlike two 8-bit sRGB pictures [H, W, 3] look, 0 for equal ones. */
export interface PerceptualDistance {
  between(a: Uint8Array, b: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

/**
 * Opens the perceptual distance of two 8-bit sRGB pictures [H, W, 3], 0 for equal ones: features of a network of ours that learnt to name normals
 * and depth from a picture (training/perceptual.py), compared as LPIPS does (Zhang et al., 2018).
 */
export async function openPerceptualDistance({ width, height }: FrameSize): Promise<PerceptualDistance> {
  const session: Session = await openSession(readFileSync(join(MODELS_FOLDER, "perceptual.onnx")));
  const pixels = width * height;
  const data = new Float32Array(2 * 3 * pixels);
  return {
    async between(a, b) {
      for (const [i, picture] of [a, b].entries()) {
        for (let c = 0; c < 3; c++) {
          const plane = (i * 3 + c) * pixels;
          for (let p = 0; p < pixels; p++) data[plane + p] = picture[p * 3 + c] / 255;
        }
      }
      const levels = Object.values(await session.run({ x: { data, dims: [2, 3, height, width] } }));
      return (
        levels.reduce((sum, level, i) => sum + levelDistance(level, level.length / 2 / CHANNELS[i]), 0) / levels.length
      );
    },
    close: () => session.close(),
  };
}

/** Squared difference of unit features [2, C, places], summed over channels and averaged over places. */
function levelDistance(features: Float32Array, places: number): number {
  const half = features.length / 2;
  let sum = 0;
  for (let i = 0; i < half; i++) sum += (features[i] - features[half + i]) ** 2;
  return sum / places;
}
