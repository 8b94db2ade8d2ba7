import { describe, expect, it } from "vitest";
import { intrinsicsOf } from "../../src/scene/camera.js";
import { BACKGROUND_DEPTH, type EngineFrame } from "../../src/scene/engine-frame.js";
import type { FrameSize } from "../../src/scene/picture.js";
import type { Scene } from "../../src/scene/scene.js";
import { boxFrame, boxScene } from "../fixtures/box-scene.js";
import { AS_GODOT, DIALECTS, frameIn, openIn } from "../fixtures/dialects.js";
import { RAY_SCENE, rayFrame } from "../fixtures/ray-scene.js";
import { lookOf, picturesOf, psnr, warpedShot } from "../fixtures/warped-shot.js";

const LAST = 8;

type Trace = (tick: number, size: FrameSize) => EngineFrame;

/** The last tick's picture, painted from the first tick's, with planes of a size of their own. */
async function play(
  trace: Trace,
  scene: Scene,
  size: FrameSize,
  planeSize = size,
  dialect = AS_GODOT,
): Promise<Uint8Array> {
  const look = lookOf({ ...size, rgb: trace(0, size).truth as Uint8Array }, 0);
  const wire = [0, LAST].map((tick) =>
    frameIn(dialect, trace(tick, size), scene, size, trace(tick, planeSize), planeSize),
  );
  const answers = await warpedShot(openIn(dialect, scene, size), [look, ...wire]);
  return picturesOf(answers).get(LAST) as Uint8Array;
}

/** Picks the pixels of the last tick that show floor or sky that the first one saw too, both two pixels away from any outline. */
function seenBefore(trace: Trace, size: FrameSize): (p: number) => boolean {
  const [first, last] = [trace(0, size), trace(LAST, size)];
  const kindAt = ({ depth, ownerId }: EngineFrame, p: number) =>
    (ownerId?.[p] ?? 0) + (depth && depth[p] >= BACKGROUND_DEPTH ? 0.5 : 0);
  const isInside = (frame: EngineFrame, column: number, row: number, kind: number): boolean => {
    for (let j = row - 2; j <= row + 2; j++) {
      for (let i = column - 2; i <= column + 2; i++) {
        if (i < 0 || j < 0 || i >= size.width || j >= size.height) return false;
        if (kindAt(frame, j * size.width + i) !== kind) return false;
      }
    }
    return true;
  };
  const { fx } = intrinsicsOf(last.camera.projection, size);
  const moved = last.camera.world[12] - first.camera.world[12];
  return (p) => {
    const column = p % size.width;
    const row = Math.floor(p / size.width);
    const z = (last.depth as Float32Array)[p];
    const kind = kindAt(last, p);
    if (last.ownerId?.[p] !== 0 || !isInside(last, column, row, kind)) return false;
    const way = z >= BACKGROUND_DEPTH ? 0 : (fx * moved) / z;
    return isInside(first, Math.round(column + way), row, kind);
  };
}

describe("planes of another size than the frame", () => {
  const size = { width: 128, height: 72 };
  const scene = boxScene(4);

  it.each([
    { width: 256, height: 144 },
    { width: 384, height: 216 },
    { width: 192, height: 108 },
    { width: 64, height: 36 },
  ])("show a floor as planes of its size do, at $width x $height", async (planeSize) => {
    const trace: Trace = (tick, at) => boxFrame(tick, { ...at, viewHeight: 4, perspective: true, pan: 0.05 });
    const truth = trace(LAST, size).truth as Uint8Array;
    const own = psnr(await play(trace, scene, size), truth, seenBefore(trace, size));
    const other = psnr(await play(trace, scene, size, planeSize), truth, seenBefore(trace, size));
    expect(own).toBeGreaterThan(55);
    expect(other).toBeGreaterThan(55);
  });
});

describe("a scene", () => {
  // As large as the server's blocks, so that it is not rounded.
  const size = { width: 64, height: 40 };

  it.each(DIALECTS)("shows the same in the axes and units of $name", async (dialect) => {
    const godot = await play(rayFrame, RAY_SCENE, size);
    // Positions and matrices are floats on the wire, so that a value may round the other way.
    expect(psnr(await play(rayFrame, RAY_SCENE, size, size, dialect), godot)).toBeGreaterThan(60);
  });
});
