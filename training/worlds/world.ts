import { mat4, quat, vec3 } from "gl-matrix";
import type { Camera, Light, Pose } from "playblast/scene/engine-frame";
import type { Scene, SceneObject } from "playblast/scene/scene";
import { type Figure, fleshOf, HELD_OUT_MOTIONS, MOTIONS, makeFigure, poseAt } from "./figure.js";
import { randomColour, randomMaterial } from "./material.js";
import { Random } from "./random.js";
import { inverseOf, type Shape, type Solid } from "./solid.js";

/** Ticks a second. */
export const FRAME_RATE = 24;
/** Seeds from here on are held out: they also use the gallery, cones and spin kicks, which no other seed has. */
export const FIRST_HELD_OUT_SEED = 1_000_000;

type Place = "court" | "room" | "field" | "gallery";
type Path = "rest" | "roll" | "bounce" | "spin" | "pendulum" | "slide";
type Move = "orbit" | "dolly" | "truck" | "pan" | "handheld" | "follow" | "rest";

/** Sky as a gradient with clouds; linear RGB. */
export interface Sky {
  readonly zenith: readonly [number, number, number];
  readonly horizon: readonly [number, number, number];
  readonly clouds: number;
  readonly seed: number;
}

/** Everything of a world at one tick. */
export interface Moment {
  readonly camera: Camera;
  readonly solids: readonly Solid[];
  readonly poses: readonly Pose[];
  readonly objects: readonly mat4[];
  readonly lights: readonly Light[];
}

/** A procedurally made world: a scene and what it looks like at any tick. */
export interface World {
  readonly seed: number;
  readonly scene: Scene;
  readonly sky: Sky;
  readonly at: (tick: number) => Moment;
}

interface Thing {
  readonly object: SceneObject;
  readonly path: Path;
  readonly start: vec3;
  readonly speed: number;
  readonly heading: number;
  readonly phase: number;
  readonly radius: number;
  readonly parts: readonly Omit<Solid, "owner" | "castsShadow">[];
}

