import { SCREEN_NUMBERS } from "../record-sizes";
import { BACKGROUND_DEPTH, INSIDE, SUBPIXEL } from "./constants";
import { COUNTS, Frame, Geometry, Layer, MOST_SOURCES, Shot, Source, TILE } from "./layout";
import { ownersOfRows, surfacesOfRows } from "./owners";
import { MIXED_QUAD } from "./remember";
import { scratch } from "./scratch";
import { F64s, I32s, U8s } from "./views";

/** Bilinear weight that taps of the right surface must have together. */
const LEAST_WEIGHT: f64 = 0.2;
/** With this much of it an answer is certain. */
const CERTAIN_WEIGHT: f64 = 0.66;
/** Outline taps are used only when the clean ones weigh less than this. */
const CLEAN_WEIGHT: f64 = 0.25;
/** Trust in what only outline taps tell: below what satisfies the world cache, so that other sources are asked too. */
const OUTLINE_CERTAINTY: f64 = 0.45;
/** A source that saw the surface with at least this many of our pixels is fully trusted; trust falls linearly below. */
const FULL_RESOLUTION: f64 = 0.6;
/** Answers below this trust are improved upon when another source can. */
const ENOUGH_TRUST: i32 = 128;
const GOOD_TRUST: i32 = 200;
const FULL_TRUST: i32 = 255;
/** Doubt in a guess of which nothing is known. */
const UNKNOWN: i32 = 255;
/** Tiles with several owners have none in common. */
const SEVERAL: i32 = -1;

/**
 * Finds what the pixels of some rows move with, and where its sources show them. All are asked of the look's images, those without a good answer of the keyframes, the
 * older ones first, since what they show was warped fewer times, and last of the newest frame.
 *
 * @param band Number of the band of rows, for its counts.
 */
export function findRows(shot: Shot, frame: Frame, band: i32, fromRow: i32, toRow: i32): void {
  const width = shot.width;
  const from = fromRow * width;
  const to = toRow * width;
  ownersOfRows(shot, frame, fromRow, toRow);
  surfacesOfRows(shot, frame, fromRow, toRow);
  const anchor = frame.anchor;
  const memory = frame.memory;
  const first = anchor.trust;
  const later = memory.trust;
  const counts = changetype<I32s>(changetype<usize>(frame.counts) + ((<usize>(band * COUNTS)) << 2));
  for (let i = 0; i < COUNTS; i++) counts[i] = 0;
  memory.source.fill(from, to, -1);
  anchor.source.fill(from, to, -1);
  first.fill(from, to, 0);
  later.fill(from, to, 0);
  measureTiles(shot, frame, fromRow, toRow);

  let next = 0;
  const list = changetype<I32s>(changetype<usize>(frame.list) + ((<usize>from) << 2));
  let open = 0;
  for (; next < frame.lookCount; next++) {
    if (next == 0) {
      askSource(shot, frame, next, changetype<I32s>(0), from, to - from, anchor, fromRow, toRow);
      continue;
    }
    // Of several images the one with the best view answers, of equal ones the earlier.
    open = 0;
    for (let p = from; p < to; p++) if (first[p] < FULL_TRUST) list[open++] = p;
    if (open > 0) askSource(shot, frame, next, list, 0, open, anchor, fromRow, toRow);
  }
  open = 0;
  for (let p = from; p < to; p++) if (first[p] < ENOUGH_TRUST) list[open++] = p;
  const keyframes = frame.sourceCount - frame.hasNewest;
  for (; next < keyframes; next++) {
    counts[1 + next] = open;
    if (open == 0) continue;
    const answers = askSource(shot, frame, next, list, 0, open, memory, fromRow, toRow);
    counts[1 + MOST_SOURCES + next] = answers;
    if (answers == 0) continue;
    const asked = open;
    open = 0;
    for (let i = 0; i < asked; i++) {
      const p = list[i];
      if (later[p] < GOOD_TRUST) list[open++] = p;
    }
  }
  if (frame.hasNewest != 0) {
    open = 0;
    // Where the first frame answers well, the newest frame holds a warp of that same answer and has no news.
    for (let p = from; p < to; p++) if (first[p] < GOOD_TRUST && later[p] < GOOD_TRUST) list[open++] = p;
    askSource(shot, frame, next, list, 0, open, memory, fromRow, toRow);
  }
  counts[0] = settle(shot, frame, from, to);
}

