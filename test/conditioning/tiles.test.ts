import { mat4 } from "gl-matrix";
import { expect, it } from "vitest";
import { Conditioner } from "../../src/conditioning/conditioner.js";
import { TILE } from "../../src/conditioning/frame-room.js";
import type { EngineFrame } from "../../src/scene/engine-frame.js";
import type { Scene } from "../../src/scene/scene.js";
import { RAY_SCENE, rayFrame } from "../fixtures/ray-scene.js";

const SIZE = { width: 136, height: 72 };
/** A thing that never moves, of which no frame shows more than the pixels that a test gives to it. */
const MARK_ID = 99;
const SCENE: Scene = {
  ...RAY_SCENE,
  objects: [...RAY_SCENE.objects, { id: "mark", name: "mark", min: [-1, -1, -1], max: [1, 1, 1], ownerId: MARK_ID }],
};

function frameOf(tick: number, degrees: number): EngineFrame {
  const frame = rayFrame(tick, SIZE);
  const world = mat4.rotateY(mat4.create(), frame.camera.world, (degrees * Math.PI) / 180);
  return { ...frame, camera: { ...frame.camera, world }, objects: [...frame.objects, mat4.create()] };
}

/** Trust of the first frame's answer for each pixel of a frame. */
function trustOf(frame: EngineFrame): Uint8Array {
  const conditioner = new Conditioner(SCENE, SIZE);
  const first = frameOf(0, 0);
  conditioner.setFirstFrame(first.truth as Uint8Array, first);
  const [{ correspondence }] = conditioner.condition([frame]);
  return correspondence.anchor.trust;
}

it.each([0, 15, 40, 80, 180])("skips tiles without losing an answer, the camera turned by %i degrees", (degrees) => {
  const frame = frameOf(6, degrees);
  // Where several owners share every tile, none may be skipped.
  const ids = (frame.ownerId as Uint16Array).slice();
  const marked = (p: number) => (p % SIZE.width) % TILE === 0 && Math.floor(p / SIZE.width) % TILE === 0;
  for (let p = 0; p < ids.length; p++) if (marked(p)) ids[p] = MARK_ID;
  const all = trustOf({ ...frame, ownerId: ids });
  const skipping = trustOf(frame);
  const same = skipping.map((trust, p) => (marked(p) ? 0 : trust));
  expect(same).toEqual(all.map((trust, p) => (marked(p) ? 0 : trust)));
  if (degrees < 40) expect(same.some((trust) => trust > 0)).toBe(true);
});
