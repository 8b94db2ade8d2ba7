import type { mat4 } from "gl-matrix";
import { mat4 as Matrix } from "gl-matrix";
import type { Intrinsics } from "../scene/camera.js";
import { BACKGROUND_DEPTH } from "../scene/engine-frame.js";
import { INSIDE, SUBPIXEL } from "./controls.js";
import type { FrameGeometry } from "./geometry.js";
import type { OwnerTable } from "./owners.js";
import type { SourceFrame } from "./source-frame.js";
import { type Tiles, tilesOutside } from "./tiles.js";

/** Bilinear weight that taps of the right surface must have together. */
const LEAST_WEIGHT = 0.2;
/** With this much of it an answer is certain. */
const CERTAIN_WEIGHT = 0.66;
/** Outline taps are used only when the clean ones weigh less than this. */
const CLEAN_WEIGHT = 0.25;
/** Trust in what only outline taps tell: below what satisfies the world cache, so that other sources are asked too. */
const OUTLINE_CERTAINTY = 0.45;
/** A source that saw the surface with at least this many of our pixels is fully trusted; trust falls linearly below. */
const FULL_RESOLUTION = 0.6;

/**
 * Where each pixel of a frame is to be found in remembered frames: geometry alone, no colours. The same arrays serve a
 * live shot and training.
 */
export interface Layer {
  /** [H, W] which source answers, -1 for none. */
  readonly source: Int16Array;
  /** [H, W] sample position in 1 / SUBPIXEL of a pixel, pixel centres at whole numbers. */
  readonly x: Uint32Array;
  readonly y: Uint32Array;
  /** [H, W] taps that may be used: bit 0 (x, y), 1 (x+1, y), 2 (x, y+1), 3 (x+1, y+1); INSIDE where these and all beside them are of one surface. */
  readonly taps: Uint8Array;
  /** [H, W] 0..255; 0 where there is no answer. */
  readonly trust: Uint8Array;
}

/** Takes all answers out of a layer. */
export function clearLayer({ source, trust }: Layer): void {
  source.fill(-1);
  trust.fill(0);
}

/** A layer without any answers. */
export function makeLayer(pixels: number): Layer {
  return {
    source: new Int16Array(pixels).fill(-1),
    x: new Uint32Array(pixels),
    y: new Uint32Array(pixels),
    taps: new Uint8Array(pixels),
    trust: new Uint8Array(pixels),
  };
}

/**
 * Asks one remembered frame about the pixels listed in `wanted` (rising indices; all without it), and writes the answers that are better than
 * what `layer` holds. A pixel's point moves with its owner: P' = T_owner(source) T_owner(target)^-1 P. Background is a point far away, and for
 * orthographic cameras, from where every such point is out of the picture, a direction that turns with the camera alone.
 *
 * @returns How many pixels it answered.
 */
