import { mat4, vec3 } from "gl-matrix";
import { describe, expect, it } from "vitest";
import { Conditioner } from "../../src/conditioning/conditioner.js";
import { filledWarp } from "../../src/conditioning/filled-warp.js";
import { sceneScale } from "../../src/conditioning/scene-scale.js";
import { BACKGROUND_DEPTH, type EngineFrame } from "../../src/scene/engine-frame.js";
import type { Scene } from "../../src/scene/scene.js";
import { RAY_SCENE, rayFrame } from "../fixtures/ray-scene.js";
import { psnr } from "../fixtures/warped-shot.js";

const SIZE = { width: 64, height: 36 };
const [FIRST, LAST] = [rayFrame(0, SIZE), rayFrame(10, SIZE)];

const times = (v: vec3, factor: number): vec3 => vec3.scale(vec3.create(), v, factor);

/** A scene of another size, declared as such. */
function sized(scene: Scene, factor: number): Scene {
  return {
    near: scene.near * factor,
    far: scene.far * factor,
    characters: scene.characters.map((character) => ({
      ...character,
      bones: character.bones.map((bone) => ({
        ...bone,
        restPosition: times(bone.restPosition, factor),
        radius: bone.radius * factor,
      })),
    })),
    objects: scene.objects.map((object) => ({
      ...object,
      min: times(object.min, factor),
      max: times(object.max, factor),
    })),
  };
}

function sizedFrame(frame: EngineFrame, factor: number, ownerIds: boolean): EngineFrame {
  const place = (m: mat4): mat4 => {
    const out = mat4.clone(m);
    for (let i = 12; i < 15; i++) out[i] *= factor;
    return out;
  };
  const projection = mat4.clone(frame.camera.projection);
  projection[14] *= factor;
  return {
    ...frame,
    camera: { world: place(frame.camera.world), projection },
    poses: frame.poses.map((pose) => pose && { ...pose, positions: pose.positions.map((value) => value * factor) }),
    objects: frame.objects.map((object) => object && place(object)),
    lights: [
      {
        kind: "point",
        position: [0, 3 * factor, 1 * factor],
        direction: [0, -1, 0],
        colour: [4, 4, 4],
        range: 8 * factor,
        spotAngle: 0,
        castsShadow: false,
      },
    ],
    depth: frame.depth?.map((z) => (z >= BACKGROUND_DEPTH ? z : z * factor)),
    ownerId: ownerIds ? frame.ownerId : undefined,
  };
}

/** What a conditioner makes of the last tick, from the first one's picture, in a scene of another size. */
function seenAt(factor: number, ownerIds: boolean) {
  const conditioner = new Conditioner(sized(RAY_SCENE, factor), SIZE);
  conditioner.setFirstFrame(FIRST.truth as Uint8Array, sizedFrame(FIRST, factor, ownerIds));
  const [seen] = conditioner.condition([sizedFrame(LAST, factor, ownerIds)]);
  return { seen, picture: filledWarp(seen.control, SIZE) };
}

describe("a scene of any size", () => {
  it.each([
    [0.01, true],
    [0.01, false],
    [100, true],
    [100, false],
  ])("looks the same %f times as large, owner ids %s", (factor, ownerIds) => {
    const plain = seenAt(1, ownerIds);
    const { seen, picture } = seenAt(factor, ownerIds);
    let differing = 0;
    const same = seen.geometry.owner.filter((owner, p) => owner === plain.seen.geometry.owner[p]).length;
    expect(same / seen.geometry.owner.length).toBeGreaterThan(0.999);
    expect(psnr(picture, plain.picture)).toBeGreaterThan(60);
    // Depth, normals and light reach the network as in the scene of usual size.
    plain.seen.control.forEach((value, i) => {
      if (Math.abs(value - seen.control[i]) > 0.02) differing++;
    });
    expect(differing / plain.seen.control.length).toBeLessThan(0.002);
  });

  it("without ids finds a figure as well when it is small: margins are shares of it", () => {
    for (const factor of [0.003, 0.05, 3]) {
      const owners = seenAt(factor, false).seen.geometry.owner;
      const told = seenAt(factor, true).seen.geometry.owner;
      const same = owners.filter((owner, p) => owner === told[p]).length / owners.length;
      expect(same).toBeGreaterThan(0.98);
    }
  });

  it("is of the usual size where most of what is seen is 1 to 100 m away", () => {
    // Its floor goes on for some 13 m.
    const scales = [0.001, 0.1, 1, 5, 100].map((factor) => sceneScale(sizedFrame(FIRST, factor, true)));
    expect(scales).toEqual([0.01, 1, 1, 1, 100]);
    expect(sceneScale({ ...FIRST, depth: undefined })).toBe(1);
  });
});
