import { expect, it } from "vitest";
import { Conditioner } from "../../src/conditioning/conditioner.js";
import {
  CONTROL_CHANNELS,
  CONTROL_NAMES,
  CONTROLS,
  channel,
  channelBlock,
  FILLED_WARP,
} from "../../src/conditioning/controls.js";
import type { EngineFrame, Light } from "../../src/scene/engine-frame.js";
import { RAY_SCENE, rayFrame } from "../fixtures/ray-scene.js";

const SUN: Light = {
  kind: "directional",
  position: [0, 0, 0],
  direction: [0.5, -1, -0.3],
  colour: [2, 2, 2],
  range: 0,
  spotAngle: 0,
  castsShadow: false,
};

it("names each channel of the control tensor once", () => {
  expect(new Set(CONTROL_NAMES).size).toBe(CONTROL_CHANNELS);
  expect(channel("light ratio")).toBe(CONTROL_NAMES.indexOf("light ratio"));
  expect(channelBlock("normal x", "normal y", "normal z")).toBe(channel("normal x"));
  // @ts-expect-error a name that is not in the list does not compile
  expect(channel("light ration")).toBe(-1);
});

it("refuses a block whose channels do not lie one behind another", () => {
  expect(() => channelBlock("normal x", "normal z")).toThrow(
    "control 'normal z' is channel 12; expected 11, behind 'normal x'",
  );
});

it("holds each colour whole", () => {
  const parts = new Map<string, string[]>();
  for (const { colour } of CONTROLS) if (colour) parts.set(colour.of, [...(parts.get(colour.of) ?? []), colour.part]);
  for (const found of parts.values()) expect(found).toEqual(["red", "green", "blue"]);
  expect(CONTROLS[FILLED_WARP].colour).toEqual({ of: "filled warp", part: "red" });
});

it("holds values within each channel's range, and in no channel one value alone", () => {
  const size = { width: 64, height: 36 };
  const frameAt = (tick: number): EngineFrame => {
    const frame = rayFrame(tick, { ...size, orbit: 0.05, sun: (at) => 0.02 * 2 ** (at % 7) });
    return { ...frame, lights: [SUN], colour: frame.truth };
  };
  const conditioner = new Conditioner(RAY_SCENE, size);
  const first = frameAt(0);
  conditioner.setFirstFrame(first.truth as Uint8Array, first);
  const least = new Float32Array(CONTROL_CHANNELS).fill(Number.POSITIVE_INFINITY);
  const most = new Float32Array(CONTROL_CHANNELS).fill(Number.NEGATIVE_INFINITY);
  for (let tick = 0; tick < 12; tick++) {
    const [conditioned] = conditioner.condition([frameAt(tick)]);
    expect(conditioned.control.length).toBe(CONTROL_CHANNELS * size.width * size.height);
    conditioned.control.forEach((value, i) => {
      const at = Math.floor(i / (size.width * size.height));
      least[at] = Math.min(least[at], value);
      most[at] = Math.max(most[at], value);
    });
    if (tick % 4 === 3) conditioner.remember(conditioned);
  }
  for (const [at, { name, range }] of CONTROLS.entries()) {
    expect(least[at], name).toBeGreaterThanOrEqual(range[0]);
    expect(most[at], name).toBeLessThanOrEqual(range[1]);
    expect(most[at], name).toBeGreaterThan(least[at]);
  }
});
