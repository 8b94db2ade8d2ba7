import { MIXED_SLOPES, SURFACE_JUMP } from "../../scene/depth-edges";
import { luminance } from "./colour";
import { BACKGROUND_DEPTH, SHADE_FLOOR } from "./constants";
import { filledWarpRed } from "./controls";
import { Frame, Shot, Source } from "./layout";
import { F32s, U8s } from "./views";

/** Depths agree within this much at rest: a share of the distance (the view's height, where it is orthographic) plus metres. */
const TOLERANCE_SHARE: f64 = 0.01;
const TOLERANCE_METRES: f64 = 0.02;
/** On a slope, a tap may lie this many pixels away from the point asked for. */
const TOLERANCE_PIXELS: f64 = 1.5;
/** A turn of the camera changes the depth of the background, which is not a place: any depth this far out agrees. */
const BACKGROUND_TOLERANCE: f64 = 0.9 * BACKGROUND_DEPTH;
/** No owner: a quad's pixels belong to several surfaces. */
export const MIXED_QUAD: i32 = 0xffff;

/** Remembers the filled warp of some rows of a frame as the colours of a source, and its geometry. */
export function rememberRows(shot: Shot, frame: Frame, source: Source, fromRow: i32, toRow: i32): void {
  const pixels = shot.width * shot.height;
  const warp = changetype<F32s>(changetype<usize>(frame.control) + ((<usize>(filledWarpRed * pixels)) << 2));
  for (let p = fromRow * shot.width; p < toRow * shot.width; p++) {
    for (let c = 0; c < 3; c++) {
      // Encoded colours are -1..1, so that rounding needs no clamp.
      const code = <i32>(127.5 * (warp[c * pixels + p] + 1) + 0.5);
      writePaint(shot, frame, source, p, c, code, 1);
    }
    writeLight(frame.shade, source, p);
    source.doubt[p] = frame.doubt[p];
  }
  surfaceOfRows(shot, frame, source, fromRow, toRow);
}

/**
 * Remembers some rows of a picture `rgb` [H, W, 3], 8-bit sRGB, none of which is a guess.
 *
 * @param belief [H, W] shares of what the transfer does not paint that are believed; 0 for all of it.
 */
export function firstFrameRows(
  shot: Shot,
  frame: Frame,
  source: Source,
  rgb: U8s,
  belief: F32s,
  fromRow: i32,
  toRow: i32,
): void {
  for (let p = fromRow * shot.width; p < toRow * shot.width; p++) {
    const share = changetype<usize>(belief) == 0 ? 1 : belief[p];
    for (let c = 0; c < 3; c++) writePaint(shot, frame, source, p, c, rgb[p * 3 + c], share);
    writeLight(frame.shade, source, p);
    source.doubt[p] = 0;
  }
  surfaceOfRows(shot, frame, source, fromRow, toRow);
}

/** Writes a channel of a picture without its light, less what the transfer paints there; of what is left a share. */
function writePaint(shot: Shot, frame: Frame, source: Source, p: i32, c: i32, code: i32, share: f64): void {
  const linear = shot.linear[code];
  const shade = frame.shade;
  const bare = changetype<usize>(shade) == 0 ? linear : linear / max(shade[p * 3 + c], SHADE_FLOOR);
  const i = p * 4 + c;
  const transfer = frame.transfer;
  // What no transfer paints is believed whole.
  const plain = changetype<usize>(transfer) == 0 || transfer[p * 4 + 3] == 0;
  source.paint[i] = plain ? bare : share * (bare - transfer[i]);
}

function writeLight(shade: F32s, source: Source, p: i32): void {
  source.paint[p * 4 + 3] =
    changetype<usize>(shade) == 0 ? 1 : luminance(shade[p * 3], shade[p * 3 + 1], shade[p * 3 + 2]);
}

/** Geometry, depth tolerance and outlines of some rows. */
function surfaceOfRows(shot: Shot, frame: Frame, source: Source, fromRow: i32, toRow: i32): void {
  const width = shot.width;
  const height = shot.height;
  const depth = frame.geometry.depth;
  const owner = frame.geometry.owner;
  const viewHeight = frame.geometry.lens.viewHeight;
  const begin = <usize>(fromRow * width);
  const count = <usize>((toRow - fromRow) * width);
  const kept = source.geometry;
  memory.copy(changetype<usize>(kept.depth) + (begin << 2), changetype<usize>(depth) + (begin << 2), count << 2);
  memory.copy(changetype<usize>(kept.owner) + (begin << 1), changetype<usize>(owner) + (begin << 1), count << 1);
  for (let y = fromRow; y < toRow; y++) {
    for (let x = 0, p = y * width; x < width; x++, p++) {
      const z = depth[p];
      const reach = viewHeight > 0 ? viewHeight : z;
      const left = x > 0 ? p - 1 : p + 1;
      const right = x < width - 1 ? p + 1 : p - 1;
      const up = y > 0 ? p - width : p + width;
      const down = y < height - 1 ? p + width : p - width;
      const dl = Math.abs(depth[left] - z);
      const dr = Math.abs(depth[right] - z);
      const du = Math.abs(depth[up] - z);
      const dd = Math.abs(depth[down] - z);
      // The flatter side is the surface's own slope; the steeper one may be its outline.
      const slope = min(dl, dr) + min(du, dd);
      source.tolerance[p] =
        z >= BACKGROUND_DEPTH
          ? BACKGROUND_TOLERANCE
          : TOLERANCE_METRES + TOLERANCE_SHARE * reach + TOLERANCE_PIXELS * min(slope, SURFACE_JUMP * reach);
      const o = owner[p];
      const jump = SURFACE_JUMP * reach + MIXED_SLOPES * slope;
      source.mixed[p] = i32(
        dl > jump ||
          dr > jump ||
          du > jump ||
          dd > jump ||
          owner[left] != o ||
          owner[right] != o ||
          owner[up] != o ||
          owner[down] != o,
      );
    }
  }
}

/** Of each pixel of some rows what it, its right and lower neighbours and the one between them agree on. */
export function quadsOfRows(shot: Shot, source: Source, fromRow: i32, toRow: i32): void {
  const width = shot.width;
  const depth = source.geometry.depth;
  const owner = source.geometry.owner;
  const tolerance = source.tolerance;
  const mixed = source.mixed;
  for (let row = fromRow; row < toRow; row++) {
    const down = row < shot.height - 1 ? width : 0;
    for (let column = 0, p = row * width; column < width; column++, p++) {
      const right = column < width - 1 ? 1 : 0;
      const b = p + right;
      const c = p + down;
      const d = c + right;
      const o = owner[p];
      const one = owner[b] == o && owner[c] == o && owner[d] == o && mixed[p] + mixed[b] + mixed[c] + mixed[d] == 0;
      source.quadOwner[p] = one ? o : MIXED_QUAD;
      if (!one) continue;
      source.quadNear[p] = max(
        max(depth[p] - tolerance[p], depth[b] - tolerance[b]),
        max(depth[c] - tolerance[c], depth[d] - tolerance[d]),
      );
      source.quadFar[p] = min(
        min(depth[p] + tolerance[p], depth[b] + tolerance[b]),
        min(depth[c] + tolerance[c], depth[d] + tolerance[d]),
      );
    }
  }
}
