import type { Random } from "./random.js";

/** Where somebody stands at a time: metres on the ground and the way they face in radians around Y, 0 being +z. */
export interface Footing {
  readonly x: number;
  readonly z: number;
  readonly heading: number;
}

/** A way over the ground, endless: the footing after `travelled` metres. */
export type Way = (travelled: number) => Footing;

/** Standing still. */
export function standing(x: number, z: number, heading: number): Way {
  return () => ({ x, z, heading });
}

/** Around a circle through (x, z), setting off along `heading`; `radius` below 0 turns right. */
export function circling(x: number, z: number, heading: number, radius: number): Way {
  const centreX = x + radius * Math.cos(heading);
  const centreZ = z - radius * Math.sin(heading);
  return (travelled) => {
    const angle = heading + travelled / radius;
    return { x: centreX - radius * Math.cos(angle), z: centreZ + radius * Math.sin(angle), heading: angle };
  };
}

/** There and back along two straight lines `length` metres long, joined by half circles. */
export function pacing(x: number, z: number, heading: number, length: number, radius: number): Way {
  const bend = Math.PI * Math.abs(radius);
  const lap = 2 * (length + bend);
  const out = (from: Footing, metres: number): Footing => ({
    x: from.x + metres * Math.sin(from.heading),
    z: from.z + metres * Math.cos(from.heading),
    heading: from.heading,
  });
  const arc = (from: Footing, metres: number) => circling(from.x, from.z, from.heading, radius)(metres);
  const start = { x, z, heading };
  const firstBend = out(start, length);
  const secondLine = arc(firstBend, bend);
  const secondBend = out(secondLine, length);
  return (travelled) => {
    const laps = Math.floor(travelled / lap);
    const rest = travelled - laps * lap;
    let at: Footing;
    if (rest < length) at = out(start, rest);
    else if (rest < length + bend) at = arc(firstBend, rest - length);
    else if (rest < 2 * length + bend) at = out(secondLine, rest - length - bend);
    else at = arc(secondBend, rest - 2 * length - bend);
    return { ...at, heading: at.heading + laps * 2 * Math.PI * Math.sign(radius) };
  };
}

/** A random way for a walker who starts near (x, z). */
export function randomWay(random: Random, x: number, z: number): Way {
  const heading = random.range(0, 2 * Math.PI);
  const side = random.chance(0.5) ? 1 : -1;
  if (random.chance(0.35)) return circling(x, z, heading, side * random.range(0.7, 1.8));
  const length = random.range(1.5, 4);
  // Half of the line lies before the middle.
  const back = length * random.range(0.2, 0.7);
  return pacing(
    x - back * Math.sin(heading),
    z - back * Math.cos(heading),
    heading,
    length,
    side * random.range(0.35, 0.8),
  );
}