/** Makes the world of a seed. */
export function makeWorld(seed: number): World {
  const random = new Random(seed);
  const heldOut = seed >= FIRST_HELD_OUT_SEED;
  const place: Place = heldOut ? random.pick(["gallery", "court", "room"]) : random.pick(["court", "room", "field"]);
  const half = place === "field" ? 14 : random.range(4, 6.5);
  const still: Solid[] = [];
  const fixed = (shape: Shape, halves: readonly [number, number, number], at: vec3, muted: boolean, yaw = 0) => {
    const matrix = mat4.fromRotationTranslation(mat4.create(), quat.setAxisAngle(quat.create(), [0, 1, 0], yaw), at);
    still.push({
      shape,
      half: halves,
      matrix,
      owner: 0,
      material: randomMaterial(random, muted),
      textureShift: [0, 0, 0],
      castsShadow: true,
    });
  };
  const ground = place === "field" || place === "court" ? 20 : half + 0.3;
  fixed("box", [ground, 0.1, ground], [0, -0.1, 0], true);
  const wallHeight = place === "room" || place === "gallery" ? random.range(2.6, 3.6) : random.range(0.6, 3);
  const walls = place === "field" ? 0 : place === "court" ? random.whole(1, 3) : 4;
  for (let i = 0; i < walls; i++) {
    const turn = (i * Math.PI) / 2;
    fixed(
      "box",
      [half + 0.2, wallHeight / 2, 0.15],
      [Math.sin(turn) * half, wallHeight / 2, Math.cos(turn) * half],
      true,
      turn,
    );
  }
  const clutter = random.whole(3, place === "field" ? 12 : 8);
  const shapes: Shape[] = heldOut ? ["box", "cylinder", "cone"] : ["box", "cylinder"];
  for (let i = 0; i < clutter; i++) {
    const angle = random.range(0, 6.28);
    const away = random.chance(0.35) ? random.range(0.8, 1.8) : random.range(half * 0.72, half * 0.95);
    const halves: [number, number, number] = [
      random.range(0.15, 0.6),
      random.range(0.15, 1.1),
      random.range(0.15, 0.6),
    ];
    if (away < 2) halves[1] = random.range(0.15, 0.5);
    const at: vec3 = [Math.sin(angle) * away, halves[1], Math.cos(angle) * away];
    const shape = random.pick(shapes);
    fixed(shape, halves, at, random.chance(0.5), random.range(0, 3));
    // A table top, a lintel, a second step: compound furniture.
    if (shape === "box" && random.chance(0.4)) {
      const top = random.range(1.1, 1.6);
      fixed("box", [halves[0] * top, 0.06, halves[2] * top], [at[0], halves[1] * 2 + 0.06, at[2]], true, 0);
    }
  }
  if (place === "gallery") {
    for (let i = 0; i < 8; i++) {
      const side = i % 2 ? 1 : -1;
      fixed(
        "cylinder",
        [0.22, wallHeight / 2, 0.22],
        [side * half * 0.55, wallHeight / 2, -half + 1 + (i >> 1) * 2.4],
        true,
      );
    }
  }

  let nextId = 1;
  const figures: Figure[] = [];
  for (let i = random.whole(random.chance(0.12) ? 0 : 1, 3); i > 0; i--) {
    const motion = heldOut && random.chance(0.4) ? random.pick(HELD_OUT_MOTIONS) : random.pick(MOTIONS);
    const perBone = random.chance(0.5);
    const angle = random.range(0, 6.28);
    const away = random.range(0.3, 1.4);
    const figure = makeFigure(random, `figure-${i}`, nextId, perBone, motion, [
      Math.sin(angle) * away,
      0,
      Math.cos(angle) * away,
    ]);
    // Walkers start behind the middle and pass through it.
    const back = motion === "walk" ? 1.6 : motion === "run" ? 3 : 0;
    vec3.add(figure.start, figure.start, [-Math.sin(figure.heading) * back, 0, -Math.cos(figure.heading) * back]);
    figures.push(figure);
    nextId += perBone ? figure.character.bones.length : 1;
  }
  const things: Thing[] = [];
  for (let i = random.whole(1, 5); i > 0; i--) things.push(makeThing(random, `thing-${i}`, nextId++, shapes, half));

  const indoor = place === "room" || place === "gallery";
  const elevation = random.range(0.5, 1.25);
  const azimuth = random.range(0, 6.28);
  const sunTurns = random.chance(0.3) ? random.range(-0.25, 0.25) : 0;
  const sunStrength = indoor ? random.range(0.25, 0.6) : random.range(0.45, 0.9);
  const warm = random.range(-0.12, 0.12);
  const ambient = random.range(0.12, 0.4);
  const lamps = Array.from({ length: random.chance(indoor ? 0.8 : 0.3) ? random.whole(1, 2) : 0 }, () => ({
    at: [random.range(-half, half) * 0.6, random.range(1.6, 2.5), random.range(-half, half) * 0.6] as vec3,
    colour: randomColour(random, true).map((value) => value * random.range(0.5, 2)) as vec3,
    swing: random.chance(0.4) ? random.range(0.2, 0.8) : 0,
  }));
  const sky: Sky = {
    zenith: [random.range(0.05, 0.3), random.range(0.15, 0.4), random.range(0.35, 0.8)],
    horizon: [random.range(0.4, 0.8), random.range(0.45, 0.75), random.range(0.5, 0.8)],
    clouds: random.range(0, 0.8),
    seed: random.whole(0, 1 << 20),
  };
  let cameraAt = makeCamera(random, place, half, figures);
  for (let tries = 0; tries < 12 && !viewIsClear(cameraAt, still, figures); tries++)
    cameraAt = makeCamera(random, place, half, figures);
  const scene: Scene = {
    near: 0.1,
    far: 100,
    characters: figures.map((figure) => figure.character),
    objects: things.map((thing) => thing.object),
  };
  const at = (tick: number): Moment => {
    const time = tick / FRAME_RATE;
    const poses = figures.map((figure) => poseAt(figure, time));
    const objects = things.map((thing) => placeOf(thing, time));
    const solids = [
      ...still,
      ...figures.flatMap((figure, i) => fleshOf(figure, poses[i])),
      ...things.flatMap((thing, i) =>
        thing.parts.map((part) => ({
          ...part,
          matrix: mat4.multiply(mat4.create(), objects[i], part.matrix),
          owner: thing.object.ownerId,
          castsShadow: true,
        })),
      ),
    ];
    const turn = azimuth + sunTurns * time;
    const direction: vec3 = [
      -Math.sin(turn) * Math.cos(elevation),
      -Math.sin(elevation),
      -Math.cos(turn) * Math.cos(elevation),
    ];
    const lights: Light[] = [
      light(
        "directional",
        [0, 0, 0],
        direction,
        [sunStrength * (1 + warm), sunStrength, sunStrength * (1 - warm)],
        true,
      ),
      light("ambient", [0, 0, 0], [0, -1, 0], [ambient * (1 - warm), ambient, ambient * (1 + warm)], false),
      ...lamps.map((lamp) => {
        const sway = lamp.swing * Math.sin(time * 2);
        return light("point", [lamp.at[0] + sway, lamp.at[1], lamp.at[2]], [0, -1, 0], lamp.colour, false);
      }),
    ];
    return { camera: cameraAt(time), solids, poses, objects, lights };
  };
  return { seed, scene, sky, at };
}

