import { mat4, vec3 } from "gl-matrix";
import { boneMatrix, type Figure, poseAt } from "./figure.js";
import { type Floor, freeReach } from "./obstacle.js";
import type { Random } from "./random.js";
import { BONE } from "./skeleton.js";

/** How a thing moves; those in a hand need a figure. */
export const THING_PATHS = ["rest", "roll", "bounce", "spin", "pendulum", "slide"] as const;
export type ThingPath = (typeof THING_PATHS)[number];

/** Local to world of a thing at a time in seconds. */
export type MatrixAt = (time: number) => mat4;

/** Where a thing begins and how large it is, metres. */
export interface Start {
  readonly x: number;
  /** Level that it stands on. */
  readonly y: number;
  readonly z: number;
  /** From its lowest point up to its origin. */
  readonly seat: number;
  /** Of the ball around it; rolling things are such balls. */
  readonly radius: number;
}

const GRAVITY = 9.8;

/** Length of the line that a pendulum hangs on. */
export const PENDULUM_LINE = 1.3;

/** A random path of a kind, kept to the free ground around its start. */
export function makePath(random: Random, kind: ThingPath, start: Start, floor: Floor): MatrixAt {
  const { x, y, z, seat, radius } = start;
  const phase = random.range(0, 2 * Math.PI);
  const speed = random.range(0.4, 1.8) * (random.chance(0.5) ? 1 : -1);
  let heading = 0;
  let reach = -1;
  for (let tries = 0; tries < 8; tries++) {
    const candidate = random.range(0, 2 * Math.PI);
    const free = Math.min(
      freeReach(floor, x, z, candidate, radius, 1.6),
      freeReach(floor, x, z, candidate + Math.PI, radius, 1.6),
    );
    if (free > reach) [heading, reach] = [candidate, free];
  }
  const ahead: vec3 = [Math.sin(heading), 0, Math.cos(heading)];
  const aside: vec3 = [Math.cos(heading), 0, -Math.sin(heading)];
  const along = (metres: number, height: number): mat4 =>
    mat4.fromTranslation(mat4.create(), [x + ahead[0] * metres, height, z + ahead[2] * metres]);
  const travel = (time: number) => reach * Math.sin(speed * time + phase);
  const turned = random.range(0, 2 * Math.PI);
  switch (kind) {
    case "rest": {
      const still = mat4.rotateY(mat4.create(), along(0, y + seat), turned);
      return () => mat4.clone(still);
    }
    case "roll":
      return (time) => {
        const matrix = along(travel(time), y + seat);
        return mat4.rotate(matrix, matrix, travel(time) / radius, aside);
      };
    case "bounce": {
      const height = random.range(0.3, 1.4);
      const beat = Math.sqrt(GRAVITY / (8 * height));
      const axis = vec3.normalize(vec3.create(), [0.6, random.range(-1, 1), 0.3]);
      return (time) => {
        const hop = ((time * beat + phase) % 1) * 2 - 1;
        const matrix = along(travel(time), y + radius + height * (1 - hop * hop));
        return mat4.rotate(matrix, matrix, time * speed * 2, axis);
      };
    }
    case "spin": {
      const lift = random.chance(0.3) ? random.range(0.3, 1) : 0;
      return (time) => {
        const matrix = along(0, y + seat + lift * (1 + 0.2 * Math.sin(time * 1.5 + phase)));
        return mat4.rotateY(matrix, matrix, phase + 1.5 * time * speed);
      };
    }
    case "pendulum": {
      // Held at the top of its line; the thing's origin is at the line's lower end.
      const pivot = PENDULUM_LINE + seat + random.range(0.3, 0.8);
      const swing = random.range(0.2, 0.5) * Math.min(1, 0.3 + reach);
      return (time) => {
        const matrix = along(0, pivot);
        mat4.rotate(matrix, matrix, swing * Math.sin(2.4 * time + phase), aside);
        return mat4.translate(matrix, matrix, [0, -PENDULUM_LINE, 0]);
      };
    }
    case "slide":
      return (time) => {
        const matrix = along(travel(time), y + seat);
        return mat4.rotateY(matrix, matrix, heading);
      };
  }
}

/** The hand of a figure that moves most in its one-sided motions. */
function handOf(figure: Figure): number {
  return figure.manner.side > 0 ? BONE.leftHand : BONE.rightHand;
}

/** A thing held in a figure's hand. */
export function carriedPath(figure: Figure, radius: number): MatrixAt {
  const hand = handOf(figure);
  const below = 0.07 * figure.build.height + radius;
  return (time) => {
    const matrix = boneMatrix(poseAt(figure, time), hand);
    return mat4.translate(matrix, matrix, [0, -below, 0]);
  };
}

/** A ball in a thrower's hand, then in the air, bouncing, and at last at rest. */
export function thrownPath(random: Random, figure: Figure, radius: number, floor: Floor): MatrixAt {
  const carried = carriedPath(figure, radius);
  const { release } = figure.manner;
  const origin = carried(release);
  const from: vec3 = [origin[12], Math.max(origin[13], radius + 0.1), origin[14]];
  const { heading } = figure.way(0);
  const reach = Math.max(0.3, freeReach(floor, from[0], from[2], heading, radius, random.range(2.5, 7)));
  const arcs: { start: number; height: number; up: number; length: number; x: number; speed: number }[] = [];
  let start = 0;
  let height = from[1];
  let up = random.range(0.5, 3);
  let x = 0;
  let speed = 0;
  for (let bounce = 0; bounce < 4; bounce++) {
    const fall = height - radius;
    const length = (up + Math.sqrt(up * up + 2 * GRAVITY * fall)) / GRAVITY;
    // The first arc takes it over six tenths of the way; later ones are shorter.
    if (bounce === 0) speed = (0.6 * reach) / length;
    arcs.push({ start, height, up, length, x, speed });
    x = Math.min(reach, x + speed * length);
    start += length;
    up = 0.5 * (GRAVITY * length - up);
    height = radius;
    speed *= 0.5;
  }
  const axis: vec3 = [Math.cos(heading), 0, -Math.sin(heading)];
  return (time) => {
    const t = time - release;
    if (t <= 0) return carried(time);
    const arc = arcs.find((one) => t < one.start + one.length);
    const into = arc ? t - arc.start : 0;
    const metres = arc ? Math.min(reach, arc.x + arc.speed * into) : x;
    const level = arc ? arc.height + arc.up * into - (GRAVITY / 2) * into * into : radius;
    const matrix = mat4.clone(origin);
    matrix[12] = from[0] + metres * Math.sin(heading);
    matrix[13] = level;
    matrix[14] = from[2] + metres * Math.cos(heading);
    const turn = mat4.fromRotation(mat4.create(), metres / radius, axis) as mat4;
    const place: vec3 = [matrix[12], matrix[13], matrix[14]];
    matrix[12] = matrix[13] = matrix[14] = 0;
    mat4.multiply(matrix, turn, matrix);
    [matrix[12], matrix[13], matrix[14]] = place;
    return matrix;
  };
}