export function askSource(
  table: OwnerTable,
  target: FrameGeometry,
  tiles: Tiles,
  source: SourceFrame,
  sourceIndex: number,
  wanted: Uint32Array | undefined,
  layer: Layer,
): number {
  const { width, height } = target;
  const there = source.geometry;
  const { matrices, known, sky } = screenToScreen(target, there);
  const { of } = tiles;
  const outside = tilesOutside(tiles, matrices, target, there);
  const depthThere = there.depth;
  const ownerThere = there.owner;
  const { tolerance, mixed, quads } = source;
  const { parent } = table;
  const anyOrthographic = target.intrinsics.orthographic || there.intrinsics.orthographic;
  // A direction is divided by its depth, as under perspective.
  let asDirection = false;
  let perspectiveHere = !target.intrinsics.orthographic;
  let perspectiveThere = !there.intrinsics.orthographic;
  let focalRatio = there.intrinsics.fx / target.intrinsics.fx;
  const lastX = width - 1;
  const lastY = height - 1;
  let answered = 0;
  let owner = -1;
  // Of the last row and owner, which neighbours mostly share: x w = (xa u + xb) z + xc under perspective, xa u + xb + xc z without.
  let xa = 0;
  let xb = 0;
  let xc = 0;
  let ya = 0;
  let yb = 0;
  let yc = 0;
  let za = 0;
  let zb = 0;
  let zc = 0;
  let row = 0;
  let rowStart = 0;
  const count = wanted === undefined ? width * height : wanted.length;
  for (let i = 0; i < count; i++) {
    const p = wanted === undefined ? i : wanted[i];
    if (outside[of[p]] !== 0) continue;
    if (p >= rowStart + width) {
      row = (p / width) | 0;
      rowStart = row * width;
      owner = -1;
    }
    if (anyOrthographic && target.depth[p] >= BACKGROUND_DEPTH !== asDirection) {
      asDirection = !asDirection;
      perspectiveHere = asDirection || !target.intrinsics.orthographic;
      perspectiveThere = asDirection || !there.intrinsics.orthographic;
      focalRatio = asDirection ? there.skyFocal[0] / target.skyFocal[0] : there.intrinsics.fx / target.intrinsics.fx;
      owner = -1;
    }
    if (target.owner[p] !== owner) {
      owner = target.owner[p];
      const m = (asDirection ? sky : owner) * 15;
      // The column of `matrices` that joins the row's term, and the one that stays apart.
      const joined = perspectiveHere ? 3 : 4;
      const apart = perspectiveHere ? 4 : 3;
      const v = row + 0.5;
      xa = matrices[m];
      xb = matrices[m + 1] * v + matrices[m + 2] + matrices[m + joined];
      xc = matrices[m + apart];
      ya = matrices[m + 5];
      yb = matrices[m + 6] * v + matrices[m + 7] + matrices[m + 5 + joined];
      yc = matrices[m + 5 + apart];
      za = matrices[m + 10];
      zb = matrices[m + 11] * v + matrices[m + 12] + matrices[m + 10 + joined];
      zc = matrices[m + 10 + apart];
    }
    if (known[owner] === 0 && !asDirection) continue;
    const z = target.depth[p];
    const u = p - rowStart + 0.5;
    const zThere = perspectiveHere ? (za * u + zb) * z + zc : za * u + zb + zc * z;
    if (!(zThere > 0)) continue;
    const w = perspectiveThere ? 1 / zThere : 1;
    let x = (perspectiveHere ? (xa * u + xb) * z + xc : xa * u + xb + xc * z) * w - 0.5;
    let y = (perspectiveHere ? (ya * u + yb) * z + yc : ya * u + yb + yc * z) * w - 0.5;
    if (!(x >= -0.5 && x <= lastX + 0.5 && y >= -0.5 && y <= lastY + 0.5)) continue;
    x = x < 0 ? 0 : Math.min(x, lastX);
    y = y < 0 ? 0 : Math.min(y, lastY);
    const fixedX = (x * SUBPIXEL + 0.5) | 0;
    const fixedY = (y * SUBPIXEL + 0.5) | 0;
    const x0 = fixedX >> 8;
    const y0 = fixedY >> 8;
    const q00 = y0 * width + x0;
    // A tap beyond the border has no weight, since x and y are clamped to the last pixel centre.
    const stepX = (fixedX & 255) === 0 ? 0 : 1;
    const stepY = (fixedY & 255) === 0 ? 0 : width;
    const weighted = (stepX === 0 ? 0b0101 : 0b1111) & (stepY === 0 ? 0b0011 : 0b1111);
    let taps = weighted | INSIDE;
    let certainty = 1;
    // Inside a surface, which is nearly everywhere, all taps are good.
    if (quads.owner[q00] !== owner || !(zThere >= quads.near[q00] && zThere <= quads.far[q00])) {
      const fx = (fixedX & 255) / SUBPIXEL;
      const fy = (fixedY & 255) / SUBPIXEL;
      let clean = 0;
      let cleanWeight = 0;
      let all = 0;
      let allWeight = 0;
      for (let tap = 0; tap < 4; tap++) {
        if ((weighted & (1 << tap)) === 0) continue;
        const q = q00 + ((tap & 1) === 0 ? 0 : stepX) + ((tap & 2) === 0 ? 0 : stepY);
        const o = ownerThere[q];
        if (o !== owner && parent[o] !== owner && parent[owner] !== o) continue;
        if (!(Math.abs(depthThere[q] - zThere) <= tolerance[q])) continue;
        const weight = ((tap & 1) === 0 ? 1 - fx : fx) * ((tap & 2) === 0 ? 1 - fy : fy);
        all |= 1 << tap;
        allWeight += weight;
        if (mixed[q] === 0) {
          clean |= 1 << tap;
          cleanWeight += weight;
        }
      }
      if (allWeight < LEAST_WEIGHT) continue;
      taps = cleanWeight >= CLEAN_WEIGHT ? clean : all;
      if (allWeight < CERTAIN_WEIGHT) certainty = allWeight / CERTAIN_WEIGHT;
      if (cleanWeight < CLEAN_WEIGHT) certainty *= OUTLINE_CERTAINTY;
    }
    const resolution = focalRatio * (perspectiveHere ? z : 1);
    const enough = FULL_RESOLUTION * (perspectiveThere ? zThere : 1);
    const sharpness = resolution >= enough ? 1 : resolution / enough;
    const trust = (255 * sharpness * certainty) | 0;
    if (trust <= layer.trust[p]) continue;
    layer.source[p] = sourceIndex;
    layer.x[p] = fixedX;
    layer.y[p] = fixedY;
    layer.taps[p] = taps;
    layer.trust[p] = trust;
    answered++;
  }
  return answered;
}

