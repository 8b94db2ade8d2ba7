import type { Surfaces } from "./surfaces.js";

/** Lines that lie on surfaces, straight in the plane that a surface faces most. */
export interface Lines {
  /** Metres from line to line. */
  readonly spacing: number;
  /** The way across them, a unit vector. */
  readonly slant: readonly [number, number];
}

/** Share of a pixel that lines cover: a box as wide as the pixel over lines whose width is `ink` of their spacing. */
export function lineCover({ place, normal, extent }: Surfaces, p: number, ink: number, lines: Lines): number {
  const { spacing, slant } = lines;
  const n = 3 * p;
  const ax = Math.abs(normal[n]);
  const ay = Math.abs(normal[n + 1]);
  const az = Math.abs(normal[n + 2]);
  const [u, v] = ay >= ax && ay >= az ? [0, 2] : ax >= az ? [2, 1] : [0, 1];
  const along = (place[n + u] * slant[0] + place[n + v] * slant[1]) / spacing;
  const wide = Math.max(0.05, (1.5 * extent[p]) / spacing);
  const area = (x: number) => Math.floor(x) * ink + Math.min(ink, x - Math.floor(x));
  return (area(along + wide / 2) - area(along - wide / 2)) / wide;
}