function light(kind: Light["kind"], position: vec3, direction: vec3, colour: vec3, castsShadow: boolean): Light {
  return { kind, position, direction, colour, range: 0, spotAngle: 0, castsShadow };
}

function makeThing(random: Random, id: string, ownerId: number, shapes: readonly Shape[], half: number): Thing {
  const path = random.pick(["rest", "roll", "bounce", "spin", "pendulum", "slide"] as const);
  const round = path === "roll" || path === "bounce" || random.chance(0.2);
  const shape: Shape = round ? "ellipsoid" : random.pick(shapes);
  const radius = random.range(0.12, 0.4);
  const halves: [number, number, number] = round
    ? [radius, radius, radius]
    : [random.range(0.12, 0.45), random.range(0.12, 0.45), random.range(0.12, 0.45)];
  const identity = mat4.create();
  const parts: Thing["parts"][number][] = [
    { shape, half: halves, matrix: identity, material: randomMaterial(random, false), textureShift: [0, 0, 0] },
  ];
  let reach = Math.max(...halves);
  if (!round && random.chance(0.4)) {
    const matrix = mat4.fromTranslation(mat4.create(), [0, halves[1] + 0.12, 0]);
    parts.push({
      shape: "box",
      half: [0.1, 0.12, 0.1],
      matrix,
      material: randomMaterial(random, false),
      textureShift: [0.3, 0, 0],
    });
    reach = Math.max(reach, halves[1] + 0.24);
  }
  const angle = random.range(0, 6.28);
  const away = random.range(0.4, half * 0.5);
  return {
    object: {
      id,
      name: id,
      ownerId,
      min: [-halves[0], -halves[1], -halves[2]],
      max: [halves[0], parts.length > 1 ? halves[1] + 0.24 : halves[1], halves[2]],
    },
    path,
    start: [Math.sin(angle) * away, shape === "ellipsoid" ? radius : halves[1], Math.cos(angle) * away],
    speed: random.range(0.3, 1.6),
    heading: random.range(0, 6.28),
    phase: random.range(0, 6.28),
    radius: shape === "ellipsoid" ? radius : reach,
    parts,
  };
}

function placeOf(thing: Thing, time: number): mat4 {
  const { path, start, speed, heading, phase, radius } = thing;
  const matrix = mat4.create();
  const travel = 1.2 * Math.sin(speed * time + phase);
  if (path === "roll") {
    mat4.translate(matrix, matrix, [
      start[0] + travel * Math.sin(heading),
      start[1],
      start[2] + travel * Math.cos(heading),
    ]);
    mat4.rotate(matrix, matrix, travel / radius, [Math.cos(heading), 0, -Math.sin(heading)]);
  } else if (path === "bounce") {
    const hop = ((time * 1.1 + phase) % 1) - 0.5;
    mat4.translate(matrix, matrix, [
      start[0] + travel * Math.sin(heading),
      start[1] + 1.1 * (1 - 4 * hop * hop),
      start[2] + travel * Math.cos(heading),
    ]);
    mat4.rotate(matrix, matrix, time * speed * 2, [0.6, 0.8, 0]);
  } else if (path === "spin") {
    mat4.translate(matrix, matrix, start);
    mat4.rotateY(matrix, matrix, phase + time * speed);
  } else if (path === "pendulum") {
    mat4.translate(matrix, matrix, [start[0], 2.4, start[2]]);
    mat4.rotate(matrix, matrix, 0.6 * Math.sin(time * 2.2 + phase), [Math.cos(heading), 0, Math.sin(heading)]);
    mat4.translate(matrix, matrix, [0, -1.3, 0]);
  } else if (path === "slide") {
    mat4.translate(matrix, matrix, [
      start[0] + travel * Math.sin(heading),
      start[1],
      start[2] + travel * Math.cos(heading),
    ]);
    mat4.rotateY(matrix, matrix, heading);
  } else {
    mat4.translate(matrix, matrix, start);
    mat4.rotateY(matrix, matrix, heading);
  }
  return matrix;
}

