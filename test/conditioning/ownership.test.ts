import { expect, it } from "vitest";
import { frameGeometry } from "../../src/conditioning/geometry.js";
import { makeOwnerTable } from "../../src/conditioning/owners.js";
import { makeOwnershipSetup } from "../../src/conditioning/ownership.js";
import { RAY_SCENE, rayFrame } from "../fixtures/ray-scene.js";

const SIZE = { width: 32, height: 18 };

it("the static world stays the world where things have no id of their own", () => {
  const scene = {
    ...RAY_SCENE,
    objects: RAY_SCENE.objects.map((object) => ({ ...object, ownerId: 0 })),
    characters: RAY_SCENE.characters.map((character) => ({ ...character, ownerId: 0 })),
  };
  const frame = { ...rayFrame(0, SIZE), ownerId: new Uint16Array(SIZE.width * SIZE.height) };
  const { owner } = frameGeometry(makeOwnershipSetup(scene, makeOwnerTable(scene)), frame, SIZE);
  expect(new Set(owner)).toEqual(new Set([0]));
});
