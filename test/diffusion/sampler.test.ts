import { describe, expect, it } from "vitest";
import { seededNoise } from "../../src/diffusion/noise.js";
import { sample } from "../../src/diffusion/sampler.js";

describe("Noise", () => {
  it("depends on seed, chunk and place alone", () => {
    expect(seededNoise(64, 1, 2)).toEqual(seededNoise(64, 1, 2));
    expect(seededNoise(64, 1, 2)).not.toEqual(seededNoise(64, 2, 2));
    expect(seededNoise(64, 1, 2)).not.toEqual(seededNoise(64, 1, 3));
  });

  it("is normal: its moments, its middle and its tails", () => {
    const noise = seededNoise(1_000_000, 5, 0);
    const mean = (of: (value: number) => number) => noise.reduce((sum, value) => sum + of(value), 0) / noise.length;
    const share = (most: number) => mean((value) => (Math.abs(value) <= most ? 1 : 0));
    expect(mean((value) => value)).toBeCloseTo(0, 2);
    expect(mean((value) => value ** 2)).toBeCloseTo(1, 2);
    expect(mean((value) => value ** 3)).toBeCloseTo(0, 1);
    expect(mean((value) => value ** 4)).toBeCloseTo(3, 1);
    // Of a normal distribution 19.74, 68.27, 99.73 and 99.974 % lie within so many standard deviations.
    expect(share(0.25)).toBeCloseTo(0.1974, 2);
    expect(share(1)).toBeCloseTo(0.6827, 2);
    expect(share(3)).toBeCloseTo(0.9973, 3);
    expect(share(3.66)).toBeCloseTo(0.99975, 4);
  });

  it("of neighbouring values, streams and seeds has nothing in common", () => {
    const noise = seededNoise(100_000, 5, 0);
    const correlation = (other: Float32Array) =>
      noise.reduce((sum, value, i) => sum + value * (other[i] ?? 0), 0) / noise.length;
    expect(correlation(noise.subarray(1))).toBeCloseTo(0, 1);
    expect(correlation(seededNoise(100_000, 5, 1))).toBeCloseTo(0, 1);
    expect(correlation(seededNoise(100_000, 6, 0))).toBeCloseTo(0, 1);
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
