import { expect, it } from "vitest";
import { Conditioner } from "../../src/conditioning/conditioner.js";
import { channel } from "../../src/conditioning/controls.js";
import { filledWarp } from "../../src/conditioning/filled-warp.js";
import type { EngineFrame } from "../../src/scene/engine-frame.js";
import { decodeSrgb, encodeSrgb } from "../../src/scene/srgb.js";
import { RAY_SCENE, rayFrame } from "../fixtures/ray-scene.js";

const SIZE = { width: 128, height: 72 };
const PIXELS = SIZE.width * SIZE.height;
/** Far enough that a good part of it was not in the first frame. */
const LATER = 40;

/** Frames whose `colour` is the engine's picture, and their truth in a look of another palette and two surface tints. */
function frameAt(tick: number): EngineFrame {
  const frame = rayFrame(tick, { ...SIZE, orbit: 0.03 });
  return { ...frame, colour: frame.truth };
}

/** A look that depends on one pixel's colour: inverted and tinted. */
function inverted({ truth, shade }: EngineFrame): Uint8Array {
  return Uint8Array.from(truth as Uint8Array, (code, i) => {
    const light = (shade as Float32Array)[i];
    const colour = encodeSrgb(Math.min(1, decodeSrgb(code / 255) / light));
    return 255 * encodeSrgb(Math.min(1, light * decodeSrgb([0.9, 0.8, 0.7][i % 3] - 0.6 * colour))) + 0.5;
  });
}

function psnr(a: Uint8Array, b: Uint8Array, where: (p: number) => boolean = () => true): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < a.length; i++) {
    if (!where(Math.floor(i / 3))) continue;
    sum += (a[i] - b[i]) ** 2;
    count++;
  }
  return 10 * Math.log10((255 * 255 * count) / sum);
}

/** What is painted at a tick from first frames, and which pixels these do not show. */
function painted(
  looks: readonly { readonly rgb: Uint8Array; readonly frame: EngineFrame }[],
  frame: EngineFrame,
): { readonly picture: Uint8Array; readonly isUnseen: (p: number) => boolean } {
  const conditioner = new Conditioner(RAY_SCENE, SIZE, { threads: 1 });
  for (const [i, look] of looks.entries()) conditioner.setFirstFrame(look.rgb, look.frame, { newLook: i === 0 });
  const [conditioned] = conditioner.condition([frame]);
  const trust = conditioned.correspondence.anchor.trust.slice();
  const picture = filledWarp(conditioned.control, SIZE);
  conditioner.close();
  return { picture, isUnseen: (p) => trust[p] === 0 };
}

const bare = ({ colour: _, ...frame }: EngineFrame): EngineFrame => frame;

it("what the first frame never showed is painted in its look, by the engine's colour", () => {
  const [first, later] = [frameAt(0), frameAt(LATER)];
  const wanted = inverted(later);
  const told = painted([{ rgb: inverted(first), frame: first }], later);
  const guessed = painted([{ rgb: inverted(first), frame: bare(first) }], bare(later));
  let unseen = 0;
  for (let p = 0; p < PIXELS; p++) if (told.isUnseen(p)) unseen++;
  expect(unseen / PIXELS).toBeGreaterThan(0.1);
  expect(psnr(told.picture, wanted, told.isUnseen)).toBeGreaterThan(psnr(guessed.picture, wanted, told.isUnseen) + 6);
  expect(psnr(told.picture, wanted)).toBeGreaterThan(32);
});

it("an engine whose colour is one grey tells nothing: the first frame is carried along as without it", () => {
  const grey = (frame: EngineFrame): EngineFrame => ({ ...bare(frame), albedo: new Uint8Array(3 * PIXELS).fill(150) });
  const [first, later] = [frameAt(0), frameAt(LATER)];
  const rgb = first.truth as Uint8Array;
  const told = painted([{ rgb, frame: grey(first) }], grey(later));
  const without = painted([{ rgb, frame: bare(first) }], bare(later));
  const wanted = later.truth as Uint8Array;
  const isSeen = (p: number) => !told.isUnseen(p);
  expect(psnr(told.picture, wanted, isSeen)).toBeGreaterThan(psnr(without.picture, wanted, isSeen) - 0.5);
});

it("a first frame that lies off the engine's outlines is brought back", () => {
  const [first, later] = [frameAt(0), frameAt(8)];
  const straight = inverted(first);
  const moved = straight.map((_, i) => {
    const p = Math.floor(i / 3);
    const x = Math.max(0, (p % SIZE.width) - 2);
    const y = Math.max(0, Math.floor(p / SIZE.width) - 2);
    return straight[3 * (y * SIZE.width + x) + (i % 3)];
  });
  const wanted = inverted(later);
  const fitting = psnr(painted([{ rgb: straight, frame: first }], later).picture, wanted);
  expect(psnr(painted([{ rgb: moved, frame: first }], later).picture, wanted)).toBeGreaterThan(fitting - 3);
  const carried = painted([{ rgb: moved, frame: bare(first) }], bare(later));
  expect(psnr(carried.picture, wanted)).toBeLessThan(fitting - 6);
});

