import { GRID } from "../pattern-sizes";
import { Search, Shot } from "./layout";
import { scratch } from "./scratch";
import { selected } from "./select";
import { textureTone } from "./texture";
import { F32s, F64s, U16s } from "./views";

/** A texel is so many times the median pixel's footprint. */
const TEXEL: f64 = 1.2;
/** Texels that must have been seen. */
const LEAST_TEXELS: i32 = 125;
/** Standard deviation of the square root of albedo below which a surface is plain and every place like every other. */
const PLAIN: f64 = 0.004;
/** Shifts that are measured together; so many texels that were not seen lie between two rows. */
export const LANES: i32 = 8;

/** A patch of a surface, seen from straight above. */
@unmanaged
export class Patch {
  width: i32;
  height: i32;
  /** Texels that were seen. */
  count: i32;
  /** Metres a texel. */
  texel: f64;
  variance: f64;
  /** [height, width + LANES] from the first row's first texel on: single-precision tone of each texel, less the mean; NaN where none was seen. */
  tone: F64s;
  /** [height, 2] bits of the texels that were seen. */
  bits: usize;
}

// Scratch memory: a whole patch and the same at half the resolution, and what both are made from.
const TONES: usize = <usize>(((GRID + LANES) * GRID + 2 * LANES) << 3);
const HALF_TONES: usize = <usize>(((GRID / 2 + LANES) * (GRID / 2) + 2 * LANES) << 3);
const BITS: usize = <usize>(GRID << 4);
const AT_WHOLE: usize = 0;
const AT_HALF: usize = 64;
const AT_TONES: usize = 128;
const AT_HALF_TONES: usize = AT_TONES + TONES;
const AT_BITS: usize = AT_HALF_TONES + HALF_TONES;
const AT_HALF_BITS: usize = AT_BITS + BITS;
const AT_SUMS: usize = AT_HALF_BITS + BITS;
const AT_HITS: usize = AT_SUMS + <usize>((GRID * GRID) << 2);
/** Where scratch memory is free behind patches. */
export const BEHIND_PATCHES: usize = AT_HITS + <usize>((GRID * GRID) << 1);

/** The part of a plane, which is `count` pixels of `order` from `start` on, in which most of its pixels lie; 0 where too little was seen, or nothing that differs. */
export function patchOf(shot: Shot, search: Search, start: i32, count: i32): Patch {
  const geometry = search.source.geometry;
  const order = search.order;
  const u = part(search.across, start);
  const v = part(search.up, start);
  const picks = part(search.picks, start);
  const flat = geometry.lens.viewHeight > 0;
  for (let i = 0; i < count; i++) picks[i] = flat ? 1 : geometry.depth[order[start + i]];
  const texel = (TEXEL * selected(picks, 0, count, at(count, 0.4))) / geometry.lens.fx;
  const width = spanOf(u, picks, count, texel);
  const u0 = spanFrom;
  const height = spanOf(v, picks, count, texel);
  const v0 = spanFrom;
  const sums = changetype<F32s>(scratch + AT_SUMS);
  const hits = changetype<U16s>(scratch + AT_HITS);
  const texels = width * height;
  memory.fill(scratch + AT_SUMS, 0, (<usize>texels) << 2);
  memory.fill(scratch + AT_HITS, 0, (<usize>texels) << 1);
  for (let k = 0; k < count; k++) {
    const i = Math.floor((u[k] - u0) / texel);
    const j = Math.floor((v[k] - v0) / texel);
    if (!(i >= 0 && j >= 0 && i < <f64>width && j < <f64>height)) continue;
    const t = <i32>j * width + <i32>i;
    sums[t] = sums[t] + textureTone(search.source, order[start + k]);
    hits[t] = hits[t] + 1;
  }
  let seen = 0;
  let sum: f64 = 0;
  for (let t = 0; t < texels; t++) {
    if (hits[t] == 0) continue;
    sums[t] = sums[t] / <f64>hits[t];
    sum += sums[t];
    seen++;
  }
  if (seen < LEAST_TEXELS) return changetype<Patch>(0);
  let squares: f64 = 0;
  for (let t = 0; t < texels; t++) {
    if (hits[t] == 0) continue;
    sums[t] = sums[t] - sum / <f64>seen;
    squares += sums[t] * sums[t];
  }
  if (squares / <f64>seen < PLAIN * PLAIN) return changetype<Patch>(0);
  const patch = changetype<Patch>(scratch + AT_WHOLE);
  write(patch, width, height, texel, AT_TONES, AT_BITS);
  patch.variance = squares / <f64>seen;
  return patch;
}

