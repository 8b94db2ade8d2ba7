import { Pattern } from "./layout";
import { BEHIND_PATCHES, GRID, LANES, Patch } from "./patch";
import { SHIFT, U, unlikeAt, V } from "./pattern";
import { scratch } from "./scratch";
import { LEAST_OVERLAP, unlikenessOfLanes, unlikenessOfPart } from "./unlikeness";
import { F64s } from "./views";

/** How unlike a shifted patch may be and still be its continuation: 1 is as unlike as two random places. */
const MOST_UNLIKE: f64 = 0.5;
/** And so much in each half of the patch: chance finds a shift for a whole patch, but hardly one that holds in every half. */
const MOST_UNLIKE_HALF: f64 = 0.4;
/** A shift by the whole grid counts as so much more unlike: near places share light and wear. */
const NEARNESS: f64 = 0.3;
/** Shifts that are remembered of a surface, each with its opposite. */
const MOST_REPEATS: i32 = 16;
/** Steps of one texel to either side in which a shift that was found at half the resolution is looked for. */
const AROUND: i32 = 2;

// Scratch memory: the rows of unlikeness around a shift, each [LANES], and what was found: [MOST_REPEATS, 4] of u and v in metres, how unlike, cost.
const ROW: i32 = 2 * AROUND + 1;
const ROWS: usize = BEHIND_PATCHES;
const FOUND: usize = ROWS + <usize>(((ROW + 1) * LANES) << 3);
const REPEAT: i32 = 4;
/** Where scratch memory is free behind what was found. */
export const BEHIND_REPEATS: usize = FOUND + <usize>((MOST_REPEATS * REPEAT) << 3);

/**
 * Finds the shifts under which a patch looks like itself, and writes them into a pattern, the best first, each with its opposite; gives how many.
 * The pattern's variogram is that of the patch at half its resolution.
 */
export function repeatsOf(patch: Patch, pattern: Pattern): i32 {
  const found = changetype<F64s>(scratch + FOUND);
  const grid = <f64>GRID * patch.texel;
  let count = 0;
  for (let dv = 0; dv <= pattern.reachV; dv++) {
    for (let du = -pattern.reachU; du <= pattern.reachU; du++) {
      const value = unlikeAt(pattern, du, dv);
      if (!(value < MOST_UNLIKE) || abs(du) + dv < 2 || (dv == 0 && du < 0)) continue;
      if (!isLowest(pattern, du, dv, value)) continue;
      refine(patch, 2 * du, 2 * dv);
      if (!(refinedUnlike < MOST_UNLIKE_HALF)) continue;
      const cost = refinedUnlike + (NEARNESS * hypot(refinedU, refinedV)) / grid;
      let at = count;
      while (at > 0 && found[(at - 1) * REPEAT + 3] > cost) at--;
      if (at == MOST_REPEATS) continue;
      if (count < MOST_REPEATS) count++;
      const place = scratch + FOUND + ((<usize>(at * REPEAT)) << 3);
      memory.copy(place + <usize>(REPEAT << 3), place, (<usize>((count - 1 - at) * REPEAT)) << 3);
      found[at * REPEAT] = refinedU;
      found[at * REPEAT + 1] = refinedV;
      found[at * REPEAT + 2] = refinedUnlike;
      found[at * REPEAT + 3] = cost;
    }
  }
  for (let i = 0; i < count; i++) {
    const u = found[i * REPEAT];
    const v = found[i * REPEAT + 1];
    writeShift(pattern, 2 * i, u, v, found[i * REPEAT + 2]);
    writeShift(pattern, 2 * i + 1, -u, -v, found[i * REPEAT + 2]);
  }
  return 2 * count;
}

/** Writes a shift of so many metres along the tangents. */
function writeShift(pattern: Pattern, index: i32, u: f64, v: f64, unlike: f64): void {
  const numbers = pattern.numbers;
  for (let i = 0; i < 3; i++) pattern.shifts[index * SHIFT + i] = u * numbers[U + i] + v * numbers[V + i];
  pattern.shifts[index * SHIFT + 3] = unlike;
}

