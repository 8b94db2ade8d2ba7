import { BACKGROUND_DEPTH, GUESS_DOUBT, LIGHT_DOUBT, MOST_LIGHT_STOPS, OUTLINE_DOUBT, SHADE_FLOOR } from "./constants";
import { MAP_EDGE, OUTLINE_JUMP } from "../depth-edges";
import { Frame, Layer, Shot } from "./layout";
import { high2, low2, sampleInto } from "./sample";
import { scratch } from "./scratch";
import { F32s, F64s, U8s } from "./views";

/** Pixels that are written together, in scratch memory behind two colours. Planes of a 256x144 frame lie a whole number of memory pages apart: writing all of them pixel by pixel
 * would push every plane's line out of the processor's cache before it is full. */
const STRIP: i32 = 64;

// Channels by their names in controls.ts.
@external("controls", "count") declare const CHANNELS: i32;
@external("controls", "filled warp red") declare const WARP_RED: i32;
@external("controls", "memory red") declare const MEMORY_RED: i32;
@external("controls", "trust of the first frame") declare const FIRST_TRUST: i32;
@external("controls", "trust of memory") declare const MEMORY_TRUST: i32;
@external("controls", "doubt") declare const DOUBT: i32;
@external("controls", "inverse depth") declare const INVERSE_DEPTH: i32;
@external("controls", "normal x") declare const NORMAL_X: i32;
@external("controls", "normal y") declare const NORMAL_Y: i32;
@external("controls", "normal z") declare const NORMAL_Z: i32;
@external("controls", "lambert") declare const LAMBERT: i32;
@external("controls", "light now") declare const LIGHT_NOW: i32;
@external("controls", "light ratio") declare const LIGHT_RATIO: i32;

/** A channel of the strip in scratch memory. */
@inline function strip(channel: i32): F32s {
  return changetype<F32s>(scratch + 64 + (<usize>(channel * STRIP) << 2));
}

/** The doubt that a hole's colour gains with each pixel on the way from the pixel that fills it. */
const DOUBT_A_PIXEL: i32 = 8;

/** How unlike the truth the guesses of some rows may be: as the pixel that fills them, and more with each pixel on the way. */
export function doubtOfRows(shot: Shot, frame: Frame, fromRow: i32, toRow: i32): void {
  const doubt = frame.doubt;
  for (let p = fromRow * shot.width; p < toRow * shot.width; p++) {
    if (frame.covered[p] == 0) doubt[p] = min(255, doubt[frame.from[p]] + DOUBT_A_PIXEL * frame.distance[p]);
  }
}

/** Writes the control tensor, outlines and trust of some rows. */
export function writeRows(shot: Shot, frame: Frame, fromRow: i32, toRow: i32): void {
  const pixels = shot.width * shot.height;
  markOutlines(shot, frame, fromRow, toRow);
  for (let begin = fromRow * shot.width; begin < toRow * shot.width; begin += STRIP) {
    const end = min(begin + STRIP, toRow * shot.width);
    writeKnown(shot, frame, begin, end);
    writeMaps(shot, frame, begin, end);
    for (let c = 0; c < CHANNELS; c++) {
      copyStrip(changetype<usize>(strip(c)), changetype<usize>(frame.control) + (<usize>(c * pixels + begin) << 2), end - begin);
    }
  }
}

function copyStrip(from: usize, to: usize, count: i32): void {
  if (count < STRIP) {
    memory.copy(to, from, <usize>count << 2);
    return;
  }
  for (let i: usize = 0; i < <usize>STRIP * 4; i += 64) {
    v128.store(to + i, v128.load(from + i));
    v128.store(to + i, v128.load(from + i, 16), 16);
    v128.store(to + i, v128.load(from + i, 32), 32);
    v128.store(to + i, v128.load(from + i, 48), 48);
  }
}

