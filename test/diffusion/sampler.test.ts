import { describe, expect, it } from "vitest";
import { seededNoise } from "../../src/diffusion/noise.js";
import { sample } from "../../src/diffusion/sampler.js";

describe("Noise", () => {
  it("depends on seed, chunk and place alone", () => {
    expect(seededNoise(64, 1, 2)).toEqual(seededNoise(64, 1, 2));
    expect(seededNoise(64, 1, 2)).not.toEqual(seededNoise(64, 2, 2));
    expect(seededNoise(64, 1, 2)).not.toEqual(seededNoise(64, 1, 3));
  });

  it("has mean 0 and variance 1", () => {
    const noise = seededNoise(100_000, 5, 0);
    const mean = noise.reduce((a, b) => a + b, 0) / noise.length;
    const variance = noise.reduce((a, b) => a + (b - mean) ** 2, 0) / noise.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
  });
});

describe("The sampler", () => {
  const noise = Float32Array.of(1, -1, 0.5);

  it("begins with pure noise, and ends with what the last pass predicts", async () => {
    const seen: { noisy: number[]; s: number }[] = [];
    const x0 = await sample(
      async (noisy, s) => {
        seen.push({ noisy: [...noisy], s });
        return Float32Array.of(2, 2, 2);
      },
      noise,
      1,
    );
    expect(seen).toEqual([{ noisy: [1, -1, 0.5], s: 1 }]);
    expect([...x0]).toEqual([2, 2, 2]);
  });

  it("goes on from its own prediction, with the same noise at half the level", async () => {
    const levels: number[] = [];
    let second: number[] = [];
    await sample(
      async (noisy, s) => {
        levels.push(s);
        if (s < 1) second = [...noisy];
        return Float32Array.of(2, 2, 2);
      },
      noise,
      2,
    );
    expect(levels).toEqual([1, 0.5]);
    expect(second).toEqual([1.5, 0.5, 1.25]);
  });
});
