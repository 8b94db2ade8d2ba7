import type { FrameSize } from "../scene/picture.js";

/**
 * Pixels of one run, which takes some 1,000 bytes a pixel for the four frames of a chunk: frames up to 1280x736 go whole, 1920x1088 as four tiles, of which
 * 62 % more is painted.
 */
export const MOST_RUN_PIXELS = 1280 * 736;

/** A part of a frame that is painted in a run of its own, in pixels of the frame. */
export interface Tile extends FrameSize {
  /** What the run sees: from here on, `width` by `height`. */
  readonly x: number;
  readonly y: number;
  /** What it answers for. */
  readonly core: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
}

/** How a network's frames may be cut into tiles. */
export interface Tiling {
  /** Width and height of a tile, and where it begins, are multiples of this, as those of the frame. */
  readonly multiple: number;
  /** Pixels around a place beyond which nothing changes the answer there, a multiple of `multiple`. */
  readonly halo: number;
  /** Pixels that a run may see. */
  readonly mostPixels: number;
}

/**
 * Cuts a frame into tiles of one size that see `halo` pixels beyond what they answer for, or up to the frame's border: their answers are those of the
 * whole frame. Of the grids whose tiles are small enough it is the one in which least is seen twice; the finest that there is where none are.
 */
export function tilesOf(frame: FrameSize, tiling: Tiling): Tile[] {
  // What a finer cut saves is less than what it sees twice.
  const most = (side: number) => Math.max(1, Math.floor(side / (2 * tiling.halo)));
  let best: Tile[] = [];
  for (let columns = 1; columns <= most(frame.width); columns++) {
    for (let rows = 1; rows <= most(frame.height); rows++) {
      const grid = gridOf(frame, columns, rows, tiling);
      if (best.length === 0 || isBetter(grid, best, tiling)) best = grid;
    }
  }
  return best;
}

/** Whether a grid's tiles are small enough and less is seen by all together; while none are small enough, the smaller. */
function isBetter(grid: readonly Tile[], than: readonly Tile[], { mostPixels }: Tiling): boolean {
  const [tile, other] = [grid[0], than[0]].map(({ width, height }) => width * height);
  if (tile > mostPixels || other > mostPixels) return tile < other;
  return tile * grid.length < other * than.length;
}

function gridOf({ width, height }: FrameSize, columns: number, rows: number, tiling: Tiling): Tile[] {
  const across = spansOf(width, columns, tiling);
  return spansOf(height, rows, tiling).flatMap((y) =>
    across.map((x) => ({
      x: x.start,
      y: y.start,
      width: x.length,
      height: y.length,
      core: { left: x.from, top: y.from, right: x.to, bottom: y.to },
    })),
  );
}

/** A side cut into so many spans of one length, fewer where they would be empty. */
function spansOf(side: number, count: number, { multiple, halo }: Tiling) {
  const core = Math.ceil(side / count / multiple) * multiple;
  const length = Math.min(side, core + halo * Math.min(count - 1, 2));
  return Array.from({ length: Math.ceil(side / core) }, (_, i) => {
    const from = i * core;
    const start = Math.min(Math.max(0, from - halo), side - length);
    return { from, to: Math.min(side, from + core), start, length };
  });
}

/**
 * Copies what a tile sees of planes [C, H, W] into `out`, [C, h, w] of the tile. Beyond the planes' border, where the frame was made larger, their last row
 * and column go on.
 */
export function copySeen(planes: Float32Array, size: FrameSize, tile: Tile, out: Float32Array): void {
  const channels = planes.length / (size.width * size.height);
  const inside = Math.min(tile.width, size.width - tile.x);
  for (let channel = 0, to = 0; channel < channels; channel++) {
    for (let row = 0; row < tile.height; row++, to += tile.width) {
      const y = Math.min(tile.y + row, size.height - 1);
      const from = (channel * size.height + y) * size.width + tile.x;
      out.set(planes.subarray(from, from + inside), to);
      if (inside < tile.width) out.fill(out[to + inside - 1], to + inside, to + tile.width);
    }
  }
}

/** Copies what a tile answers for, of planes [C, h, w] of the tile, to its place in planes [C, H, W] of the frame. */
export function copyCore(planes: Float32Array, tile: Tile, frame: FrameSize, out: Float32Array): void {
  const { left, top, right, bottom } = tile.core;
  const channels = planes.length / (tile.width * tile.height);
  for (let channel = 0; channel < channels; channel++) {
    for (let y = top; y < bottom; y++) {
      const from = (channel * tile.height + y - tile.y) * tile.width + left - tile.x;
      out.set(planes.subarray(from, from + right - left), (channel * frame.height + y) * frame.width + left);
    }
  }
}
