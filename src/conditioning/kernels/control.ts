import { SURFACE_JUMP } from "../../scene/depth-edges";
import { ENCODED_STEPS } from "../../scene/srgb-steps";
import { LIGHT_NUMBERS, RATIO_STEPS } from "../record-sizes";
import { encodedAt, luminance } from "./colour";
import {
  BACKGROUND_DEPTH,
  GUESS_DOUBT,
  LIGHT_DOUBT,
  MOST_LIGHT_STOPS,
  OUTLINE_DOUBT,
  SHADE_FLOOR,
  TRANSFER_DOUBT,
} from "./constants";
import * as channels from "./controls";
import { Frame, Pattern, Shot } from "./layout";
import { MEAN } from "./pattern";
import { slopeAcross, slopeUp } from "./projection";
import { sampleAt } from "./sample";
import { scratch } from "./scratch";
import { F32s } from "./views";

/**
 * Pixels that are written together, in scratch memory. Planes of a 256x144 frame lie a whole number of memory pages apart: writing all of them pixel by
 * pixel would push every plane's line out of the processor's cache before it is full.
 */
const STRIP: i32 = 64;

/** A channel of the strip in scratch memory. */
function strip(channel: i32): F32s {
  return changetype<F32s>(scratch + ((<usize>(channel * STRIP)) << 2));
}

/** A colour of which nothing is known is as unlike as can be, however far it is taken. */
const UNKNOWN: i32 = 255;

/**
 * How unlike the truth the guesses of some rows may be: as a colour that was taken from as far away as the pixel that fills them, which may be a guess
 * itself, and the way to it together.
 */
export function doubtOfRows(shot: Shot, frame: Frame, fromRow: i32, toRow: i32): void {
  const doubt = frame.doubt;
  const fade = frame.fade;
  for (let p = fromRow * shot.width; p < toRow * shot.width; p++) {
    if (frame.covered[p] != 0) continue;
    const before = doubt[frame.from[p]];
    doubt[p] = before;
    if (before == UNKNOWN) continue;
    let way = 0;
    while (way < 255 && fade[way + 1] <= before) way++;
    doubt[p] = min(255, before - fade[way] + fade[min(255, way + frame.distance[p])]);
  }
}

/** Writes the control maps of some rows: what depends on geometry and lights alone. */
export function mapsRows(shot: Shot, frame: Frame, fromRow: i32, toRow: i32): void {
  for (let row = fromRow; row < toRow; row++) {
    for (let column = 0; column < shot.width; column += STRIP) {
      const count = min(STRIP, shot.width - column);
      writeMaps(shot, frame, row, column, count);
      copyStrips(shot, frame, channels.inverseDepth, channels.lambert, row * shot.width + column, count);
    }
  }
}

/** Writes the other channels of the control tensor, and the trust, of some rows. */
export function writeRows(shot: Shot, frame: Frame, fromRow: i32, toRow: i32): void {
  // A channel that nothing writes is 0.
  memory.fill(changetype<usize>(strip(0)), 0, (<usize>(channels.count * STRIP)) << 2);
  for (let row = fromRow; row < toRow; row++) {
    for (let column = 0; column < shot.width; column += STRIP) {
      const begin = row * shot.width + column;
      const count = min(STRIP, shot.width - column);
      writeKnown(shot, frame, begin, begin + count);
      copyStrips(shot, frame, 0, channels.inverseDepth - 1, begin, count);
      copyStrips(shot, frame, channels.lambert + 1, channels.count - 1, begin, count);
    }
  }
}

/** Copies channels `first` to `last` of the strip to the control tensor. */
function copyStrips(shot: Shot, frame: Frame, first: i32, last: i32, begin: i32, count: i32): void {
  const pixels = shot.width * shot.height;
  for (let c = first; c <= last; c++) {
    const to = changetype<usize>(frame.control) + ((<usize>(c * pixels + begin)) << 2);
    copyStrip(changetype<usize>(strip(c)), to, count);
  }
}