/** Whether a camera stays out of furniture and bodies for the first seconds. */
function viewIsClear(cameraAt: (time: number) => Camera, still: readonly Solid[], figures: readonly Figure[]): boolean {
  const margin = 0.4;
  const local = vec3.create();
  for (let time = 0; time <= 4; time += 0.25) {
    const { world } = cameraAt(time);
    const eye: vec3 = [world[12], world[13], world[14]];
    for (const solid of still) {
      vec3.transformMat4(local, eye, inverseOf(solid));
      if (solid.half.every((half, axis) => Math.abs(local[axis]) < half + margin)) return false;
    }
    for (const figure of figures) {
      const { positions } = poseAt(figure, time);
      if (Math.hypot(positions[0] - eye[0], positions[2] - eye[2]) < 0.9) return false;
    }
  }
  return true;
}

/** A camera move around the middle of the place. */
function makeCamera(random: Random, place: Place, half: number, figures: readonly Figure[]): (time: number) => Camera {
  const move: Move = random.pick(["orbit", "orbit", "dolly", "truck", "pan", "handheld", "follow", "rest"]);
  const distance = Math.min(random.range(2.4, 4.4), place === "field" ? 6 : half - 0.7);
  const height = random.range(0.8, 2.2);
  const angle = random.range(0, 6.28);
  const turn = random.range(0.15, 0.6) * (random.chance(0.5) ? 1 : -1);
  const speed = random.range(0.15, 0.6) * (random.chance(0.5) ? 1 : -1);
  const target: vec3 = [random.range(-0.4, 0.4), random.range(0.6, 1.1), random.range(-0.4, 0.4)];
  const fov = random.range(0.65, 1.2);
  const wobble = random.range(0.5, 1.5);
  const followed = figures[0];
  return (time) => {
    let a = angle;
    let d = distance;
    const aim = vec3.clone(target);
    const eyeShift: vec3 = [0, 0, 0];
    if (move === "orbit") a += turn * time;
    else if (move === "dolly") d = distance * (1 - 0.45 * (0.5 - 0.5 * Math.cos(speed * time * 2)));
    else if (move === "truck" || move === "pan") {
      const way = 1.1 * Math.sin(speed * time * 1.6);
      const side: vec3 = [Math.cos(a) * way, 0, -Math.sin(a) * way];
      vec3.add(aim, aim, side);
      if (move === "truck") vec3.add(eyeShift, eyeShift, side);
    } else if (move === "follow" && followed) {
      const pose = poseAt(followed, time);
      vec3.set(aim, pose.positions[0] * 0.7, pose.positions[1], pose.positions[2] * 0.7);
      a += 0.3 * turn * time;
    }
    if (move === "handheld" || move === "follow") {
      const w = wobble * 0.02;
      vec3.add(aim, aim, [
        w * Math.sin(time * 3.1) + w * Math.sin(time * 7.3),
        w * Math.sin(time * 4.7 + 1),
        w * Math.cos(time * 3.7),
      ]);
    }
    const eye: vec3 = [Math.sin(a) * d + eyeShift[0], height, Math.cos(a) * d + eyeShift[2]];
    const limit = place === "field" ? 30 : half - 0.4;
    eye[0] = Math.max(-limit, Math.min(limit, eye[0]));
    eye[2] = Math.max(-limit, Math.min(limit, eye[2]));
    const world = mat4.targetTo(mat4.create(), eye, aim, [0, 1, 0]);
    return { world, projection: mat4.perspective(mat4.create(), fov, 16 / 9, 0.1, 100) };
  };
}
