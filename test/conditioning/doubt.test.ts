import { expect, it } from "vitest";
import { markOutlines, writeTrustInWarp } from "../../src/conditioning/doubt.js";
import type { FrameGeometry } from "../../src/conditioning/geometry.js";
import type { Correspondence } from "../../src/conditioning/world-cache.js";

it("outlines run beside jumps in depth and beside other owners, on both sides, and nowhere else", () => {
  const geometry = {
    width: 4,
    height: 2,
    depth: Float32Array.of(2, 2, 4, 4, 2, 2, 4, 4),
    owner: Uint16Array.of(0, 0, 0, 0, 0, 0, 0, 1),
    intrinsics: { viewHeight: 0 },
  };
  const outlines = new Uint8Array(8).fill(1);
  markOutlines(geometry as FrameGeometry, outlines);
  expect([...outlines]).toEqual([0, 1, 1, 1, 0, 1, 1, 1]);
  // A jump of 2 m is none in an orthographic view that is 100 m high, however near the camera is.
  markOutlines({ ...geometry, intrinsics: { viewHeight: 100 } } as FrameGeometry, outlines);
  expect([...outlines]).toEqual([0, 0, 0, 1, 0, 0, 1, 1]);
});

it("the filled warp is believed where the first frame answers, less on outlines and under moved light, and guesses as their doubt says", () => {
  const correspondence = {
    anchor: { trust: Uint8Array.of(255, 255, 255, 255, 0, 0) },
    doubt: Uint8Array.of(0, 0, 0, 0, 255, 51),
  } as unknown as Correspondence;
  const trust = new Float32Array(6);
  writeTrustInWarp(correspondence, Uint8Array.of(0, 1, 0, 0, 0, 0), Float32Array.of(0, 0, 0.5, -3, 0, 0), trust);
  expect(trust[0]).toBe(1);
  expect(trust[1]).toBeCloseTo(0.6);
  expect(trust[2]).toBeCloseTo(0.7);
  expect(trust[3]).toBeCloseTo(0.4);
  expect(trust[4]).toBeCloseTo(0.6);
  expect(trust[5]).toBeCloseTo(0.92);
});