/** What the world cache knows of some pixels, under the light of now, and how far it can be believed. */
function writeKnown(shot: Shot, frame: Frame, begin: i32, end: i32): void {
  const width = shot.width;
  const anchor = frame.anchor;
  const memory = frame.memory;
  const firstTrusts = anchor.trust;
  const memoryTrusts = memory.trust;
  const from = frame.from;
  const sources = frame.sources;
  const shade = changetype<usize>(frame.shade);
  const lit = shade != 0;
  const colour = changetype<F32s>(scratch);
  const remembered = changetype<F32s>(scratch + 16);
  const encoded = shot.encoded;
  // Red, green and blue lie one behind another, which controls.ts checks.
  const warp = strip(WARP_RED);
  const past = strip(MEMORY_RED);
  const then = strip(LIGHT_RATIO);
  const floor = f64x2.splat(SHADE_FLOOR);
  let lightLow = f64x2.splat(1);
  let lightHigh = f64x2.splat(1);
  for (let p = begin, i = 0; p < end; p++, i++) {
    if (lit) {
      const here = v128.load(shade + <usize>(p * 12));
      lightLow = f64x2.max(low2(here), floor);
      lightHigh = f64x2.max(high2(here), floor);
    }
    const q = from[p];
    const anchored = firstTrusts[q] > 0;
    // Where nothing at all is known there is no colour either.
    if (!anchored && memoryTrusts[q] == 0) {
      warp[i] = -1;
      warp[STRIP + i] = -1;
      warp[2 * STRIP + i] = -1;
      then[i] = 0;
    } else {
      sampleInto(anchored ? anchor : memory, sources, q, width, colour);
      const codes = codesOf(colour, lightLow, lightHigh);
      warp[i] = encoded[i32x4.extract_lane(codes, 0)] * 2 - 1;
      warp[STRIP + i] = encoded[i32x4.extract_lane(codes, 1)] * 2 - 1;
      warp[2 * STRIP + i] = encoded[i32x4.extract_lane(codes, 2)] * 2 - 1;
      then[i] = colour[3];
    }
    if (memoryTrusts[p] == 0) {
      past[i] = 0;
      past[STRIP + i] = 0;
      past[2 * STRIP + i] = 0;
    } else {
      const same = !anchored && q == p;
      if (!same) sampleInto(memory, sources, p, width, remembered);
      const codes = codesOf(same ? colour : remembered, lightLow, lightHigh);
      past[i] = encoded[i32x4.extract_lane(codes, 0)] - (warp[i] + 1) / 2;
      past[STRIP + i] = encoded[i32x4.extract_lane(codes, 1)] - (warp[STRIP + i] + 1) / 2;
      past[2 * STRIP + i] = encoded[i32x4.extract_lane(codes, 2)] - (warp[2 * STRIP + i] + 1) / 2;
    }
  }
  const shares = shot.shares;
  const firstTrust = strip(FIRST_TRUST);
  const memoryTrust = strip(MEMORY_TRUST);
  const doubts = strip(DOUBT);
  const lightNow = strip(LIGHT_NOW);
  const outlines = frame.outlines;
  const trust = frame.trust;
  for (let p = begin, i = 0; p < end; p++, i++) {
    let now: f64 = 0;
    let stops: f64 = 0;
    if (lit) {
      const at = changetype<F32s>(shade + <usize>(p * 12));
      now = 0.2126 * at[0] + 0.7152 * at[1] + 0.0722 * at[2];
      stops = stopsOf(shot, (now + SHADE_FLOOR) / (then[i] + SHADE_FLOOR));
    }
    lightNow[i] = encoded[min(<i32>(now * ENCODED_STEPS + 0.5), <i32>ENCODED_STEPS)];
    then[i] = stops;
    const first = firstTrusts[p];
    const doubt = frame.doubt[p];
    firstTrust[i] = shares[first];
    memoryTrust[i] = shares[memoryTrusts[p]];
    doubts[i] = shares[doubt];
    const answer = first > 0 ? shares[first] : 1 - (GUESS_DOUBT * <f64>doubt) / 255;
    const moved = min(1, Math.abs(stops));
    trust[p] = answer * (1 - LIGHT_DOUBT * moved) * (1 - OUTLINE_DOUBT * <f64>outlines[p]);
  }
}

