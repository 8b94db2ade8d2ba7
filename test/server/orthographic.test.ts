import { describe, expect, it } from "vitest";
import type { EngineFrame as WireFrame } from "../../src/protocol/generated/playblast/v1/engine_frame.js";
import { PlaneFormat, PlaneKind } from "../../src/protocol/generated/playblast/v1/plane.js";
import { BACKGROUND_DEPTH, type EngineFrame } from "../../src/scene/engine-frame.js";
import { type BoxOptions, boxFrame, boxScene } from "../fixtures/box-scene.js";
import { AS_GODOT, DIALECTS, type Dialect, frameIn, openIn, planeOf } from "../fixtures/dialects.js";
import { lookOf, picturesOf, psnr, warpedShot } from "../fixtures/warped-shot.js";

const SIZE = { width: 128, height: 72 };
const TICKS = 8;
const VIEW = { ...SIZE, viewHeight: 4 };

interface Played {
  /** dB of the last tick over the whole picture, and over the sky that was in the first one. */
  readonly all: number;
  readonly sky: number;
  readonly last: Uint8Array;
}

/** Whether the sky that a pixel of the last tick shows was in the picture of the first, two pixels away from box and border. */
function wasSky(p: number, { depth }: EngineFrame, { viewHeight, turn = 0 }: BoxOptions): boolean {
  const metres = viewHeight / SIZE.height;
  const x = ((p % SIZE.width) + 0.5 - SIZE.width / 2) * metres;
  const y = (Math.floor(p / SIZE.width) + 0.5 - SIZE.height / 2) * metres;
  const angle = turn * (TICKS - 1);
  const forward = Math.cos(angle) + x * Math.sin(angle);
  const column = (x * Math.cos(angle) - Math.sin(angle)) / forward / metres + SIZE.width / 2;
  const row = y / forward / metres + SIZE.height / 2;
  for (let j = Math.floor(row) - 2; j <= row + 2; j++) {
    for (let i = Math.floor(column) - 2; i <= column + 2; i++) {
      if (i < 0 || j < 0 || i >= SIZE.width || j >= SIZE.height) return false;
      if ((depth as Float32Array)[j * SIZE.width + i] < BACKGROUND_DEPTH) return false;
    }
  }
  return true;
}

/** Plays the scene through a server: the true picture of tick 0 as the look, the warp of the last tick against its true picture. */
async function play(
  options: BoxOptions,
  dialect: Dialect = AS_GODOT,
  near?: number,
  change: (frame: WireFrame) => void = () => {},
): Promise<Played> {
  const scene = boxScene(options.viewHeight);
  const frames = Array.from({ length: TICKS }, (_, tick) => boxFrame(tick, options));
  const wire = frames.map((frame) => {
    const message = frameIn(dialect, frame, scene, SIZE);
    change(message);
    return message;
  });
  const look = lookOf({ ...SIZE, rgb: frames[0].truth as Uint8Array }, 0);
  const answers = await warpedShot(openIn(dialect, scene, SIZE, { near }), [look, ...wire]);
  const last = picturesOf(answers).get(TICKS - 1) as Uint8Array;
  const { truth, depth } = frames[TICKS - 1];
  const isSky = (p: number) => (depth as Float32Array)[p] >= BACKGROUND_DEPTH && wasSky(p, frames[0], options);
  return { all: psnr(last, truth as Uint8Array), sky: psnr(last, truth as Uint8Array, isSky), last };
}

describe("an orthographic camera", () => {
  it.each(DIALECTS)("shows the same in the units and axes of $name", async (dialect) => {
    const options = { ...VIEW, pan: 0.01 };
    const { all, last } = await play(options, dialect);
    expect(all).toBeGreaterThan(30);
    const godot = await play(options);
    // Positions are rounded to floats in other units, which moves few values by one.
    expect(psnr(last, godot.last)).toBeGreaterThan(55);
  });

  it.each([0.02, 400, 4000])("shows the same with a view that is %f m high", async (viewHeight) => {
    const { all } = await play({ ...SIZE, viewHeight, pan: 0.01 });
    expect(all).toBeGreaterThan(30);
  });

  it("keeps its sky when it turns", async () => {
    const still = await play({ ...VIEW, turn: 0 });
    const slow = await play({ ...VIEW, turn: 0.0001 });
    const quick = await play({ ...VIEW, turn: 0.01 });
    expect(still.sky).toBeGreaterThan(40);
    expect(slow.sky).toBeGreaterThan(40);
    expect(quick.sky).toBeGreaterThan(40);
  });

  it("may have its near plane in itself, or behind it, and surfaces there", async () => {
    const near = 0;
    expect((await play({ ...VIEW, pan: 0.01 }, AS_GODOT, near)).all).toBeGreaterThan(30);
    // The camera stands in the middle of the box: what it sees lies behind it.
    const inside = { ...VIEW, pan: 0.01, distance: 0 };
    expect((await play(inside, AS_GODOT, -2 * VIEW.viewHeight)).all).toBeGreaterThan(30);
  });

  it.each([false, true])("may send its device depth with such a near plane, reversed %s", async (reversedZ) => {
    const near = -8;
    const far = 8;
    const inside = { ...VIEW, pan: 0.01, distance: 0 };
    const asDeviceDepth = (message: WireFrame) => {
      const plane = message.planes[0];
      const distances = new Float32Array(new Uint8Array(plane.data).buffer);
      const stored = distances.map((z) => {
        const nearness = Number.isFinite(z) ? (far - z) / (far - near) : 0;
        return reversedZ ? nearness : 1 - nearness;
      });
      message.planes[0] = {
        ...planeOf(PlaneKind.PLANE_KIND_DEPTH, PlaneFormat.PLANE_FORMAT_F32, stored, SIZE),
        depth: { encoding: { $case: "device", value: { near, far, reversedZ, orthographic: true } } },
      };
    };
    expect((await play(inside, AS_GODOT, near, asDeviceDepth)).all).toBeGreaterThan(30);
  });

  it("is not taken for a perspective, nor a perspective's near plane for its own", async () => {
    const scene = boxScene(4);
    const open = openIn(AS_GODOT, scene, SIZE);
    const deviceDepth = frameIn(AS_GODOT, boxFrame(0, VIEW), scene, SIZE);
    deviceDepth.planes[0].depth = {
      encoding: { $case: "device", value: { near: 0.1, far: 10, reversedZ: true, orthographic: false } },
    };
    await expect(warpedShot(open, [deviceDepth])).rejects.toMatchObject({
      field: "engine_frame.planes[0].depth.device.orthographic",
      message: expect.stringMatching(/is false, but camera.projection is orthographic/),
    });
    const perspective = frameIn(AS_GODOT, boxFrame(0, VIEW), scene, SIZE);
    if (perspective.camera) perspective.camera.projection = [1, 0, 0, 0, 0, 1.7, 0, 0, 0, 0, -1, -1, 0, 0, -0.2, 0];
    await expect(warpedShot(openIn(AS_GODOT, scene, SIZE, { near: 0 }), [perspective])).rejects.toMatchObject({
      field: "engine_frame.camera.projection",
      message: expect.stringMatching(/is a perspective, but open_shot.scene has near 0/),
    });
  });
});
