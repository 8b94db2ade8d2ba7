import { noiseLevels } from "./schedule.js";

/** Predicts the clean signal from a noisy one at noise level `s`. */
export type Predict = (noisy: Float32Array, s: number) => Promise<Float32Array>;

/**
 * Few-step sampling of a flow-matching model that predicts the clean signal: x_s = (1 - s) x0 + s noise. Each step goes
 * from its prediction back to the next, lower noise level along the same noise.
 */
export async function sample(predict: Predict, noise: Float32Array, steps: number): Promise<Float32Array> {
  let noisy = noise;
  let clean = noise;
  for (const s of noiseLevels(steps)) {
    if (s < 1) {
      noisy = new Float32Array(noise.length);
      for (let i = 0; i < noise.length; i++) noisy[i] = (1 - s) * clean[i] + s * noise[i];
    }
    clean = await predict(noisy, s);
  }
  return clean;
}
