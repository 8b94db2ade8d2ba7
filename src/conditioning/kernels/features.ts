import { AROUND, ENGINE, FACING, FEATURES, PLACE, RING, STATIC, SURFACE, SURROUNDINGS } from "../transfer-sizes";
import { BACKGROUND_DEPTH } from "./constants";
import * as channels from "./controls";
import { Frame, Shot, Transfer } from "./layout";
import { placeX, placeY, placeZ, unproject } from "./projection";
import { scratch } from "./scratch";
import { F32s } from "./views";

/** The static world's owner. */
const WORLD: i32 = 0;
/** A neighbour is nearer by more than this share of the depth on the further side of an outline. */
const NEARER: f64 = 0.06;

/**
 * Makes ready to ask for features of a row: in scratch memory stand the sums of columns, as high as the surroundings, of the engine's colours
 * and of how many there are.
 */
export function openRow(shot: Shot, frame: Frame, row: i32): void {
  const width = shot.width;
  const first = max(0, row - SURROUNDINGS);
  const last = min(shot.height - 1, row + SURROUNDINGS);
  for (let x = 0; x < width; x++) {
    let sum = f32x4.splat(0);
    for (let y = first; y <= last; y++) {
      const at = changetype<usize>(frame.engine) + ((<usize>(y * width + x)) << 4);
      sum = f32x4.add(sum, known(v128.load(at)));
    }
    v128.store(scratch + ((<usize>x) << 4), sum);
  }
}

/** A colour that counts as nothing where it is not known. */
function known(engine: v128): v128 {
  return f32x4.mul(engine, f32x4.splat(f32x4.extract_lane(engine, 3)));
}

/** The mean of the engine's colours around a pixel of the row that was opened; its own where it stands alone. */
export function aroundAt(shot: Shot, frame: Frame, p: i32, column: i32): v128 {
  let sum = f32x4.splat(0);
  const last = min(shot.width - 1, column + SURROUNDINGS);
  for (let x = max(0, column - SURROUNDINGS); x <= last; x++)
    sum = f32x4.add(sum, v128.load(scratch + ((<usize>x) << 4)));
  const count = f32x4.extract_lane(sum, 3);
  if (count == 0) return v128.load(changetype<usize>(frame.engine) + ((<usize>p) << 4));
  return f32x4.div(sum, f32x4.splat(count));
}

/** How a pixel lies to outlines: 0 off them, 1 on the nearer and 2 on the further side of one, 3 beside. */
export function ringAt(shot: Shot, frame: Frame, p: i32, column: i32, row: i32): i32 {
  const width = shot.width;
  const outlines = frame.outlines;
  const left = column > 0 ? p - 1 : p;
  const right = column < width - 1 ? p + 1 : p;
  const up = row > 0 ? p - width : p;
  const down = row < shot.height - 1 ? p + width : p;
  if (outlines[p] == 0) return outlines[left] + outlines[right] + outlines[up] + outlines[down] == 0 ? 0 : 3;
  const depth = frame.geometry.depth;
  const nearest = min(min(depth[left], depth[right]), min(depth[up], depth[down]));
  return depth[p] > nearest * (1 + NEARER) ? 2 : 1;
}

/** Pixels away in which an outline's pixel looks for its surface. */
const NEAR: i32 = 3;

/**
 * The world-space normal of a pixel of the static world, each part from -1..1 to 0..1. On an outline, where a depth's neighbours may show another
 * surface, it is that of a pixel nearby that shows the same one.
 */
export function facingAt(shot: Shot, frame: Frame, at: i32, column: i32, row: i32): v128 {
  const pixels = shot.width * shot.height;
  const p = frame.outlines[at] == 0 ? at : besideOutline(shot, frame, at, column, row);
  const normal = changetype<F32s>(changetype<usize>(frame.control) + ((<usize>(channels.normalX * pixels)) << 2));
  const world = frame.geometry.world;
  const x = f32x4.splat(<f32>normal[p]);
  const y = f32x4.splat(<f32>normal[pixels + p]);
  const z = f32x4.splat(<f32>normal[2 * pixels + p]);
  const axes = changetype<usize>(world);
  const turned = f32x4.add(
    f32x4.mul(x, v128.load(axes)),
    f32x4.add(f32x4.mul(y, v128.load(axes, 16)), f32x4.mul(z, v128.load(axes, 32))),
  );
  return f32x4.add(f32x4.mul(turned, f32x4.splat(0.5)), f32x4.splat(0.5));
}