/** Decides between the layers, and how certain and doubtful each answer is. Gives the number of covered pixels. */
function settle(shot: Shot, frame: Frame, from: i32, to: i32): i32 {
  const anchor = frame.anchor;
  const memory = frame.memory;
  const first = anchor.trust;
  const later = memory.trust;
  const covered = frame.covered;
  const doubt = frame.doubt;
  const seen = frame.seen;
  const certain = frame.certain;
  let count = 0;
  for (let p = from; p < to; p++) {
    let a = first[p];
    const b = later[p];
    if (a < ENOUGH_TRUST && b > a) {
      first[p] = a = 0;
      anchor.source[p] = -1;
    }
    const known = i32(a > 0 || b > 0);
    covered[p] = known;
    count += known;
    if (a > 0) doubt[p] = 0;
    else if (b > 0) {
      const there = (memory.y[p] >> 8) * shot.width + (memory.x[p] >> 8);
      doubt[p] = changetype<Source>(frame.sources[memory.source[p]]).doubt[there];
    } else doubt[p] = UNKNOWN;
    seen[p] = i32(a >= ENOUGH_TRUST);
    certain[p] = i32(a >= ENOUGH_TRUST || b >= ENOUGH_TRUST);
  }
  return count;
}

/** Owner and depth range of every tile of some rows. */
function measureTiles(shot: Shot, frame: Frame, fromRow: i32, toRow: i32): void {
  const width = shot.width;
  const columns = (width + TILE - 1) / TILE;
  const depth = frame.geometry.depth;
  const owner = frame.geometry.owner;
  for (let top = fromRow; top < toRow; top += TILE) {
    const bottom = min(top + TILE, toRow);
    for (let column = 0; column < columns; column++) {
      const left = column * TILE;
      const right = min(left + TILE, width);
      let common = owner[top * width + left];
      let near: f64 = Infinity;
      let far: f64 = -Infinity;
      for (let row = top; row < bottom; row++) {
        for (let p = row * width + left; p < row * width + right; p++) {
          const z = depth[p];
          if (owner[p] != common) common = SEVERAL;
          if (z < near) near = z;
          if (z > far) far = z;
        }
      }
      const tile = (top / TILE) * columns + column;
      frame.tileOwner[tile] = common;
      frame.tileNear[tile] = near;
      frame.tileFar[tile] = far;
    }
  }
}

/**
 * Tells which tiles of some rows lie outside of a source's picture altogether: all corners of the block of space that a tile shows are beyond
 * the same border, and with them all between them. Exact for a tile that is named; others are not all inside.
 */
function markOutside(shot: Shot, frame: Frame, there: Geometry, matrices: F64s, fromRow: i32, toRow: i32): void {
  const width = shot.width;
  const columns = (width + TILE - 1) / TILE;
  const flatHere = frame.geometry.lens.viewHeight > 0;
  const flatThere = there.lens.viewHeight > 0;
  const outside = frame.outside;
  for (let tile = (fromRow / TILE) * columns; tile < ((toRow + TILE - 1) / TILE) * columns; tile++) {
    outside[tile] = 0;
    const owner = frame.tileOwner[tile];
    if (owner == SEVERAL) continue;
    // There, background is a direction that another matrix turns.
    if ((flatHere || flatThere) && frame.tileFar[tile] >= BACKGROUND_DEPTH) continue;
    const m = owner * SCREEN_NUMBERS;
    const u0 = (tile % columns) * TILE;
    const v0 = (tile / columns) * TILE;
    // One bit for each border: left, right, top, bottom, behind.
    let beyond = 0b11111;
    for (let corner = 0; corner < 8 && beyond != 0; corner++) {
      const z = (corner & 1) == 0 ? frame.tileNear[tile] : frame.tileFar[tile];
      const k: f64 = flatHere ? 1 : z;
      const a = <f64>(u0 + ((corner & 2) == 0 ? 0 : TILE)) * k;
      const b = <f64>(v0 + ((corner & 4) == 0 ? 0 : TILE)) * k;
      const x = matrices[m] * a + matrices[m + 1] * b + matrices[m + 2] * k + matrices[m + 3] * z + matrices[m + 4];
      const y = matrices[m + 5] * a + matrices[m + 6] * b + matrices[m + 7] * k + matrices[m + 8] * z + matrices[m + 9];
      const forward =
        matrices[m + 10] * a + matrices[m + 11] * b + matrices[m + 12] * k + matrices[m + 13] * z + matrices[m + 14];
      const w: f64 = flatThere ? 1 : forward;
      beyond &=
        (x < 0 ? 1 : 0) |
        (x > <f64>width * w ? 2 : 0) |
        (y < 0 ? 4 : 0) |
        (y > <f64>shot.height * w ? 8 : 0) |
        (forward <= 0 ? 16 : 0);
    }
    if (beyond != 0) outside[tile] = 1;
  }
}

