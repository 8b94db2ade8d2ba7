/** Something that stands in the way: an upright box, metres, turned by `yaw` radians around Y. */
export interface Obstacle {
  readonly x: number;
  readonly z: number;
  readonly yaw: number;
  readonly halfX: number;
  readonly halfZ: number;
  readonly bottom: number;
  readonly top: number;
}

/** The free ground of a place, centred at the origin, and what stands on it. */
export interface Floor {
  /** Metres from the middle to the borders. */
  readonly halfX: number;
  readonly halfZ: number;
  readonly obstacles: readonly Obstacle[];
}

/** Level distance from a point to an obstacle, 0 inside. */
function gapTo({ x, z, yaw, halfX, halfZ }: Obstacle, px: number, pz: number): number {
  const dx = px - x;
  const dz = pz - z;
  const cos = Math.cos(yaw);
  const sin = Math.sin(yaw);
  return Math.hypot(
    Math.max(0, Math.abs(dx * cos - dz * sin) - halfX),
    Math.max(0, Math.abs(dx * sin + dz * cos) - halfZ),
  );
}

/** Whether an upright cylinder of radius `margin` from `low` to `high` around a point is free of borders and obstacles. */
export function isFree(floor: Floor, x: number, z: number, margin: number, low = 0, high = 1.8): boolean {
  if (Math.abs(x) > floor.halfX - margin || Math.abs(z) > floor.halfZ - margin) return false;
  for (const obstacle of floor.obstacles)
    if (obstacle.top > low && obstacle.bottom < high && gapTo(obstacle, x, z) < margin) return false;
  return true;
}

/** How many metres a cylinder of radius `margin` may go along `heading` (0 is +z), at most `most`. */
export function freeReach(floor: Floor, x: number, z: number, heading: number, margin: number, most: number): number {
  const step = 0.1;
  let reach = 0;
  while (
    reach + step <= most &&
    isFree(floor, x + (reach + step) * Math.sin(heading), z + (reach + step) * Math.cos(heading), margin, 0, 1)
  )
    reach += step;
  return reach;
}
