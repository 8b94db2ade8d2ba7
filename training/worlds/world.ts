import type { mat4 } from "gl-matrix";
import type { Camera, Light, Pose } from "playblast/scene/engine-frame";
import type { Scene } from "playblast/scene/scene";
import { poseBody } from "./body.js";
import { FAR_CLIP, makeCamera, NEAR_CLIP } from "./camera-move.js";
import { groundOf, makeFigures } from "./cast-of-figures.js";
import { type Figure, poseAt } from "./figure.js";
import { makeLights } from "./lighting.js";
import type { Material } from "./material.js";
import { HELD_OUT_PLACE, makePlace, PLACES, type Place, type PlaceKind } from "./place.js";
import { Random } from "./random.js";
import type { Soup } from "./raster.js";
import { randomSky, type Sky } from "./sky.js";
import { moveMesh, SoupBuilder } from "./soup.js";
import { makeHandheld, makeThing, type Thing } from "./thing.js";

/** Ticks a second. */
export const FRAME_RATE = 24;
/** Seeds from here on are held out: they also use the gallery, sculptures, cones, rings and spin kicks, which no other seed has. */
export const FIRST_HELD_OUT_SEED = 1_000_000;

/** Everything of a world at one tick. */
export interface Moment {
  readonly camera: Camera;
  /** The world's one soup: the next moment is written over it. */
  readonly soup: Soup;
  readonly poses: readonly Pose[];
  readonly objects: readonly mat4[];
  /** The sun, the ambient light, then lamps. */
  readonly lights: readonly Light[];
}

/** A procedurally made world: a scene and what it looks like at any tick. */
export interface World {
  readonly seed: number;
  readonly scene: Scene;
  readonly sky: Sky;
  /** By the indices in the soup. */
  readonly materials: readonly Material[];
  /** Whatever throws a shadow that is seen lies within this many metres of the origin. */
  readonly reach: number;
  readonly soup: Soup;
  readonly at: (tick: number) => Moment;
}

/** Makes the world of a seed. */
export function makeWorld(seed: number): World {
  const random = new Random(seed);
  const heldOut = seed >= FIRST_HELD_OUT_SEED;
  const kind: PlaceKind = heldOut ? random.pick([HELD_OUT_PLACE, "court", "room"] as const) : random.pick(PLACES);
  const materials: Material[] = [];
  const place = makePlace(random, materials, kind, heldOut);
  const people = random.chance(0.12) ? 0 : random.whole(1, 4);
  const figures = makeFigures(random, materials, place, people, heldOut, 1);
  const things = makeThings(random, materials, place, figures, heldOut);
  const lightsAt = makeLights(random, place);
  const sky = randomSky(random);
  const cameraAt = makeCamera(random, place, figures, things);

  const builder = new SoupBuilder();
  builder.add(place.ground, () => 0, false);
  builder.add(place.built, () => 0, true);
  const bodies = figures.map(({ skin, character }) =>
    builder.add(
      skin.mesh,
      (triangle) => character.ownerId + (character.ownerIdPerBone ? skin.triangleBones[triangle] : 0),
      true,
    ),
  );
  const rigid = things.map(({ mesh, object }) => builder.add(mesh, () => object.ownerId, true));
  const soup = builder.soup();
  const scene: Scene = {
    near: NEAR_CLIP,
    far: FAR_CLIP,
    characters: figures.map((figure) => figure.character),
    objects: things.map((thing) => thing.object),
  };
  const at = (tick: number): Moment => {
    const time = tick / FRAME_RATE;
    const poses = figures.map((figure) => poseAt(figure, time));
    const objects = things.map((thing) => thing.matrixAt(time));
    for (const [i, { skin }] of figures.entries()) poseBody(skin, poses[i], soup.positions, soup.normals, bodies[i]);
    for (const [i, { mesh }] of things.entries()) moveMesh(mesh, objects[i], soup, rigid[i]);
    return { camera: cameraAt(time), soup, poses, objects, lights: lightsAt(time) };
  };
  return { seed, scene, sky, materials, reach: Math.hypot(place.halfX, place.halfZ) + 0.5, soup, at };
}

/** Things in hands and things about the place; the latter keep clear of figures for the first seconds. */
function makeThings(
  random: Random,
  materials: Material[],
  place: Place,
  figures: readonly Figure[],
  heldOut: boolean,
): Thing[] {
  const last = figures.at(-1)?.character;
  let ownerId = last ? last.ownerId + (last.ownerIdPerBone ? last.bones.length : 1) : 1;
  const things: Thing[] = [];
  for (const figure of figures) {
    const { motion } = figure.manner;
    if (motion !== "throw" && !(motion === "lift" ? random.chance(0.9) : random.chance(0.1))) continue;
    things.push(
      makeHandheld(random, materials, place, figure, { id: `thing-${things.length + 1}`, ownerId: ownerId++ }),
    );
  }
  for (let i = random.whole(1, 5); i > 0; i--) {
    for (let tries = 0; tries < 8; tries++) {
      const thing = makeThing(random, materials, place, { id: `thing-${things.length + 1}`, ownerId, heldOut });
      if (!thing || !keepsClear(thing, figures, things)) continue;
      things.push(thing);
      ownerId++;
      break;
    }
  }
  return things;
}

function keepsClear(thing: Thing, figures: readonly Figure[], things: readonly Thing[]): boolean {
  for (let time = 0; time < 5; time += 0.25) {
    const m = thing.matrixAt(time);
    for (const figure of figures) {
      const { x, z } = groundOf(figure, time);
      if (Math.hypot(m[12] - x, m[14] - z) < thing.radius + 0.45) return false;
    }
    for (const other of things) {
      if (other.held) continue;
      const o = other.matrixAt(time);
      if (Math.hypot(m[12] - o[12], m[13] - o[13], m[14] - o[14]) < thing.radius + other.radius) return false;
    }
  }
  return true;
}
