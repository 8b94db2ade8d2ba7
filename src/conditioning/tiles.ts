import { BACKGROUND_DEPTH } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import type { FrameGeometry } from "./geometry.js";

/** Width and height of a tile in pixels. */
const TILE = 16;
/** Tiles with several owners have none in common. */
const SEVERAL = -1;

/** What the pixels of each tile of a frame have in common, so that whole tiles can be told from a few points. */
export interface Tiles {
  readonly columns: number;
  /** [H, W] the tile of each pixel. */
  readonly of: Uint16Array;
  /** The owner of all pixels of a tile, or -1 where there are several. */
  readonly owner: Int32Array;
  /** Least and greatest depth in each tile, metres. */
  readonly near: Float32Array;
  readonly far: Float32Array;
}

/** Room for the tiles of one frame. */
export function makeTiles({ width, height }: FrameSize): Tiles {
  const columns = Math.ceil(width / TILE);
  const count = columns * Math.ceil(height / TILE);
  const of = new Uint16Array(width * height);
  for (let p = 0; p < of.length; p++) of[p] = ((p / width / TILE) | 0) * columns + (((p % width) / TILE) | 0);
  return { columns, of, owner: new Int32Array(count), near: new Float32Array(count), far: new Float32Array(count) };
}

/** Finds owner and depth range of every tile of a frame; written into `tiles`. */
export function measureTiles({ depth, owner }: FrameGeometry, tiles: Tiles): void {
  const { of, near, far } = tiles;
  near.fill(Infinity);
  far.fill(-Infinity);
  for (let p = 0; p < of.length; p++) {
    const tile = of[p];
    const z = depth[p];
    if (near[tile] === Infinity) tiles.owner[tile] = owner[p];
    else if (tiles.owner[tile] !== owner[p]) tiles.owner[tile] = SEVERAL;
    if (z < near[tile]) near[tile] = z;
    if (z > far[tile]) far[tile] = z;
  }
}

/**
 * Tells which tiles lie outside of another frame's picture altogether: all corners of the block of space that a tile shows are beyond
 * the same border, and with them all between them. Exact for a tile that is named; others are not all inside.
 *
 * @param matrices - [owners, 15] from (u k, v k, k, z, 1) here to (u' w', v' w', z') there, as `screenToScreen` makes them.
 * @returns 1 for each tile of which no pixel can be found there.
 */
export function tilesOutside(
  tiles: Tiles,
  matrices: Float64Array,
  target: FrameGeometry,
  there: FrameGeometry,
): Uint8Array {
  const { width, height } = target;
  const outside = new Uint8Array(tiles.owner.length);
  const perspectiveHere = !target.intrinsics.orthographic;
  const perspectiveThere = !there.intrinsics.orthographic;
  for (let tile = 0; tile < outside.length; tile++) {
    const owner = tiles.owner[tile];
    if (owner === SEVERAL) continue;
    // There, background is a direction that another matrix turns.
    if (!(perspectiveHere && perspectiveThere) && tiles.far[tile] >= BACKGROUND_DEPTH) continue;
    const m = owner * 15;
    const u0 = (tile % tiles.columns) * TILE;
    const v0 = ((tile / tiles.columns) | 0) * TILE;
    // One bit for each border: left, right, top, bottom, behind.
    let beyond = 0b11111;
    for (let corner = 0; corner < 8 && beyond !== 0; corner++) {
      const z = (corner & 1) === 0 ? tiles.near[tile] : tiles.far[tile];
      const k = perspectiveHere ? z : 1;
      const a = (u0 + ((corner & 2) === 0 ? 0 : TILE)) * k;
      const b = (v0 + ((corner & 4) === 0 ? 0 : TILE)) * k;
      const x = matrices[m] * a + matrices[m + 1] * b + matrices[m + 2] * k + matrices[m + 3] * z + matrices[m + 4];
      const y = matrices[m + 5] * a + matrices[m + 6] * b + matrices[m + 7] * k + matrices[m + 8] * z + matrices[m + 9];
      const forward =
        matrices[m + 10] * a + matrices[m + 11] * b + matrices[m + 12] * k + matrices[m + 13] * z + matrices[m + 14];
      const w = perspectiveThere ? forward : 1;
      beyond &=
        (x < 0 ? 1 : 0) |
        (x > width * w ? 2 : 0) |
        (y < 0 ? 4 : 0) |
        (y > height * w ? 8 : 0) |
        (forward <= 0 ? 16 : 0);
    }
    if (beyond !== 0) outside[tile] = 1;
  }
  return outside;
}
