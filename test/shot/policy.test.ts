import { expect, test } from "vitest";
import { LIMITS } from "../../src/protocol/limits.js";
import { grant, openCredit, spend } from "../../src/shot/credit.js";
import { mostFrameBytes } from "../../src/shot/frame-bytes.js";
import { exportPolicy, livePolicy, MOST_WAITING_BYTES } from "../../src/shot/policy.js";

const CHUNK = 4;
const SMALL = { width: 256, height: 144 };
const LARGEST = { width: 1920, height: 1088 };

test("frames that may wait are whole chunks, fewer of large ones, and always one", () => {
  expect(exportPolicy(CHUNK, SMALL).credit).toBe(4 * CHUNK);
  expect(livePolicy(CHUNK, SMALL).mostWaiting).toBe(2 * CHUNK);
  for (let height = 16; height <= LIMITS.maxHeight / 2; height += 8) {
    const size = { width: height * 2, height };
    const credit = exportPolicy(CHUNK, size).credit as number;
    const { mostWaiting } = livePolicy(CHUNK, size);
    for (const frames of [credit, mostWaiting]) {
      expect([frames % CHUNK, frames >= CHUNK]).toEqual([0, true]);
      if (frames > CHUNK) expect(frames * mostFrameBytes(size)).toBeLessThanOrEqual(MOST_WAITING_BYTES);
    }
  }
  expect([exportPolicy(CHUNK, LARGEST).credit, livePolicy(CHUNK, LARGEST).mostWaiting]).toEqual([CHUNK, CHUNK]);
});

test("a live shot gives no credit, since sending is free, and an export drops nothing", () => {
  expect(livePolicy(CHUNK, SMALL).credit).toBeUndefined();
  expect(exportPolicy(CHUNK, SMALL).mostWaiting).toBe(Infinity);
});

test("credit is spent a frame at a time and granted again; what is free is never spent", () => {
  const credit = openCredit(2);
  for (const tick of [0, 1]) spend(credit, tick);
  expect(() => spend(credit, 2)).toThrow(/engine_frame: tick 2 came without credit; .* ShotReady\.credit and Credit/);
  grant(credit, 1);
  spend(credit, 2);
  expect(credit.frames).toBe(0);
  const free = openCredit(undefined);
  for (let tick = 0; tick < 1000; tick++) spend(free, tick);
});