/** Steps of the table of sRGB encodings. */
const ENCODED_STEPS: f64 = 16384;

/** Places of a colour's red, green and blue under a light in the table of sRGB encodings, clamped to what it holds. */
@inline function codesOf(colour: F32s, lightLow: v128, lightHigh: v128): v128 {
  const linear = v128.load(changetype<usize>(colour));
  const steps = f64x2.splat(ENCODED_STEPS);
  const half = f64x2.splat(0.5);
  const low = f64x2.add(f64x2.mul(f64x2.mul(low2(linear), lightLow), steps), half);
  const high = f64x2.add(f64x2.mul(f64x2.mul(high2(linear), lightHigh), steps), half);
  const codes = i64x2.shuffle(i32x4.trunc_sat_f64x2_s_zero(low), i32x4.trunc_sat_f64x2_s_zero(high), 0, 2);
  return i32x4.max_s(i32x4.splat(0), i32x4.min_s(codes, i32x4.splat(<i32>ENCODED_STEPS)));
}

/** Steps of the table of light ratios for a ratio of 1, and the ratio that it ends with. */
const RATIO_STEPS: f64 = 4096;
const MOST_RATIO: f64 = 4;

/** A ratio in powers of two by table, clamped to -2..2. */
@inline function stopsOf(shot: Shot, ratio: f64): f64 {
  return shot.stops[<i32>(min(ratio, MOST_RATIO) * RATIO_STEPS + 0.5)];
}

/** Marks with 1 the pixels of some rows beside another owner or a jump in depth, whose colours mix two surfaces. */
function markOutlines(shot: Shot, frame: Frame, fromRow: i32, toRow: i32): void {
  const width = shot.width;
  const outlines = frame.outlines;
  outlines.fill(fromRow * width, toRow * width, 0);
  for (let y = fromRow; y < toRow; y++) {
    for (let x = 0, p = y * width; x < width; x++, p++) {
      if (x + 1 < width && isOutline(frame, p, p + 1)) {
        outlines[p] = 1;
        outlines[p + 1] = 1;
      }
      if (y + 1 < shot.height && isOutline(frame, p, p + width)) {
        outlines[p] = 1;
        if (y + 1 < toRow) outlines[p + width] = 1;
      }
      // The row above belongs to another band, which marks its own side.
      if (y == fromRow && y > 0 && isOutline(frame, p - width, p)) outlines[p] = 1;
    }
  }
}

function isOutline(frame: Frame, p: i32, q: i32): bool {
  const depth = frame.geometry.depth;
  const owner = frame.geometry.owner;
  const viewHeight = frame.geometry.lens.viewHeight;
  const a = depth[p];
  const b = depth[q];
  return owner[p] != owner[q] || Math.abs(a - b) > OUTLINE_JUMP * (viewHeight > 0 ? viewHeight : min(a, b));
}

/** Depth in metres at which the inverse-depth map reads one half. */
const HALF_DEPTH: f64 = 3;
/** Distance in metres at which a point light has its nominal strength. */
const LAMP_DISTANCE: f64 = 1;
/** Numbers of a light, and its kinds: see `viewLights` in control-maps.ts. */
const LIGHT_NUMBERS: i32 = 6;
const AMBIENT: f64 = 0;
const DIRECTIONAL: f64 = 1;

/**
 * The control maps of some pixels: inverse depth 3 / (3 + z) in 0..1, unit normals in view space (from a normal plane, else from
 * depth; (0, 0, 1) on the background), and the light of all lights that meets the surface without shadows, in 0..1.
 */
