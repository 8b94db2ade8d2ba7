import { encodedAt } from "./colour";
import { BACKGROUND_DEPTH, SHADE_FLOOR } from "./constants";
import { Frame, Shot } from "./layout";
import { markOutlines } from "./outlines";
import { F32s } from "./views";

/**
 * Marks outlines in some rows, and writes the engine's own colour without light: four numbers a pixel, sRGB-encoded red, green and blue in 0..1, and
 * 1 where it is known, else 0. Surfaces have the albedo's; the background, surfaces without an albedo plane, and what is seen through or before a surface
 * (glass, particles), which no albedo tells, that of the finished picture divided by the shade.
 */
export function engineRows(shot: Shot, frame: Frame, fromRow: i32, toRow: i32): void {
  markOutlines(shot, frame, fromRow, toRow);
  if (changetype<usize>(frame.engine) == 0) return;
  const depth = frame.geometry.depth;
  const albedo = frame.albedo;
  const colour = frame.colour;
  const bare = changetype<usize>(albedo) != 0;
  const finished = changetype<usize>(colour) != 0;
  for (let p = fromRow * shot.width; p < toRow * shot.width; p++) {
    const at = changetype<F32s>(changetype<usize>(frame.engine) + ((<usize>p) << 4));
    const surface = depth[p] < BACKGROUND_DEPTH;
    at[3] = i32((bare && surface) || finished);
    for (let c = 0; c < 3; c++) at[c] = finished ? unlit(shot, frame, 3 * p + c) : 0;
    if (!bare || !surface) continue;
    let away: f64 = 0;
    if (finished) for (let c = 0; c < 3; c++) away = max(away, Math.abs(at[c] - <f64>albedo[3 * p + c] / 255));
    const share = max(0, min(1, (away - LEAST_AWAY) / (MOST_AWAY - LEAST_AWAY)));
    for (let c = 0; c < 3; c++) {
      const told = <f64>albedo[3 * p + c] / 255;
      at[c] = told + (at[c] - told) * share;
    }
  }
}

/**
 * How far a surface's finished colour without its light may be from its albedo, sRGB-encoded: highlights, reflections and light that the shade leaves out. From
 * there on something else is seen, and the albedo counts for nothing at the second distance.
 */
const LEAST_AWAY: f64 = 0.25;
const MOST_AWAY: f64 = 0.45;

/** A channel of the finished picture without its light, sRGB-encoded. */
function unlit(shot: Shot, frame: Frame, i: i32): f64 {
  const linear = shot.linear[frame.colour[i]];
  const light = changetype<usize>(frame.shade) == 0 ? 1 : max(frame.shade[i], SHADE_FLOOR);
  return encodedAt(shot, linear / light);
}
