import { type Figure, makeFigure } from "./figure.js";
import type { Material } from "./material.js";
import { HELD_OUT_MOTIONS, MOTIONS, type Motion, speedOf } from "./motion.js";
import { isFree } from "./obstacle.js";
import { randomWay, standing, type Way } from "./path.js";
import { findSpot, type Place } from "./place.js";
import type { Random } from "./random.js";

/** Room that a standing figure needs around it, metres; walkers are kept this far from everything. */
const ROOM = 0.45;
/** Figures keep this far apart. */
const APART = 0.85;
/** Figures are kept apart for this long, seconds. */
const APART_FOR = 6;
/** Ways are tried over this many metres: longer than any lap. */
const LONGEST_LAP = 14;
const TRAVELLERS: readonly Motion[] = ["walk", "run", "sneak"];

/** Makes up to `count` figures that keep to the free ground and out of each other; their ids count up from `firstId`. */
export function makeFigures(
  random: Random,
  materials: Material[],
  place: Place,
  count: number,
  heldOut: boolean,
  firstId: number,
): Figure[] {
  const figures: Figure[] = [];
  let ownerId = firstId;
  for (let i = 0; i < count; i++) {
    const motion: Motion = heldOut && random.chance(0.4) ? random.pick(HELD_OUT_MOTIONS) : random.pick(MOTIONS);
    const perBone = random.chance(0.5);
    for (let tries = 0; tries < 5; tries++) {
      const way = TRAVELLERS.includes(motion) ? freeWay(random, place) : freeStand(random, place);
      if (!way) continue;
      const figure = makeFigure(random, materials, { id: `figure-${i + 1}`, ownerId, perBone, motion, way });
      if (!figures.every((other) => staysApart(figure, other))) continue;
      figures.push(figure);
      ownerId += perBone ? figure.character.bones.length : 1;
      break;
    }
  }
  return figures;
}

/** Where a figure is on the ground at a time in seconds. */
export function groundOf(figure: Figure, time: number): { x: number; z: number } {
  return figure.way(speedOf(figure.manner, figure.build.height) * time);
}

function staysApart(one: Figure, other: Figure): boolean {
  for (let time = 0; time <= APART_FOR; time += 0.2) {
    const a = groundOf(one, time);
    const b = groundOf(other, time);
    if (Math.hypot(a.x - b.x, a.z - b.z) < APART) return false;
  }
  return true;
}

function freeStand(random: Random, place: Place): Way | undefined {
  const spot = findSpot(random, place, ROOM + 0.1, 0, 2.5);
  return spot && standing(spot.x, spot.z, random.range(0, 2 * Math.PI));
}

function freeWay(random: Random, place: Place): Way | undefined {
  for (let tries = 0; tries < 20; tries++) {
    const spot = findSpot(random, place, ROOM, 0, 2.5);
    if (!spot) return undefined;
    const way = randomWay(random, spot.x, spot.z);
    let free = true;
    for (let metres = 0; free && metres < LONGEST_LAP; metres += 0.2) {
      const { x, z } = way(metres);
      free = isFree(place, x, z, ROOM);
    }
    if (free) return way;
  }
  return undefined;
}