function isLowest(pattern: Pattern, du: i32, dv: i32, value: f64): bool {
  for (let j = -1; j <= 1; j++) {
    for (let i = -1; i <= 1; i++) if ((i != 0 || j != 0) && unlikeAt(pattern, du + i, dv + j) < value) return false;
  }
  return true;
}

/** What `refine` found: metres along the tangents, and how unlike the patch and its shifted self are in the worst half of the patch. */
let refinedU: f64 = 0;
let refinedV: f64 = 0;
let refinedUnlike: f64 = 0;

/** Finds the best shift within two texels of one that was found at half the resolution, to a fraction of a texel by the parabolas through it. */
function refine(patch: Patch, du: i32, dv: i32): void {
  const rows = changetype<F64s>(scratch + ROWS);
  // One lane more to either side, for the parabolas.
  const first = du - AROUND - 1;
  for (let j = 0; j < ROW; j++) unlikenessOfLanes(patch, first, dv + j - AROUND, rowAt(j));
  let best = AROUND * LANES + AROUND + 1;
  for (let j = 0; j < ROW; j++) {
    for (let i = 1; i <= ROW; i++) if (rows[j * LANES + i] < rows[best]) best = j * LANES + i;
  }
  const value = rows[best];
  const lane = best % LANES;
  const row = best / LANES;
  const bestU = first + lane;
  const bestV = dv + row - AROUND;
  const left = rows[best - 1];
  const right = rows[best + 1];
  refinedU = (<f64>bestU + bend(left, right, value)) * patch.texel;
  let above: f64;
  let below: f64;
  if (row > 0) above = rows[best - LANES];
  else {
    unlikenessOfLanes(patch, first, bestV - 1, rowAt(ROW));
    above = rows[ROW * LANES + lane];
  }
  if (row < ROW - 1) below = rows[best + LANES];
  else {
    unlikenessOfLanes(patch, first, bestV + 1, rowAt(ROW));
    below = rows[ROW * LANES + lane];
  }
  refinedV = (<f64>bestV + bend(above, below, value)) * patch.texel;
  refinedUnlike = worstHalf(patch, bestU, bestV);
}

function rowAt(row: i32): F64s {
  return changetype<F64s>(scratch + ROWS + ((<usize>(row * LANES)) << 3));
}

/** How far the lowest point of a parabola through three values lies from the one in the middle, at most half a step. */
function bend(before: f64, after: f64, value: f64): f64 {
  const curve = before + after - 2 * value;
  return curve > 0 && curve < Infinity ? max(-0.5, min(0.5, (before - after) / (2 * curve))) : 0;
}

/** The unlikeness of the worst half: left, right, upper or lower. */
function worstHalf(patch: Patch, du: i32, dv: i32): f64 {
  const columns = patch.width - abs(du);
  const rows = patch.height - abs(dv);
  const fromColumn = max(0, -du);
  const fromRow = max(0, -dv);
  const middleColumn = fromColumn + (columns >> 1);
  const middleRow = fromRow + (rows >> 1);
  const toColumn = fromColumn + columns;
  const toRow = fromRow + rows;
  const least = (LEAST_OVERLAP / 4) * <f64>patch.count;
  let worst = finite(unlikenessOfPart(patch, du, dv, fromColumn, middleColumn, fromRow, toRow, least));
  worst = max(worst, finite(unlikenessOfPart(patch, du, dv, middleColumn, toColumn, fromRow, toRow, least)));
  worst = max(worst, finite(unlikenessOfPart(patch, du, dv, fromColumn, toColumn, fromRow, middleRow, least)));
  return max(worst, finite(unlikenessOfPart(patch, du, dv, fromColumn, toColumn, middleRow, toRow, least)));
}

/** A half that hardly overlaps says nothing. */
function finite(value: f64): f64 {
  return isFinite(value) ? value : 0;
}

/** The length of a vector, as Math.hypot gives it: scaled. */
function hypot(x: f64, y: f64): f64 {
  const most = max(Math.abs(x), Math.abs(y));
  if (!(most > 0)) return most;
  const a = x / most;
  const b = y / most;
  return Math.sqrt(a * a + b * b) * most;
}