function copyStrip(from: usize, to: usize, count: i32): void {
  if (count < STRIP) {
    memory.copy(to, from, (<usize>count) << 2);
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
  const encoded = shot.encoded;
  // Red, green and blue lie one behind another, which controls.ts checks.
  const warp = strip(channels.filledWarpRed);
  const past = strip(channels.memoryRed);
  const then = strip(channels.lightRatio);
  const painted = strip(channels.transferRed);
  const transfer = changetype<usize>(frame.transfer);
  const floor = f32x4.splat(<f32>SHADE_FLOOR);
  const none = f32x4.splat(0);
  let light = f32x4.splat(1);
  let plain = none;
  for (let p = begin, i = 0; p < end; p++, i++) {
    if (lit) light = f32x4.pmax(v128.load(shade + <usize>(p * 12)), floor);
    const q = from[p];
    const anchored = firstTrusts[q] > 0;
    let colour = none;
    // Where nothing at all is known there is no colour either.
    if (anchored || memoryTrusts[q] != 0) colour = sampleAt(anchored ? anchor : memory, sources, q, width);
    then[i] = <f64>f32x4.extract_lane(colour, 3);
    if (transfer != 0) {
      plain = v128.load(transfer + ((<usize>p) << 4));
      if (f32x4.extract_lane(plain, 3) != 0) colour = believed(shot, frame, p, colour);
    }
    const codes = codesOf(f32x4.mul(f32x4.add(colour, plain), light));
    const red = encoded[i32x4.extract_lane(codes, 0)];
    const green = encoded[i32x4.extract_lane(codes, 1)];
    const blue = encoded[i32x4.extract_lane(codes, 2)];
    warp[i] = red * 2 - 1;
    warp[STRIP + i] = green * 2 - 1;
    warp[2 * STRIP + i] = blue * 2 - 1;
    // Memory adds nothing where it has no answer, and where its answer is the warp's.
    if (memoryTrusts[p] == 0 || (!anchored && q == p)) {
      past[i] = 0;
      past[STRIP + i] = 0;
      past[2 * STRIP + i] = 0;
    } else {
      const codes = codesOf(f32x4.mul(f32x4.add(sampleAt(memory, sources, p, width), plain), light));
      past[i] = encoded[i32x4.extract_lane(codes, 0)] - red;
      past[STRIP + i] = encoded[i32x4.extract_lane(codes, 1)] - green;
      past[2 * STRIP + i] = encoded[i32x4.extract_lane(codes, 2)] - blue;
    }
    if (transfer == 0) continue;
    if (f32x4.extract_lane(plain, 3) == 0) {
      painted[i] = 0;
      painted[STRIP + i] = 0;
      painted[2 * STRIP + i] = 0;
      continue;
    }
    const plainCodes = codesOf(f32x4.mul(plain, light));
    painted[i] = encoded[i32x4.extract_lane(plainCodes, 0)] - red;
    painted[STRIP + i] = encoded[i32x4.extract_lane(plainCodes, 1)] - green;
    painted[2 * STRIP + i] = encoded[i32x4.extract_lane(plainCodes, 2)] - blue;
  }
  const shares = shot.shares;
  const firstTrust = strip(channels.trustOfTheFirstFrame);
  const memoryTrust = strip(channels.trustOfMemory);
  const doubts = strip(channels.doubt);
  const lightNow = strip(channels.lightNow);
  const outlines = frame.outlines;
  const trust = frame.trust;
  for (let p = begin, i = 0; p < end; p++, i++) {
    let now: f64 = 0;
    let stops: f64 = 0;
    if (lit) {
      const at = changetype<F32s>(shade + <usize>(p * 12));
      now = luminance(at[0], at[1], at[2]);
      stops = stopsOf(shot, (now + SHADE_FLOOR) / (then[i] + SHADE_FLOOR));
    }
    lightNow[i] = encodedAt(shot, now);
    then[i] = stops;
    const first = firstTrusts[p];
    const doubt = frame.doubt[p];
    firstTrust[i] = shares[first];
    memoryTrust[i] = shares[memoryTrusts[p]];
    doubts[i] = shares[doubt];
    const answer = first > 0 ? shares[first] : 1 - (GUESS_DOUBT * <f64>doubt) / 255;
    const moved = min(1, Math.abs(stops));
    const paints = transfer != 0 && load<f32>(transfer + ((<usize>p) << 4), 12) != 0;
    const whole = paints ? 1 - TRANSFER_DOUBT : 1;
    trust[p] = whole * answer * (1 - LIGHT_DOUBT * moved) * (1 - OUTLINE_DOUBT * <f64>outlines[p]);
  }
}

// Values of Frame.guesses, as GUESSES in ../conditioner.ts.
const WEIGHED: i32 = 0;
const FULL: i32 = 1;
const NO_RESIDUAL: i32 = 3;

/**
 * What is taken of a colour beside the transfer: of a guess that is new as much as it is like the truth, the rest being the mean of its pattern's surface, or 0
 * where it has none. That has the least squared error. Baselines take all, nothing in guesses, or nothing anywhere.
 */
function believed(shot: Shot, frame: Frame, p: i32, colour: v128): v128 {
  const guesses = frame.guesses;
  if (guesses == NO_RESIDUAL) return f32x4.splat(0);
  if (guesses == FULL || frame.covered[p] != 0) return colour;
  if (guesses != WEIGHED) return f32x4.splat(0);
  // What it is taken from may be a guess, of which a share is gone already; where all is, what is left is a mean.
  const left = 1 - shot.shares[frame.doubt[frame.from[p]]];
  const share = f32x4.splat(left > 0 ? <f32>min(1, (1 - shot.shares[frame.doubt[p]]) / left) : 1);
  const pattern = changetype<Pattern>(frame.patternOf[p]);
  if (changetype<usize>(pattern) == 0) return f32x4.mul(colour, share);
  const numbers = pattern.numbers;
  const mean = f32x4(<f32>numbers[MEAN], <f32>numbers[MEAN + 1], <f32>numbers[MEAN + 2], 0);
  return f32x4.add(mean, f32x4.mul(f32x4.sub(colour, mean), share));
}

/** Places of four linear values in the table of sRGB encodings, clamped to what it holds. */
function codesOf(linear: v128): v128 {
  const most = f32x4.splat(<f32>ENCODED_STEPS);
  const scaled = f32x4.add(f32x4.mul(linear, most), f32x4.splat(0.5));
  return i32x4.trunc_sat_f32x4_s(f32x4.pmax(f32x4.splat(0), f32x4.pmin(most, scaled)));
}

/** A ratio in powers of two by table, clamped to MOST_LIGHT_STOPS either way. */
function stopsOf(shot: Shot, ratio: f64): f64 {
  const most = <f64>(1 << (<i32>MOST_LIGHT_STOPS));
  return shot.stops[<i32>(min(ratio, most) * <f64>RATIO_STEPS + 0.5)];
}

/** Depth in metres at which the inverse-depth map reads one half. */
const HALF_DEPTH: f32 = 3;
/** Distance in metres at which a point light has its nominal strength. */
const LAMP_DISTANCE: f32 = 1;
/** Kinds of light: see lights.ts. */
const AMBIENT: f64 = 0;
const DIRECTIONAL: f64 = 1;

/** Further than any depth: nobody's neighbour. */
const NOWHERE: f32 = 1e9;

/**
 * The control maps of `count` pixels of a row from `column` on, into the strip: inverse depth 3 / (3 + z) in 0..1, unit normals in view space (from
 * a normal plane, else from depth; (0, 0, 1) on the background), and the light of all lights that meets the surface without shadows,
 * in 0..1. Four pixels at a time, in single precision.
 */
function writeMaps(shot: Shot, frame: Frame, row: i32, column: i32, count: i32): void {
  const width = shot.width;
  const geometry = frame.geometry;
  const view = geometry.view;
  const lens = geometry.lens;
  const flat = lens.viewHeight > 0;
  const normal = frame.normal;
  const told = changetype<usize>(normal) != 0;
  const lights = frame.lights;
  const lightNumbers = frame.lightCount * LIGHT_NUMBERS;
  const first = row * width + column;
  // The row of depths with one neighbour to either side, and the rows above and below.
  const here = copyDepths(
    geometry.depth,
    first,
    count,
    changetype<usize>(strip(channels.count)),
    column == 0,
    column + count == width,
  );
  const above =
    row > 0 ? copyDepths(geometry.depth, first - width, count, here + DEPTHS, true, true) : farAway(here + DEPTHS);
  const below =
    row < shot.height - 1
      ? copyDepths(geometry.depth, first + width, count, above + DEPTHS, true, true)
      : farAway(above + DEPTHS);
  const inverse = changetype<usize>(strip(channels.inverseDepth));
  const normalX = changetype<usize>(strip(channels.normalX));
  const normalY = changetype<usize>(strip(channels.normalY));
  const normalZ = changetype<usize>(strip(channels.normalZ));
  const lambert = changetype<usize>(strip(channels.lambert));
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const fx = f32x4.splat(<f32>lens.fx);
  const fy = f32x4.splat(<f32>lens.fy);
  const ky = f32x4.splat(<f32>slopeUp(lens, row));
  const half = f32x4.splat(HALF_DEPTH);
  const reach = f32x4.splat(<f32>lens.viewHeight);
  const jump = f32x4.splat(<f32>SURFACE_JUMP);
  for (let i = 0; i < count; i += 4) {
    const at = (<usize>i) << 2;
    const z = v128.load(here + at, 4);
    const x0 = column + i;
    const kx = f32x4(
      <f32>slopeAcross(lens, x0),
      <f32>slopeAcross(lens, x0 + 1),
      <f32>slopeAcross(lens, x0 + 2),
      <f32>slopeAcross(lens, x0 + 3),
    );
    let x: v128;
    let y: v128;
    let n: v128;
    if (told) {
      const o = (first + i) * 3;
      const wx = f32x4(<f32>normal[o], <f32>normal[o + 3], <f32>normal[o + 6], <f32>normal[o + 9]);
      const wy = f32x4(<f32>normal[o + 1], <f32>normal[o + 4], <f32>normal[o + 7], <f32>normal[o + 10]);
      const wz = f32x4(<f32>normal[o + 2], <f32>normal[o + 5], <f32>normal[o + 8], <f32>normal[o + 11]);
      x = turned(view, 0, wx, wy, wz);
      y = turned(view, 1, wx, wy, wz);
      n = turned(view, 2, wx, wy, wz);
    } else {
      const most = f32x4.mul(jump, flat ? reach : z);
      const gx = slope(f32x4.sub(v128.load(here + at, 8), z), f32x4.sub(z, v128.load(here + at)), most);
      const gy = slope(f32x4.sub(z, v128.load(below + at, 4)), f32x4.sub(v128.load(above + at, 4), z), most);
      // The cross product of the differences of the view position (kx z, ky z, -z), or (kx, ky, -z), times fx fy / z.
      x = f32x4.mul(gx, fx);
      y = f32x4.mul(gy, fy);
      n = flat ? one : f32x4.add(z, f32x4.add(f32x4.mul(kx, x), f32x4.mul(ky, y)));
    }
    const length = f32x4.sqrt(f32x4.add(f32x4.mul(x, x), f32x4.add(f32x4.mul(y, y), f32x4.mul(n, n))));
    const scale = f32x4.div(one, v128.bitselect(length, one, f32x4.gt(length, zero)));
    const background = f32x4.ge(z, f32x4.splat(<f32>BACKGROUND_DEPTH));
    x = v128.andnot(f32x4.mul(x, scale), background);
    y = v128.andnot(f32x4.mul(y, scale), background);
    n = v128.bitselect(one, f32x4.mul(n, scale), background);
    v128.store(inverse + at, f32x4.div(half, f32x4.add(half, z)));
    v128.store(normalX + at, x);
    v128.store(normalY + at, y);
    v128.store(normalZ + at, n);
    let sum = zero;
    const k = flat ? one : z;
    for (let l = 0; l < lightNumbers; l += LIGHT_NUMBERS) {
      const strength = f32x4.splat(<f32>lights[l + 4]);
      const lx = f32x4.splat(<f32>lights[l + 1]);
      const ly = f32x4.splat(<f32>lights[l + 2]);
      const lz = f32x4.splat(<f32>lights[l + 3]);
      if (lights[l] == AMBIENT) sum = f32x4.add(sum, strength);
      else if (lights[l] == DIRECTIONAL) sum = f32x4.add(sum, f32x4.mul(strength, facing(x, y, n, lx, ly, lz)));
      else {
        const tx = f32x4.sub(lx, f32x4.mul(kx, k));
        const ty = f32x4.sub(ly, f32x4.mul(ky, k));
        const tz = f32x4.add(lz, z);
        const squared = f32x4.add(f32x4.mul(tx, tx), f32x4.add(f32x4.mul(ty, ty), f32x4.mul(tz, tz)));
        const falling = f32x4.mul(f32x4.sqrt(squared), f32x4.add(f32x4.splat(LAMP_DISTANCE), squared));
        let light = f32x4.div(f32x4.mul(strength, facing(x, y, n, tx, ty, tz)), falling);
        const range = <f32>lights[l + 5];
        if (range > 0) light = v128.andnot(light, f32x4.gt(squared, f32x4.splat(range * range)));
        // In the light itself there is no direction to it.
        sum = f32x4.add(sum, v128.and(light, f32x4.gt(squared, zero)));
      }
    }
    sum = v128.bitselect(lightNumbers > 0 ? one : zero, f32x4.pmin(one, sum), background);
    v128.store(lambert + at, sum);
  }
}

/** Bytes of a strip of depths with a neighbour to either side, up to whole vectors. */
const DEPTHS: usize = <usize>(4 * STRIP + 32);

/** Copies depths of `count` pixels with one neighbour to either side, which is NOWHERE beyond the picture. Gives where they lie. */
function copyDepths(depth: F32s, first: i32, count: i32, to: usize, leftEnds: bool, rightEnds: bool): usize {
  memory.copy(to + 4, changetype<usize>(depth) + ((<usize>first) << 2), (<usize>count) << 2);
  store<f32>(to, leftEnds ? NOWHERE : <f32>depth[first - 1]);
  store<f32>(to + ((<usize>(count + 1)) << 2), rightEnds ? NOWHERE : <f32>depth[first + count]);
  return to;
}

/** Depths of nothing. */
function farAway(to: usize): usize {
  for (let i: usize = 0; i < DEPTHS; i += 16) v128.store(to + i, f32x4.splat(NOWHERE));
  return to;
}

/** The smaller of two steps in depth, which is that of the surface; 0 where it is more than `most`. */
function slope(a: v128, b: v128, most: v128): v128 {
  const step = v128.bitselect(a, b, f32x4.le(f32x4.abs(a), f32x4.abs(b)));
  return v128.and(step, f32x4.le(f32x4.abs(step), most));
}

/** Row of a rotation times a vector. */
function turned(view: F32s, row: i32, x: v128, y: v128, z: v128): v128 {
  return f32x4.add(
    f32x4.mul(f32x4.splat(<f32>view[row]), x),
    f32x4.add(f32x4.mul(f32x4.splat(<f32>view[4 + row]), y), f32x4.mul(f32x4.splat(<f32>view[8 + row]), z)),
  );
}

/** How far a normal faces a direction, at least 0. */
function facing(x: v128, y: v128, n: v128, tx: v128, ty: v128, tz: v128): v128 {
  const d = f32x4.add(f32x4.mul(x, tx), f32x4.add(f32x4.mul(y, ty), f32x4.mul(n, tz)));
  return f32x4.pmax(f32x4.splat(0), d);
}