/**
 * Asks one source about `count` pixels: those of `wanted` from `begin` on (rising), or, where that is 0, `begin` and the ones after it. Writes the answers
 * that are better than what `layer` holds. A pixel's point moves with its owner. Background is a point far away, and for orthographic
 * cameras, from where every such point is out of the picture, a direction that turns with the camera alone.
 *
 * @returns How many pixels it answered.
 */
function askSource(
  shot: Shot,
  frame: Frame,
  index: i32,
  wanted: I32s,
  begin: i32,
  count: i32,
  layer: Layer,
  fromRow: i32,
  toRow: i32,
): i32 {
  const width = shot.width;
  const owners = shot.owners;
  const source = changetype<Source>(frame.sources[index]);
  const here = frame.geometry;
  const there = source.geometry;
  const matrices = changetype<F64s>(
    changetype<usize>(frame.matrices) + ((<usize>(index * (owners + 1) * SCREEN_NUMBERS)) << 3),
  );
  const known = changetype<U8s>(changetype<usize>(frame.known) + <usize>(index * owners));
  markOutside(shot, frame, there, matrices, fromRow, toRow);
  const outside = frame.outside;
  const columns = (width + TILE - 1) / TILE;
  const depthHere = here.depth;
  const ownerHere = here.owner;
  const depthThere = there.depth;
  const ownerThere = there.owner;
  const tolerance = source.tolerance;
  const mixed = source.mixed;
  const quadOwner = source.quadOwner;
  const quadNear = source.quadNear;
  const quadFar = source.quadFar;
  const parent = shot.parent;
  const layerSource = layer.source;
  const layerX = layer.x;
  const layerY = layer.y;
  const layerTaps = layer.taps;
  const layerTrust = layer.trust;
  const flatHere = here.lens.viewHeight > 0;
  const flatThere = there.lens.viewHeight > 0;
  const anyFlat = flatHere || flatThere;
  const places = changetype<I32s>(scratch);
  const foundX = changetype<I32s>(scratch + PLACES_BYTES);
  const foundY = changetype<I32s>(scratch + 2 * PLACES_BYTES);
  const columnsHere = changetype<F64s>(scratch + 3 * PLACES_BYTES);
  const depths = changetype<F64s>(scratch + 5 * PLACES_BYTES);
  const depthsThere = changetype<F64s>(scratch + 7 * PLACES_BYTES);
  let answered = 0;
  for (let i = 0; i < count; ) {
    // A run of pixels of one row and owner, which one set of coefficients takes to the source.
    const start = changetype<usize>(wanted) == 0 ? begin + i : wanted[begin + i];
    const row = start / width;
    const rowStart = row * width;
    const rowEnd = rowStart + width;
    const tileRow = (row / TILE) * columns;
    const owner = ownerHere[start];
    // A direction is divided by its depth, as under perspective.
    const asDirection = anyFlat && depthHere[start] >= BACKGROUND_DEPTH;
    let run = 0;
    for (; i < count && run < RUN; i++) {
      const p = changetype<usize>(wanted) == 0 ? begin + i : wanted[begin + i];
      if (p >= rowEnd || ownerHere[p] != owner) break;
      const z = depthHere[p];
      if (anyFlat && z >= BACKGROUND_DEPTH != asDirection) break;
      if (outside[tileRow + (p - rowStart) / TILE] != 0) continue;
      places[run] = p;
      columnsHere[run] = <f64>(p - rowStart) + 0.5;
      depths[run] = z;
      run++;
    }
    if (run == 0 || (known[owner] == 0 && !asDirection)) continue;
    const perspectiveHere = asDirection || !flatHere;
    const perspectiveThere = asDirection || !flatThere;
    const m = changetype<F64s>(
      changetype<usize>(matrices) + ((<usize>((asDirection ? owners : owner) * SCREEN_NUMBERS)) << 3),
    );
    project(m, <f64>row + 0.5, run, perspectiveHere, perspectiveThere, <f64>(width - 1), <f64>(shot.height - 1));
    const focalRatio = asDirection ? there.lens.skyX / here.lens.skyX : there.lens.fx / here.lens.fx;
    for (let r = 0; r < run; r++) {
      const fixedX = foundX[r];
      if (fixedX < 0) continue;
      const fixedY = foundY[r];
      const zThere = depthsThere[r];
      const p = places[r];
      const q00 = (fixedY >> 8) * width + (fixedX >> 8);
      // A tap beyond the border has no weight, since x and y are clamped to the last pixel centre.
      const stepX = (fixedX & 255) == 0 ? 0 : 1;
      const stepY = (fixedY & 255) == 0 ? 0 : width;
      const weighted = (stepX == 0 ? 0b0101 : 0b1111) & (stepY == 0 ? 0b0011 : 0b1111);
      let taps = weighted | INSIDE;
      let certainty: f64 = 1;
      // Inside a surface, which is nearly everywhere, all taps are good.
      const quad = quadOwner[q00];
      if (quad != owner || !(zThere >= quadNear[q00] && zThere <= quadFar[q00])) {
        // Nor is any of them where all are of another owner.
        if (quad != owner && quad != MIXED_QUAD && parent[quad] != owner && parent[owner] != quad) continue;
        const fx = <f64>(fixedX & 255) / SUBPIXEL;
        const fy = <f64>(fixedY & 255) / SUBPIXEL;
        let clean = 0;
        let cleanWeight: f64 = 0;
        let all = 0;
        let allWeight: f64 = 0;
        for (let tap = 0; tap < 4; tap++) {
          if ((weighted & (1 << tap)) == 0) continue;
          const q = q00 + ((tap & 1) == 0 ? 0 : stepX) + ((tap & 2) == 0 ? 0 : stepY);
          const o = ownerThere[q];
          if (o != owner && parent[o] != owner && parent[owner] != o) continue;
          if (!(Math.abs(depthThere[q] - zThere) <= tolerance[q])) continue;
          const weight = ((tap & 1) == 0 ? 1 - fx : fx) * ((tap & 2) == 0 ? 1 - fy : fy);
          all |= 1 << tap;
          allWeight += weight;
          if (mixed[q] == 0) {
            clean |= 1 << tap;
            cleanWeight += weight;
          }
        }
        if (allWeight < LEAST_WEIGHT) continue;
        taps = cleanWeight >= CLEAN_WEIGHT ? clean : all;
        if (allWeight < CERTAIN_WEIGHT) certainty = allWeight / CERTAIN_WEIGHT;
        if (cleanWeight < CLEAN_WEIGHT) certainty *= OUTLINE_CERTAINTY;
      }
      const resolution = focalRatio * (perspectiveHere ? depths[r] : 1);
      const enough = FULL_RESOLUTION * (perspectiveThere ? zThere : 1);
      const sharpness = resolution >= enough ? 1 : resolution / enough;
      const trust = <i32>(255 * sharpness * certainty);
      if (trust <= layerTrust[p]) continue;
      layerSource[p] = index;
      layerX[p] = fixedX;
      layerY[p] = fixedY;
      layerTaps[p] = taps;
      layerTrust[p] = trust;
      answered++;
    }
  }
  return answered;
}

