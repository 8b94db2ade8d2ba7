import { mat4 } from "gl-matrix";
import { expect, it } from "vitest";
import { askSource, makeLayer } from "../../src/conditioning/correspondence.js";
import { frameGeometry } from "../../src/conditioning/geometry.js";
import { makeOwnerTable } from "../../src/conditioning/owners.js";
import { makeOwnershipSetup } from "../../src/conditioning/ownership.js";
import { makeSourceFrame } from "../../src/conditioning/source-frame.js";
import { makeTiles, measureTiles, type Tiles } from "../../src/conditioning/tiles.js";
import { RAY_SCENE, rayFrame } from "../fixtures/ray-scene.js";

const SIZE = { width: 136, height: 72 };

function turned(tick: number, degrees: number) {
  const frame = rayFrame(tick, SIZE);
  const world = mat4.rotateY(mat4.create(), frame.camera.world, (degrees * Math.PI) / 180);
  return { ...frame, camera: { ...frame.camera, world } };
}

it.each([0, 15, 40, 80, 180])("skips tiles without losing an answer, the camera turned by %i degrees", (degrees) => {
  const table = makeOwnerTable(RAY_SCENE);
  const setup = makeOwnershipSetup(RAY_SCENE, table);
  const first = rayFrame(0, SIZE);
  const source = makeSourceFrame(frameGeometry(setup, first, SIZE), first.truth as Uint8Array, first.shade);
  const target = frameGeometry(setup, turned(6, degrees), SIZE);
  const measured = makeTiles(SIZE);
  measureTiles(target, measured);
  expect(measured.owner.some((owner) => owner >= 0)).toBe(true);
  // Where several owners share every tile, none may be skipped.
  const never: Tiles = { ...measured, owner: measured.owner.map(() => -1) };
  const answers = [measured, never].map((tiles) => {
    const layer = makeLayer(SIZE.width * SIZE.height);
    const count = askSource(table, target, tiles, source, 0, undefined, layer);
    return { count, layer };
  });
  expect(answers[0]).toEqual(answers[1]);
});
