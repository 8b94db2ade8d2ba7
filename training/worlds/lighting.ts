import type { vec3 } from "gl-matrix";
import type { Light } from "playblast/scene/engine-frame";
import { randomColour } from "./material.js";
import type { Place } from "./place.js";
import type { Random } from "./random.js";

/** The lights of a world at a time in seconds: the sun, the ambient light, then lamps. */
export type LightsAt = (time: number) => Light[];

/** Makes a sun (which may wander), ambient light, and lamps that may sway or pulse. */
export function makeLights(random: Random, place: Place): LightsAt {
  const { indoors, roofed } = place;
  const elevation = roofed ? random.range(0.3, 0.8) : random.range(0.5, 1.25);
  const azimuth = random.range(0, 2 * Math.PI);
  const wander = random.chance(0.3) ? random.range(-0.25, 0.25) : 0;
  const sun = roofed ? random.range(0.5, 1) : indoors ? random.range(0.25, 0.6) : random.range(0.4, 0.9);
  const warm = random.range(-0.12, 0.12);
  const ambient = roofed ? random.range(0.2, 0.45) : random.range(0.14, 0.4);
  const count = random.chance(roofed ? 1 : indoors ? 0.7 : 0.25) ? random.whole(1, 3) : 0;
  const lamps = Array.from({ length: count }, () => ({
    at: [
      random.range(-0.7, 0.7) * Math.min(5, place.halfX),
      random.range(1.5, 2.3),
      random.range(-0.7, 0.7) * Math.min(5, place.halfZ),
    ],
    colour: randomColour(random, true),
    strength: random.range(0.6, 2.2),
    sway: random.chance(0.35) ? random.range(0.2, 0.8) : 0,
    pulse: random.chance(0.2) ? random.range(0.2, 0.7) : 0,
    pace: random.range(1, 4),
  }));
  return (time) => {
    const turn = azimuth + wander * time;
    const level = Math.cos(elevation);
    const direction: vec3 = [-Math.sin(turn) * level, -Math.sin(elevation), -Math.cos(turn) * level];
    return [
      light("directional", [0, 0, 0], direction, [sun * (1 + warm), sun, sun * (1 - warm)], true),
      light("ambient", [0, 0, 0], [0, -1, 0], [ambient * (1 - warm), ambient, ambient * (1 + warm)], false),
      ...lamps.map(({ at, colour, strength, sway, pulse, pace }) => {
        const k = strength * (1 - pulse * (0.5 + 0.5 * Math.sin(pace * time)));
        const x = at[0] + sway * Math.sin(pace * 0.7 * time);
        return light("point", [x, at[1], at[2]], [0, -1, 0], [colour[0] * k, colour[1] * k, colour[2] * k], false);
      }),
    ];
  };
}

function light(kind: Light["kind"], position: vec3, direction: vec3, colour: vec3, castsShadow: boolean): Light {
  return { kind, position, direction, colour, range: 0, spotAngle: 0, castsShadow };
}
