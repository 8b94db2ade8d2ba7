import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { BACKGROUND_DEPTH } from "../../src/scene/engine-frame.js";
import { encodeSrgbFast, SRGB_TO_LINEAR } from "../../src/scene/srgb.js";
import { renderTick } from "../../training/worlds/render.js";
import { makeWorld } from "../../training/worlds/world.js";

const SIZE = { width: 64, height: 48 };
const world = makeWorld(3);
const frame = renderTick(world, 12, SIZE);
const { truth, albedo, shade, depth, surfaceId, colour } = frame as Required<typeof frame>;

it("a world looks as it always has: models were trained and measured on it", () => {
  const digest = createHash("sha256").update(truth).digest("hex");
  expect(digest).toBe("65c64c62de4f8500e91b7914dea4a8b109bebe0b760c19b48ff11e3f4d9aeec8");
});

it("a world's finished picture is its truth", () => {
  expect(colour).toBe(truth);
});

it("albedo under the light is the truth, but for highlights", () => {
  let off = 0;
  let surfaces = 0;
  for (let p = 0; p < depth.length; p++) {
    if (depth[p] >= BACKGROUND_DEPTH) continue;
    surfaces++;
    for (let i = 3 * p; i < 3 * p + 3; i++) {
      const lit = 255 * encodeSrgbFast(SRGB_TO_LINEAR[albedo[i]] * shade[i]);
      if (Math.abs(lit - truth[i]) > 4) off++;
    }
  }
  expect(surfaces).toBeGreaterThan(1000);
  // Outlines mix what is lit differently.
  expect(off / (3 * surfaces)).toBeLessThan(0.12);
});

it("a surface id names a material, and the background has neither id nor albedo", () => {
  const ids = new Set(surfaceId);
  expect(ids.size).toBeGreaterThan(3);
  for (let p = 0; p < depth.length; p++) expect(surfaceId[p] === 0).toBe(depth[p] >= BACKGROUND_DEPTH);
  expect(Math.max(...ids)).toBeLessThanOrEqual(world.materials.length);
});
