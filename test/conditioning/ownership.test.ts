import { expect, it } from "vitest";
import { Conditioner } from "../../src/conditioning/conditioner.js";
import { RAY_SCENE, rayFrame } from "../fixtures/ray-scene.js";

const SIZE = { width: 32, height: 18 };

it("the static world stays the world where things have no id of their own", () => {
  const scene = {
    ...RAY_SCENE,
    objects: RAY_SCENE.objects.map((object) => ({ ...object, ownerId: 0 })),
    characters: RAY_SCENE.characters.map((character) => ({ ...character, ownerId: 0 })),
  };
  const frame = { ...rayFrame(0, SIZE), ownerId: new Uint16Array(SIZE.width * SIZE.height) };
  const conditioner = new Conditioner(scene, SIZE);
  conditioner.setFirstFrame(frame.truth as Uint8Array, frame);
  const [{ geometry }] = conditioner.condition([frame]);
  expect(new Set(geometry.owner)).toEqual(new Set([0]));
});