/** The nearest pixel in the row or column of p that shows its surface off any outline; p itself where none is near. */
function besideOutline(shot: Shot, frame: Frame, p: i32, column: i32, row: i32): i32 {
  const width = shot.width;
  const surface = surfaceAt(frame, p);
  for (let steps = 1; steps <= NEAR; steps++) {
    if (column >= steps && isInside(frame, p - steps, surface)) return p - steps;
    if (column + steps < width && isInside(frame, p + steps, surface)) return p + steps;
    if (row >= steps && isInside(frame, p - steps * width, surface)) return p - steps * width;
    if (row + steps < shot.height && isInside(frame, p + steps * width, surface)) return p + steps * width;
  }
  return p;
}

function isInside(frame: Frame, q: i32, surface: i32): bool {
  return frame.outlines[q] == 0 && surfaceAt(frame, q) == surface;
}

/** Whether a pixel shows the static world; then `placeAt` says where. */
export function isStatic(frame: Frame, p: i32): bool {
  return frame.geometry.owner[p] == WORLD && frame.geometry.depth[p] < BACKGROUND_DEPTH;
}

/** Where in the world a pixel of the static world lies: each axis is bent, so that all of space is 0..1 and most of what the first frame showed is 0.2..0.8. */
export function placeAt(shot: Shot, frame: Frame, transfer: Transfer, p: i32): v128 {
  unproject(shot, frame.geometry, frame.geometry.world, p);
  const space = transfer.space;
  return f32x4(
    <f32>bent(placeX - space[0], space[3]),
    <f32>bent(placeY - space[1], space[4]),
    <f32>bent(placeZ - space[2], space[5]),
    0,
  );
}

function bent(away: f64, perMetre: f64): f64 {
  const u = away * perMetre;
  return 0.5 + (0.5 * u) / (1 + Math.abs(u));
}

/** Which surface a pixel shows: its id, or where no plane tells, its owner; the background counts as one owner more. */
export function surfaceAt(frame: Frame, p: i32): i32 {
  return changetype<usize>(frame.surfaceIds) == 0 ? frame.surface[p] : frame.surfaceIds[p];
}

/** Writes the features of every `step`th pixel, of which these are number `from` to `to`, [count, FEATURES], for a transfer to be learnt from. */
export function sampleFeatures(
  shot: Shot,
  frame: Frame,
  transfer: Transfer,
  out: F32s,
  step: i32,
  from: i32,
  to: i32,
): void {
  let opened = -1;
  for (let i = from; i < to; i++) {
    const p = i * step;
    const row = p / shot.width;
    const column = p - row * shot.width;
    if (row != opened) openRow(shot, frame, row);
    opened = row;
    const at = changetype<usize>(out) + ((<usize>(i * FEATURES)) << 2);
    const numbers = changetype<F32s>(at);
    v128.store(at + ((<usize>AROUND) << 2), aroundAt(shot, frame, p, column));
    const still = isStatic(frame, p);
    v128.store(at + ((<usize>FACING) << 2), still ? facingAt(shot, frame, p, column, row) : f32x4.splat(0.5));
    v128.store(at + ((<usize>PLACE) << 2), still ? placeAt(shot, frame, transfer, p) : f32x4.splat(0.5));
    v128.store(at + ((<usize>ENGINE) << 2), v128.load(changetype<usize>(frame.engine) + ((<usize>p) << 4)));
    numbers[RING] = ringAt(shot, frame, p, column, row);
    numbers[SURFACE] = surfaceAt(frame, p);
    numbers[STATIC] = i32(still);
  }
}
