import { Look, Pattern, Shot } from "./layout";
import { nearestPixelOf, pixelOf, pointAt } from "./local-points";
import { bitsOfRow, DIFFERENCE, shows } from "./pattern";
import { placeX, placeY, placeZ } from "./projection";
import { textureAt } from "./texture";

/** Pixels to either side whose mean is compared. */
const AROUND: i32 = 1;
/** Two places agree unless their squared difference is more than so many times that of random places. */
const MOST_UNLIKE: f64 = 1;

/** What `nearestTo` says where nothing is known. */
export const BEHIND: i32 = -1;

/** The pixel of a pattern's surface in the first frame that is nearest to where an owner-local point lies there; BEHIND behind the camera. */
export function nearestTo(shot: Shot, look: Look, pattern: Pattern, owner: i32, x: f64, y: f64, z: f64): i32 {
  const place = nearestPixelOf(shot, look.source.geometry, owner, x, y, z);
  return place < 0 ? BEHIND : nearestOf(shot, look, pattern, place);
}

/**
 * Whether a shift brings the pixel p of a pattern's surface onto its like: then a hole beside it goes on with the pattern, and is not part of
 * a rug or a window in it. True too where that was not seen.
 */
export function holdsAt(shot: Shot, look: Look, pattern: Pattern, owner: i32, p: i32, x: f64, y: f64, z: f64): bool {
  const geometry = look.source.geometry;
  pointAt(shot, geometry, p);
  const shifted = pixelOf(shot, geometry, owner, placeX + x, placeY + y, placeZ + z);
  if (shifted < 0 || !shows(shot, pattern, shifted)) return true;
  let sum: f64 = 0;
  for (let c = 0; c < 3; c++) {
    const difference = around(shot, look, pattern, p, c) - around(shot, look, pattern, shifted, c);
    sum += difference * difference;
  }
  return sum <= MOST_UNLIKE * pattern.numbers[DIFFERENCE];
}

/** The mean of the surface's colour around a pixel. */
function around(shot: Shot, look: Look, pattern: Pattern, p: i32, c: i32): f64 {
  const width = shot.width;
  const y = p / width;
  const x = p - y * width;
  let sum: f64 = 0;
  let count = 0;
  for (let j = max(0, y - AROUND); j <= min(shot.height - 1, y + AROUND); j++) {
    for (let i = max(0, x - AROUND); i <= min(width - 1, x + AROUND); i++) {
      const q = j * width + i;
      if (!shows(shot, pattern, q)) continue;
      sum += textureAt(look.source, q, c);
      count++;
    }
  }
  return sum / <f64>count;
}

/** The pixel of a pattern's surface that is the fewest steps away from a place, straight or aslant; of several the one of the least rank. */
function nearestOf(shot: Shot, look: Look, pattern: Pattern, place: i32): i32 {
  if (shows(shot, pattern, place)) return place;
  const width = shot.width;
  const height = shot.height;
  const y = place / width;
  const x = place - y * width;
  let steps = max(width, height);
  for (let k = 0; k < steps; k++) {
    if (y - k >= 0) steps = min(steps, max(k, stepsInRow(shot, pattern, x, y - k, steps)));
    if (y + k < height) steps = min(steps, max(k, stepsInRow(shot, pattern, x, y + k, steps)));
  }
  let best = -1;
  for (let row = max(0, y - steps); row <= min(height - 1, y + steps); row++) {
    // Between the first and the last row only the ends are so far away.
    const stride = row == y - steps || row == y + steps ? 1 : 2 * steps;
    for (let column = x - steps; column <= x + steps; column += stride) {
      if (column < 0 || column >= width) continue;
      const q = row * width + column;
      if (shows(shot, pattern, q) && (best < 0 || look.rank[q] < look.rank[best])) best = q;
    }
  }
  return best;
}

/** Steps from a column to the nearest pixel of a pattern's surface in a row; `most` where there is none within fewer. */
function stepsInRow(shot: Shot, pattern: Pattern, x: i32, row: i32, most: i32): i32 {
  const bits = bitsOfRow(shot, pattern, row);
  let nearest = most;
  // Words to the left hold the nearest column in their highest bits, words to the right in their lowest.
  for (let word = x >> 6, mask: u64 = <u64>-1 >> (63 - (x & 63)); word >= 0; word--, mask = <u64>-1) {
    if (x - ((word << 6) + 63) >= nearest) break;
    const found = load<u64>(bits + ((<usize>word) << 3)) & mask;
    if (found == 0) continue;
    nearest = min(nearest, x - ((word << 6) + 63 - <i32>clz(found)));
    break;
  }
  for (let word = x >> 6, mask: u64 = (<u64>-1) << (x & 63); word <= (shot.width - 1) >> 6; word++, mask = <u64>-1) {
    if ((word << 6) - x >= nearest) break;
    const found = load<u64>(bits + ((<usize>word) << 3)) & mask;
    if (found == 0) continue;
    nearest = min(nearest, (word << 6) + <i32>ctz(found) - x);
    break;
  }
  return nearest;
}