/** The same patch at half the resolution. */
export function halved(whole: Patch): Patch {
  const width = (whole.width + 1) >> 1;
  const height = (whole.height + 1) >> 1;
  const sums = changetype<F32s>(scratch + AT_SUMS);
  const hits = changetype<U16s>(scratch + AT_HITS);
  const texels = width * height;
  memory.fill(scratch + AT_SUMS, 0, (<usize>texels) << 2);
  memory.fill(scratch + AT_HITS, 0, (<usize>texels) << 1);
  for (let y = 0; y < whole.height; y++) {
    for (let x = 0; x < whole.width; x++) {
      const tone = whole.tone[y * (whole.width + LANES) + x];
      if (isNaN(tone)) continue;
      const t = (y >> 1) * width + (x >> 1);
      sums[t] = sums[t] + tone;
      hits[t] = hits[t] + 1;
    }
  }
  let seen = 0;
  let squares: f64 = 0;
  for (let t = 0; t < texels; t++) {
    if (hits[t] == 0) continue;
    sums[t] = sums[t] / <f64>hits[t];
    squares += sums[t] * sums[t];
    seen++;
  }
  const patch = changetype<Patch>(scratch + AT_HALF);
  write(patch, width, height, 2 * whole.texel, AT_HALF_TONES, AT_HALF_BITS);
  patch.variance = squares / <f64>seen;
  return patch;
}

/** Writes a patch from sums and hits of its texels, all but its variance. */
function write(patch: Patch, width: i32, height: i32, texel: f64, tones: usize, bits: usize): void {
  const sums = changetype<F32s>(scratch + AT_SUMS);
  const hits = changetype<U16s>(scratch + AT_HITS);
  const margin = changetype<F64s>(scratch + tones);
  const tone = changetype<F64s>(scratch + tones + ((<usize>LANES) << 3));
  patch.width = width;
  patch.height = height;
  patch.texel = texel;
  patch.tone = tone;
  patch.bits = scratch + bits;
  for (let i = 0; i < LANES; i++) margin[i] = NaN;
  let count = 0;
  for (let y = 0, t = 0; y < height; y++) {
    const row = y * (width + LANES);
    let low: u64 = 0;
    let high: u64 = 0;
    for (let x = 0; x < width; x++, t++) {
      const seen = hits[t] > 0;
      tone[row + x] = seen ? sums[t] : NaN;
      if (!seen) continue;
      count++;
      if (x < 64) low |= (<u64>1) << x;
      else high |= (<u64>1) << (x - 64);
    }
    for (let i = 0; i < LANES; i++) tone[row + width + i] = NaN;
    store<u64>(patch.bits + ((<usize>y) << 4), low);
    store<u64>(patch.bits + ((<usize>y) << 4) + 8, high);
  }
  patch.count = count;
}

/** Where the texels begin that `spanOf` chose. */
let spanFrom: f64 = 0;

/** How many texels most of the values span, GRID at most, and from where on. */
function spanOf(values: F64s, picks: F64s, count: i32, texel: f64): i32 {
  memory.copy(changetype<usize>(picks), changetype<usize>(values), (<usize>count) << 3);
  const low = at(count, 0.02);
  const high = at(count, 0.98);
  const least = selected(picks, 0, count, low);
  const most = high > low ? selected(picks, low + 1, count, high) : least;
  const size = Math.ceil((most - least) / texel);
  if (size < <f64>GRID) {
    spanFrom = least;
    return <i32>size;
  }
  spanFrom = selected(picks, 0, count, at(count, 0.5)) - (<f64>GRID * texel) / 2;
  return GRID;
}

/** The place of a share of so many sorted values. */
function at(count: i32, share: f64): i32 {
  return <i32>Math.floor(share * <f64>(count - 1));
}

function part(values: F64s, start: i32): F64s {
  return changetype<F64s>(changetype<usize>(values) + ((<usize>start) << 3));
}
