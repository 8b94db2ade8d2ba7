import { LANES, Patch } from "./patch";
import { F64s } from "./views";

/** A patch and its shifted self must overlap in this share of its texels. */
export const LEAST_OVERLAP: f64 = 0.2;

/**
 * How unlike a patch and itself are for LANES shifts (du, dv), (du + 1, dv) and so on: the mean squared difference in units of that of random places; infinite
 * where they overlap in less than LEAST_OVERLAP of the patch's texels. Each sum runs over its texels in the same order as if it were alone.
 */
export function unlikenessOfLanes(patch: Patch, du: i32, dv: i32, out: F64s): void {
  const least = LEAST_OVERLAP * <f64>patch.count;
  const width = patch.width;
  const fromRow = max(0, -dv);
  const toRow = patch.height - max(0, dv);
  let any = false;
  for (let lane = 0; lane < LANES; lane++) {
    const i = du + lane;
    const overlap = <f64>overlapOf(patch, i, dv, max(0, -i), width - max(0, i), fromRow, toRow);
    out[lane] = overlap < least ? Infinity : overlap;
    any = any || overlap >= least;
  }
  if (!any) return;
  const stride = width + LANES;
  // Where a lane's texel lies beyond its row there is NaN, as where none was seen, which counts as no difference.
  const from = max(0, -(du + LANES - 1));
  const to = min(width, width - du);
  const none = f64x2.splat(0);
  let sum0 = none;
  let sum1 = none;
  let sum2 = none;
  let sum3 = none;
  for (let row = fromRow; row < toRow; row++) {
    let a = changetype<usize>(patch.tone) + ((<usize>(row * stride + from)) << 3);
    const end = a + ((<usize>max(0, to - from)) << 3);
    let b = changetype<usize>(patch.tone) + ((<usize>((row + dv) * stride + from + du)) << 3);
    for (; a < end; a += 8, b += 8) {
      const tone = load<f64>(a);
      if (tone != tone) continue;
      const here = f64x2.splat(tone);
      const d0 = f64x2.sub(here, v128.load(b));
      const d1 = f64x2.sub(here, v128.load(b, 16));
      const d2 = f64x2.sub(here, v128.load(b, 32));
      const d3 = f64x2.sub(here, v128.load(b, 48));
      sum0 = f64x2.add(sum0, f64x2.pmax(none, f64x2.mul(d0, d0)));
      sum1 = f64x2.add(sum1, f64x2.pmax(none, f64x2.mul(d1, d1)));
      sum2 = f64x2.add(sum2, f64x2.pmax(none, f64x2.mul(d2, d2)));
      sum3 = f64x2.add(sum3, f64x2.pmax(none, f64x2.mul(d3, d3)));
    }
  }
  const sill = 2 * patch.variance;
  finish(out, 0, f64x2.extract_lane(sum0, 0), sill);
  finish(out, 1, f64x2.extract_lane(sum0, 1), sill);
  finish(out, 2, f64x2.extract_lane(sum1, 0), sill);
  finish(out, 3, f64x2.extract_lane(sum1, 1), sill);
  finish(out, 4, f64x2.extract_lane(sum2, 0), sill);
  finish(out, 5, f64x2.extract_lane(sum2, 1), sill);
  finish(out, 6, f64x2.extract_lane(sum3, 0), sill);
  finish(out, 7, f64x2.extract_lane(sum3, 1), sill);
}

function finish(out: F64s, lane: i32, sum: f64, sill: f64): void {
  if (out[lane] != Infinity) out[lane] = sum / out[lane] / sill;
}

/** How unlike a part of a patch and its shifted self are, infinite where they overlap in less than `least` texels; columns and rows are those of the part. */
export function unlikenessOfPart(
  patch: Patch,
  du: i32,
  dv: i32,
  fromColumn: i32,
  toColumn: i32,
  fromRow: i32,
  toRow: i32,
  least: f64,
): f64 {
  const overlap = <f64>overlapOf(patch, du, dv, fromColumn, toColumn, fromRow, toRow);
  if (overlap < least) return Infinity;
  const stride = patch.width + LANES;
  const tone = patch.tone;
  let sum: f64 = 0;
  for (let row = fromRow; row < toRow; row++) {
    let a = row * stride + fromColumn;
    let b = a + dv * stride + du;
    for (let column = fromColumn; column < toColumn; column++, a++, b++) {
      const difference = tone[a] - tone[b];
      if (difference == difference) sum += difference * difference;
    }
  }
  return sum / overlap / (2 * patch.variance);
}

/** Texels of some columns and rows that were seen, as were those a shift away. */
function overlapOf(patch: Patch, du: i32, dv: i32, fromColumn: i32, toColumn: i32, fromRow: i32, toRow: i32): i32 {
  if (toColumn <= fromColumn) return 0;
  const lowColumns = columnsOf(fromColumn, toColumn);
  const highColumns = columnsOf(fromColumn - 64, toColumn - 64);
  let count: u64 = 0;
  for (let row = fromRow; row < toRow; row++) {
    const a = patch.bits + ((<usize>row) << 4);
    const b = patch.bits + ((<usize>(row + dv)) << 4);
    const low = load<u64>(b);
    const high = load<u64>(b, 8);
    count += popcnt(load<u64>(a) & lowColumns & word(low, high, du));
    if (highColumns != 0) count += popcnt(load<u64>(a, 8) & highColumns & word(low, high, du + 64));
  }
  return <i32>count;
}

/** Bits from one to another of a word. */
function columnsOf(from: i32, to: i32): u64 {
  const first = max(0, min(64, from));
  const end = max(0, min(64, to));
  if (end <= first) return 0;
  return (<u64>-1 >> (64 - end + first)) << first;
}

/** 64 of 128 bits from a place on, which may lie before or behind them. */
function word(low: u64, high: u64, from: i32): u64 {
  if (from == 0) return low;
  if (from >= 128 || from <= -64) return 0;
  if (from >= 64) return high >> (from - 64);
  if (from > 0) return (low >> from) | (high << (64 - from));
  return low << -from;
}