/** Pixels that are taken to a source together, and bytes of an address for each. */
const RUN: i32 = 64;
const PLACES_BYTES: usize = 64 * 4;

/**
 * Takes a run of pixels (columns and depths in scratch memory) to a source, two at a time: their depths there and fixed-point places, clamped to the
 * outermost pixel centres; -1 beyond the picture and behind the camera.
 */
function project(
  m: F64s,
  v: f64,
  run: i32,
  perspectiveHere: bool,
  perspectiveThere: bool,
  lastX: f64,
  lastY: f64,
): void {
  const foundX = scratch + PLACES_BYTES;
  const foundY = scratch + 2 * PLACES_BYTES;
  const columnsHere = scratch + 3 * PLACES_BYTES;
  const depths = scratch + 5 * PLACES_BYTES;
  const depthsThere = scratch + 7 * PLACES_BYTES;
  // The column of the matrix that joins the row's term, and the one that stays apart: x w = (xa u + xb) z + xc under perspective, xa u + xb + xc z without.
  const joined = perspectiveHere ? 3 : 4;
  const apart = perspectiveHere ? 4 : 3;
  const xa = f64x2.splat(m[0]);
  const xb = f64x2.splat(m[1] * v + m[2] + m[joined]);
  const xc = f64x2.splat(m[apart]);
  const ya = f64x2.splat(m[5]);
  const yb = f64x2.splat(m[6] * v + m[7] + m[5 + joined]);
  const yc = f64x2.splat(m[5 + apart]);
  const za = f64x2.splat(m[10]);
  const zb = f64x2.splat(m[11] * v + m[12] + m[10 + joined]);
  const zc = f64x2.splat(m[10 + apart]);
  const half = f64x2.splat(0.5);
  const minusHalf = f64x2.splat(-0.5);
  const zero = f64x2.splat(0);
  const one = f64x2.splat(1);
  const subpixel = f64x2.splat(SUBPIXEL);
  const mostX = f64x2.splat(lastX);
  const mostY = f64x2.splat(lastY);
  const beyondX = f64x2.splat(lastX + 0.5);
  const beyondY = f64x2.splat(lastY + 0.5);
  for (let r = 0; r < run; r += 2) {
    const u = v128.load(columnsHere + ((<usize>r) << 3));
    const z = v128.load(depths + ((<usize>r) << 3));
    const zThere = perspectiveHere ? near(za, zb, zc, u, z) : flatly(za, zb, zc, u, z);
    const w = perspectiveThere ? f64x2.div(one, zThere) : one;
    const x = f64x2.sub(f64x2.mul(perspectiveHere ? near(xa, xb, xc, u, z) : flatly(xa, xb, xc, u, z), w), half);
    const y = f64x2.sub(f64x2.mul(perspectiveHere ? near(ya, yb, yc, u, z) : flatly(ya, yb, yc, u, z), w), half);
    const inside = v128.and(
      f64x2.gt(zThere, zero),
      v128.and(
        v128.and(f64x2.ge(x, minusHalf), f64x2.le(x, beyondX)),
        v128.and(f64x2.ge(y, minusHalf), f64x2.le(y, beyondY)),
      ),
    );
    const fixedX = f64x2.add(f64x2.mul(f64x2.pmax(zero, f64x2.pmin(x, mostX)), subpixel), half);
    const fixedY = f64x2.add(f64x2.mul(f64x2.pmax(zero, f64x2.pmin(y, mostY)), subpixel), half);
    v128.store(depthsThere + ((<usize>r) << 3), zThere);
    const codesX = i32x4.trunc_sat_f64x2_s_zero(v128.bitselect(fixedX, f64x2.splat(-1), inside));
    const codesY = i32x4.trunc_sat_f64x2_s_zero(fixedY);
    v128.store64_lane(foundX + ((<usize>r) << 2), codesX, 0);
    v128.store64_lane(foundY + ((<usize>r) << 2), codesY, 0);
  }
}

function near(a: v128, b: v128, c: v128, u: v128, z: v128): v128 {
  return f64x2.add(f64x2.mul(f64x2.add(f64x2.mul(a, u), b), z), c);
}
function flatly(a: v128, b: v128, c: v128, u: v128, z: v128): v128 {
  return f64x2.add(f64x2.add(f64x2.mul(a, u), b), f64x2.mul(c, z));
}
