import { describe, expect, it } from "vitest";
import type { EngineFrame } from "../../src/scene/engine-frame.js";
import type { FrameSize } from "../../src/scene/picture.js";
import { AS_GODOT, DIALECTS, frameIn, openIn } from "../fixtures/dialects.js";
import { RAY_SCENE, rayFrame } from "../fixtures/ray-scene.js";
import { lookOf, picturesOf, psnr, warpedShot } from "../fixtures/warped-shot.js";

const SIZE = { width: 64, height: 40 };
const LAST = 8;

const traced = new Map<string, EngineFrame>();
/** A tick at a size; tracing takes longer than anything else here. */
function frameAt(tick: number, { width, height }: FrameSize): EngineFrame {
  const key = `${tick} ${width}x${height}`;
  const frame = traced.get(key) ?? rayFrame(tick, { width, height });
  traced.set(key, frame);
  return frame;
}

const truth = frameAt(LAST, SIZE).truth as Uint8Array;

/** The last tick's picture, painted from the first tick's, with planes of a size of their own. */
async function play(planeSize = SIZE, dialect = AS_GODOT): Promise<Uint8Array> {
  const look = lookOf({ ...SIZE, rgb: frameAt(0, SIZE).truth as Uint8Array }, 0);
  const wire = [0, LAST].map((tick) =>
    frameIn(dialect, frameAt(tick, SIZE), RAY_SCENE, SIZE, frameAt(tick, planeSize), planeSize),
  );
  const answers = await warpedShot(openIn(dialect, RAY_SCENE, SIZE), [look, ...wire]);
  return picturesOf(answers).get(LAST) as Uint8Array;
}

describe("planes of another size than the frame", () => {
  it.each([
    ["twice as large", { width: 128, height: 80 }],
    ["twice as wide", { width: 128, height: 40 }],
    ["three times as large", { width: 192, height: 120 }],
    ["half as large again", { width: 96, height: 60 }],
    ["half as large", { width: 32, height: 20 }],
  ])("show what planes of its size show: %s", async (_, size) => {
    const own = psnr(await play(), truth);
    const other = psnr(await play(size), truth);
    console.log(size, own, other);
    expect(other).toBeGreaterThan(own - 1);
  }, 60_000);
});

describe("a scene", () => {
  it.each(DIALECTS)("shows the same in the axes and units of $name", async (dialect) => {
    // Positions and matrices are floats on the wire, so that a value may round the other way.
    expect(psnr(await play(SIZE, dialect), await play())).toBeGreaterThan(60);
  });
});