/**
 * For each owner the [3, 5] matrix from (u k, v k, k, z, 1) of the target's pixels to (u' w', v' w', z') in the source,
 * where k is z under perspective and 1 otherwise, and z is metres along the view axis; and as row `sky` that of the background's
 * directions, with k = z and w' = z'.
 */
function screenToScreen(
  target: FrameGeometry,
  there: FrameGeometry,
): { matrices: Float64Array; known: Uint8Array; sky: number } {
  const owners = target.transforms.present.length;
  const matrices = new Float64Array((owners + 1) * 15);
  const known = new Uint8Array(owners);
  const viewToView = Matrix.create();
  for (let owner = 0; owner < owners; owner++) {
    if (target.transforms.present[owner] === 0 || there.transforms.present[owner] === 0) continue;
    const nowToLocal = Matrix.invert(Matrix.create(), matrixOf(target, owner));
    if (!nowToLocal) continue;
    known[owner] = 1;
    // there.view * T_owner(there) * T_owner(here)^-1 * here.world, in double precision where it matters least often.
    Matrix.multiply(viewToView, nowToLocal, target.world);
    Matrix.multiply(viewToView, matrixOf(there, owner), viewToView);
    Matrix.multiply(viewToView, there.view, viewToView);
    writeScreenToScreen(viewToView, target.intrinsics, there.intrinsics, matrices, owner * 15);
  }
  Matrix.multiply(viewToView, there.view, target.world);
  for (let i = 12; i < 15; i++) viewToView[i] = 0;
  writeScreenToScreen(viewToView, skyLens(target), skyLens(there), matrices, owners * 15);
  return { matrices, known, sky: owners };
}

/** The pinhole through which a camera's background is seen. */
function skyLens({ intrinsics, skyFocal }: FrameGeometry): Intrinsics {
  return { ...intrinsics, fx: skyFocal[0], fy: skyFocal[1], orthographic: false };
}

function writeScreenToScreen(m: mat4, here: Intrinsics, to: Intrinsics, matrices: Float64Array, o: number): void {
  const rows = [0, 1, 2].map((r) => [
    m[r] / here.fx,
    -m[4 + r] / here.fy,
    (-m[r] * here.cx) / here.fx + (m[4 + r] * here.cy) / here.fy,
    -m[8 + r],
    m[12 + r],
  ]);
  for (let i = 0; i < 5; i++) {
    const forward = -rows[2][i];
    // (cx w') with w' = z' under perspective and 1 otherwise.
    const one = to.orthographic ? (i === 4 ? 1 : 0) : forward;
    matrices[o + i] = to.fx * rows[0][i] + to.cx * one;
    matrices[o + 5 + i] = -to.fy * rows[1][i] + to.cy * one;
    matrices[o + 10 + i] = forward;
  }
}

function matrixOf(geometry: FrameGeometry, owner: number): mat4 {
  return geometry.transforms.matrices.subarray(owner * 16, owner * 16 + 16) as unknown as mat4;
}