it("an image more of the same look answers where the first does not, and where both do the better view", () => {
  const [first, far, between] = [frameAt(0), frameAt(LATER), frameAt(LATER - 2)];
  const looks = [first, far].map((frame) => ({ rgb: frame.truth as Uint8Array, frame: bare(frame) }));
  const wanted = between.truth as Uint8Array;
  const one = painted(looks.slice(0, 1), bare(between));
  const both = painted(looks, bare(between));
  expect(psnr(both.picture, wanted, one.isUnseen)).toBeGreaterThan(psnr(one.picture, wanted, one.isUnseen) + 5);
  expect(psnr(both.picture, wanted)).toBeGreaterThan(psnr(one.picture, wanted) + 3);
});

it("beyond four images the oldest but the first gives way", () => {
  const conditioner = new Conditioner(RAY_SCENE, SIZE, { threads: 1 });
  for (const [i, tick] of [0, 10, 20, 30, 40].entries()) {
    const frame = frameAt(tick);
    conditioner.setFirstFrame(frame.truth as Uint8Array, frame, { newLook: i === 0 });
  }
  const [{ correspondence }] = conditioner.condition([frameAt(41)]);
  expect(correspondence.sources.map(({ geometry }) => geometry.tick)).toEqual([0, 20, 30, 40]);
  conditioner.cut({ forgetLook: true, newPlace: true });
  expect(conditioner.hasFirstFrame).toBe(false);
  conditioner.close();
});

it("a remembered frame keeps what the transfer does not paint, so that its picture comes back", () => {
  const conditioner = new Conditioner(RAY_SCENE, SIZE, { threads: 1 });
  const first = frameAt(0);
  conditioner.setFirstFrame(inverted(first), first);
  const [seen] = conditioner.condition([frameAt(LATER)]);
  const before = filledWarp(seen.control, SIZE);
  conditioner.remember(seen);
  conditioner.release(seen);
  const [again] = conditioner.condition([frameAt(LATER)]);
  expect(psnr(filledWarp(again.control, SIZE), before)).toBeGreaterThan(40);
  conditioner.close();
});

it("is the same on any number of threads", () => {
  const pictures = [1, 2].map((threads) => {
    const conditioner = new Conditioner(RAY_SCENE, SIZE, { threads });
    const first = frameAt(0);
    conditioner.setFirstFrame(inverted(first), first);
    const [{ control }] = conditioner.condition([frameAt(LATER)]);
    const bytes = Buffer.from(control.slice().buffer);
    conditioner.close();
    return bytes;
  });
  expect(pictures[0].equals(pictures[1])).toBe(true);
});

it("says in the transfer's channels what it paints alone", () => {
  const conditioner = new Conditioner(RAY_SCENE, SIZE, { threads: 1, guesses: "transfer" });
  const first = frameAt(0);
  conditioner.setFirstFrame(inverted(first), first);
  const [{ control, transferred }] = conditioner.condition([frameAt(3)]);
  const start = channel("transfer red") * PIXELS;
  expect(transferred).toBe(true);
  expect(Math.max(...control.subarray(start, start + 3 * PIXELS).map(Math.abs))).toBe(0);
  conditioner.close();
});

it("says nothing in the transfer's channels of the sky where the engine sends albedo alone", () => {
  const [first, later] = [frameAt(0), frameAt(2)].map((frame) => ({ ...bare(frame), albedo: frame.truth }));
  const conditioner = new Conditioner(RAY_SCENE, SIZE, { threads: 1 });
  conditioner.setFirstFrame(inverted(first), first);
  const [{ control, geometry }] = conditioner.condition([later]);
  const red = control.subarray(channel("transfer red") * PIXELS);
  const sky = [...geometry.depth.keys()].filter((p) => geometry.depth[p] >= 1e5);
  expect(sky.length).toBeGreaterThan(100);
  expect(sky.filter((p) => red[p] !== 0)).toEqual([]);
  expect([...geometry.depth.keys()].some((p) => red[p] !== 0)).toBe(true);
  conditioner.close();
});

it.each([
  ["all black", new Uint8Array(3 * PIXELS)],
  ["all white", new Uint8Array(3 * PIXELS).fill(255)],
])("an albedo that is %s paints finite colours", (_, albedo) => {
  const [first, later] = [frameAt(0), frameAt(4)].map((frame) => ({ ...bare(frame), albedo }));
  const { picture } = painted([{ rgb: first.truth as Uint8Array, frame: first }], later);
  expect(psnr(picture, later.truth as Uint8Array)).toBeGreaterThan(20);
});

it("refuses an albedo of another size than the shot's by name", () => {
  const conditioner = new Conditioner(RAY_SCENE, SIZE, { threads: 1 });
  const first = frameAt(0);
  expect(() => conditioner.setFirstFrame(inverted(first), { ...first, albedo: new Uint8Array(30) })).toThrow(
    `the albedo plane has 30 values, in a shot of ${PIXELS} pixels; expected ${3 * PIXELS}`,
  );
  conditioner.close();
});