function writeMaps(shot: Shot, frame: Frame, begin: i32, end: i32): void {
  const width = shot.width;
  const height = shot.height;
  const geometry = frame.geometry;
  const depth = geometry.depth;
  const view = geometry.view;
  const lens = geometry.lens;
  const fx = lens.fx;
  const fy = lens.fy;
  const cx = lens.cx;
  const cy = lens.cy;
  const flat = lens.viewHeight > 0;
  const normal = frame.normal;
  const told = changetype<usize>(normal) != 0;
  const lights = frame.lights;
  const lightNumbers = frame.lightCount * LIGHT_NUMBERS;
  const inverse = strip(INVERSE_DEPTH);
  const normalX = strip(NORMAL_X);
  const normalY = strip(NORMAL_Y);
  const normalZ = strip(NORMAL_Z);
  const lambert = strip(LAMBERT);
  for (let p = begin, i = 0; p < end; p++, i++) {
    const row = p / width;
    const column = p - row * width;
    const z = depth[p];
    inverse[i] = HALF_DEPTH / (HALF_DEPTH + z);
    if (z >= BACKGROUND_DEPTH) {
      normalX[i] = 0;
      normalY[i] = 0;
      normalZ[i] = 1;
      lambert[i] = lightNumbers > 0 ? 1 : 0;
      continue;
    }
    const ky = -(<f64>row + 0.5 - cy) / fy;
    const kx = (<f64>column + 0.5 - cx) / fx;
    let x: f64;
    let y: f64;
    let n: f64;
    if (told) {
      const wx = normal[p * 3];
      const wy = normal[p * 3 + 1];
      const wz = normal[p * 3 + 2];
      x = view[0] * wx + view[4] * wy + view[8] * wz;
      y = view[1] * wx + view[5] * wy + view[9] * wz;
      n = view[2] * wx + view[6] * wy + view[10] * wz;
    } else {
      // The neighbour that is nearer in depth lies on the same surface.
      const zl = column > 0 ? depth[p - 1] : 1e9;
      const zr = column < width - 1 ? depth[p + 1] : 1e9;
      const zu = row > 0 ? depth[p - width] : 1e9;
      const zd = row < height - 1 ? depth[p + width] : 1e9;
      const useRight = Math.abs(zr - z) <= Math.abs(zl - z);
      const useDown = Math.abs(zd - z) <= Math.abs(zu - z);
      let gx = useRight ? zr - z : z - zl;
      let gy = useDown ? z - zd : zu - z;
      const most = MAP_EDGE * (flat ? lens.viewHeight : z);
      if (gx > most || gx < -most) gx = 0;
      if (gy > most || gy < -most) gy = 0;
      // The cross product of the differences of the view position (kx z, ky z, -z), or (kx, ky, -z), times fx fy / z.
      x = gx * fx;
      y = gy * fy;
      n = flat ? 1 : z + kx * x + ky * y;
    }
    const length = Math.sqrt(x * x + y * y + n * n);
    const scale = 1 / (length > 0 ? length : 1);
    x *= scale;
    y *= scale;
    n *= scale;
    normalX[i] = x;
    normalY[i] = y;
    normalZ[i] = n;
    let sum: f64 = 0;
    const k: f64 = flat ? 1 : z;
    for (let l = 0; l < lightNumbers; l += LIGHT_NUMBERS) {
      const strength = lights[l + 4];
      if (lights[l] == AMBIENT) sum += strength;
      else if (lights[l] == DIRECTIONAL) {
        const d = x * lights[l + 1] + y * lights[l + 2] + n * lights[l + 3];
        if (d > 0) sum += strength * d;
      } else {
        const tx = lights[l + 1] - kx * k;
        const ty = lights[l + 2] - ky * k;
        const tz = lights[l + 3] + z;
        const squared = tx * tx + ty * ty + tz * tz;
        const range = lights[l + 5];
        if (range > 0 && squared > range * range) continue;
        const d = x * tx + y * ty + n * tz;
        if (d > 0) sum += (strength * d) / (Math.sqrt(squared) * (LAMP_DISTANCE + squared));
      }
    }
    lambert[i] = min(sum, 1);
  }
}
