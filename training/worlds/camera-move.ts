import { mat4, vec3 } from "gl-matrix";
import type { Camera } from "playblast/scene/engine-frame";
import { groundOf } from "./cast-of-figures.js";
import type { Figure } from "./figure.js";
import { isFree } from "./obstacle.js";
import type { Place } from "./place.js";
import type { Random } from "./random.js";
import type { Thing } from "./thing.js";

const MOVES = [
  "orbit",
  "orbit",
  "orbit",
  "dolly",
  "truck",
  "truck",
  "pan",
  "handheld",
  "follow",
  "follow",
  "rest",
] as const;
type Move = (typeof MOVES)[number];

/** Clip distances in metres. */
export const NEAR_CLIP = 0.1;
export const FAR_CLIP = 150;

/** The camera at a time in seconds. */
export type CameraAt = (time: number) => Camera;

type View = (time: number) => { eye: vec3; aim: vec3; roll: number };

/** Cameras are kept out of walls and bodies for this long, seconds. */
const CLEAR_FOR = 5;
const CHECKS_A_SECOND = 4;
/** Views tried of one kind of move before another kind: moves that need room would be rare otherwise. */
const TRIES_A_MOVE = 25;
const MOST_TRIES = 100;

/** A camera move around the middle of a place that keeps clear of walls, furniture, figures and things. */
export function makeCamera(
  random: Random,
  place: Place,
  figures: readonly Figure[],
  things: readonly Thing[],
): CameraAt {
  const moments = Array.from({ length: CLEAR_FOR * CHECKS_A_SECOND }, (_, i) => {
    const time = i / CHECKS_A_SECOND;
    return {
      time,
      bodies: [
        ...figures.map((figure) => {
          const { x, z } = groundOf(figure, time);
          return { x, y: figure.build.height / 2, z, room: 0.55 + 0.35 * figure.build.height };
        }),
        ...things.map(({ matrixAt, radius }) => {
          const m = matrixAt(time);
          return { x: m[12], y: m[13], z: m[14], room: radius + 0.5 };
        }),
      ],
    };
  });
  const isClear = (view: View, { time, bodies }: (typeof moments)[number]): boolean => {
    const { eye, aim } = view(time);
    if (!isFree(place, eye[0], eye[2], 0.35, eye[1] - 0.35, eye[1] + 0.35)) return false;
    for (const { x, y, z, room } of bodies)
      if (Math.hypot(eye[0] - x, (eye[1] - y) * 0.6, eye[2] - z) < room) return false;
    // Most of the way to what it looks at is open too.
    const far = Math.hypot(aim[0] - eye[0], aim[2] - eye[2]);
    for (let metres = 0.3; metres < far * 0.75; metres += 0.3) {
      const k = metres / far;
      const y = eye[1] + (aim[1] - eye[1]) * k;
      if (!isFree(place, eye[0] + (aim[0] - eye[0]) * k, eye[2] + (aim[2] - eye[2]) * k, 0.05, y - 0.1, y + 0.1))
        return false;
    }
    return true;
  };
  let best: View | undefined;
  let bestClear = -1;
  let move: Move = "rest";
  for (let tries = 0; tries < MOST_TRIES && bestClear < moments.length; tries++) {
    if (tries % TRIES_A_MOVE === 0) move = random.pick(MOVES);
    const view = randomView(random, move, place, figures);
    let clear = 0;
    while (clear < moments.length && isClear(view, moments[clear])) clear++;
    if (clear > bestClear) [best, bestClear] = [view, clear];
  }
  const view = best as View;
  const fov = random.range(0.65, 1.2);
  return (time) => {
    const { eye, aim, roll } = view(time);
    const world = mat4.targetTo(mat4.create(), eye, aim, [0, 1, 0]);
    mat4.rotateZ(world, world, roll);
    return { world, projection: mat4.perspective(mat4.create(), fov, 16 / 9, NEAR_CLIP, FAR_CLIP) };
  };
}

function randomView(random: Random, move: Move, place: Place, figures: readonly Figure[]): View {
  const most = place.kind === "field" ? 5.5 : Math.min(5, Math.max(place.halfX, place.halfZ) - 0.5);
  const distance = random.range(2, most);
  const height = random.chance(0.15) ? random.range(0.35, 0.8) : random.range(0.9, 2.2);
  const angle = random.range(0, 2 * Math.PI);
  const turn = random.range(0.15, 0.6) * (random.chance(0.5) ? 1 : -1);
  const speed = random.range(0.15, 0.6) * (random.chance(0.5) ? 1 : -1);
  const subject = figures.length > 0 && random.chance(0.6) ? random.pick(figures) : undefined;
  const middle = subject?.way(0) ?? { x: 0, z: 0 };
  const closeness = subject ? random.range(0.5, 1) : 1;
  const centre: vec3 = [
    middle.x * closeness + random.range(-0.4, 0.4),
    random.range(0.6, 1.15),
    middle.z * closeness + random.range(-0.4, 0.4),
  ];
  const shake = move === "handheld" || move === "follow" ? random.range(0.01, 0.035) : 0;
  const behind = random.chance(0.5);
  const rise = move === "orbit" && random.chance(0.3) ? random.range(-0.2, 0.2) : 0;
  return (time) => {
    let a = angle;
    let d = distance;
    const aim = vec3.clone(centre);
    const from = vec3.clone(centre);
    if (move === "orbit") a += turn * time;
    else if (move === "dolly") d = distance * (1 - 0.45 * (0.5 - 0.5 * Math.cos(speed * time * 2)));
    else if (move === "truck" || move === "pan") {
      const way = (move === "pan" ? 1.6 : 1.1) * Math.sin(speed * time * 1.6);
      const side: vec3 = [Math.cos(a) * way, 0, -Math.sin(a) * way];
      vec3.add(aim, aim, side);
      if (move === "truck") vec3.add(from, from, side);
    } else if (move === "follow" && subject) {
      // Keeps the subject in the picture, and walks with it or stays behind.
      const { x, z } = groundOf(subject, time);
      vec3.add(aim, aim, [x - middle.x, 0, z - middle.z]);
      if (behind) vec3.add(from, from, [x - middle.x, 0, z - middle.z]);
      else a += 0.3 * turn * time;
    }
    vec3.add(aim, aim, [
      shake * (Math.sin(time * 3.1) + Math.sin(time * 7.3)),
      shake * Math.sin(time * 4.7 + 1),
      shake * Math.cos(time * 3.7),
    ]);
    const eye: vec3 = [
      from[0] + Math.sin(a) * d + shake * Math.sin(time * 2.3),
      height + rise * time + shake * Math.sin(time * 5.1),
      from[2] + Math.cos(a) * d,
    ];
    return { eye, aim, roll: shake * 0.6 * Math.sin(time * 2.9) };
  };
}
