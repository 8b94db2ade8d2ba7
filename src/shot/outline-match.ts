import sharp from "sharp";
import { isOrthographic, orthographicHeight } from "../scene/camera.js";
import { PAINTED_JUMP } from "../scene/depth-edges.js";
import { BACKGROUND_DEPTH, type EngineFrame } from "../scene/engine-frame.js";
import type { FrameSize, Picture } from "../scene/picture.js";

/** Pictures are compared at most this high: painted outlines may be off by a pixel of that, not by more. */
const MOST_ROWS = 144;
/** Surfaces may slope so much that they reach PAINTED_JUMP over so many pixels, with this factor for the stairs of a plane that was smaller than the shot. */
const SLOPE_PIXELS = 3;
const STAIRS = 2.5;
/** Steps across an outline, summed over channels (8-bit sRGB), that differ by less are alike: noise and JPEG. */
const ALIKE = 6;
/** How far the outlines are moved to compare, as shares of the height; and at least, in pixels. */
const MOVES = [1 / 16, 1.5 / 16, 1 / 8];
const SHORTEST_MOVE = 4;
const DIRECTIONS = 8;
/** Fewer outline pixels than this tell nothing. */
const FEWEST = 100;
/** A picture with fewer steps than this share of the comparisons is a flat look, which fits everywhere. */
const FEWEST_DECIDED = 0.15;

/**
 * Below this a picture does not show what it is for. Chance is 0.5. On the courtyard take the engine's pictures and the painted look
 * come to 0.8 and more, the look blurred by 4 of 256 pixels to 0.73, moved by 2 to 0.63; pictures of other scenes, the
 * mirrored look and noise to 0.43 to 0.54.
 */
export const LOWEST_MATCH = 0.57;

/**
 * How well the edges of a picture lie on the outlines of what it shows: the chance that its colours step more across an outline
 * (a jump of depth or owner) than across the same outline moved to a place nearby. Undefined where that cannot be said: no
 * depth, hardly any outlines, or a picture without edges.
 *
 * @param picture At the size of the frame's planes.
 */
export async function outlineMatch(picture: Picture, frame: EngineFrame): Promise<number | undefined> {
  const size = smaller(picture);
  const outlines = outlinesOf(frame, picture, size);
  if (outlines.across.length + outlines.down.length < FEWEST) return undefined;
  const steps = stepsOf(await scaled(picture, size), size);
  const shortest = Math.max(SHORTEST_MOVE, size.height * MOVES[0]);
  const tally = { more: 0, less: 0, all: 0 };
  for (const move of MOVES) {
    for (let i = 0; i < DIRECTIONS; i++) {
      const angle = (i * 2 * Math.PI) / DIRECTIONS;
      const length = (shortest * move) / MOVES[0];
      const dx = Math.round(length * Math.cos(angle));
      const dy = Math.round(length * Math.sin(angle));
      compare(outlines.across, steps.across, size, dx, dy, tally);
      compare(outlines.down, steps.down, size, dx, dy, tally);
    }
  }
  const decided = tally.more + tally.less;
  return decided < FEWEST_DECIDED * tally.all ? undefined : tally.more / decided;
}

function smaller({ width, height }: FrameSize): FrameSize {
  const factor = Math.min(1, MOST_ROWS / height);
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

async function scaled(picture: Picture, size: FrameSize): Promise<Uint8Array> {
  if (picture.width === size.width && picture.height === size.height) return picture.rgb;
  const raw = { width: picture.width, height: picture.height, channels: 3 as const };
  return sharp(picture.rgb, { raw }).resize(size.width, size.height, { fit: "fill" }).raw().toBuffer();
}

/** Pixels with an outline between them and the next one across, or the next one down; none at the border. */
function outlinesOf(frame: EngineFrame, from: FrameSize, { width, height }: FrameSize) {
  const { projection } = frame.camera;
  const viewHeight = isOrthographic(projection) ? orthographicHeight(projection) : undefined;
  /** What is straight along a plane: inverse depth, and depth in views' heights where the camera is orthographic. */
  const level = new Float32Array(width * height);
  const owner = new Uint16Array(width * height);
  for (let y = 0, p = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * from.height) / height) * from.width;
    for (let x = 0; x < width; x++, p++) {
      const source = row + Math.floor(((x + 0.5) * from.width) / width);
      const depth = frame.depth?.[source] ?? BACKGROUND_DEPTH;
      if (viewHeight !== undefined) level[p] = depth / viewHeight;
      else level[p] = depth >= BACKGROUND_DEPTH ? 0 : 1 / depth;
      owner[p] = frame.ownerId?.[source] ?? 0;
    }
  }
  /** A floor seen at a grazing angle has no outlines. */
  const jumps = (p: number, next: number): boolean => {
    if (owner[p] !== owner[p + next]) return true;
    const a = level[p];
    const b = level[p + next];
    const jump = b - a;
    const least = PAINTED_JUMP * (viewHeight === undefined ? Math.max(a, b) : 1);
    if (Math.abs(jump) <= least) return false;
    const slopes = [a - level[p - SLOPE_PIXELS * next], level[p + next + SLOPE_PIXELS * next] - b];
    return slopes.every((sum) => {
      const slope = sum / SLOPE_PIXELS;
      return Math.abs(jump - slope) > Math.max(least, STAIRS * Math.abs(slope));
    });
  };
  const across: number[] = [];
  const down: number[] = [];
  for (let y = SLOPE_PIXELS; y < height - SLOPE_PIXELS - 1; y++) {
    for (let x = SLOPE_PIXELS; x < width - SLOPE_PIXELS - 1; x++) {
      const p = y * width + x;
      if (jumps(p, 1)) across.push(p);
      if (jumps(p, width)) down.push(p);
    }
  }
  return { across, down };
}

/** How much the colours change from the pixel before each one to the second after it, summed over channels. */
function stepsOf(rgb: Uint8Array, { width, height }: FrameSize) {
  const across = new Float32Array(width * height);
  const down = new Float32Array(width * height);
  const difference = (a: number, b: number): number =>
    Math.abs(rgb[a * 3] - rgb[b * 3]) +
    Math.abs(rgb[a * 3 + 1] - rgb[b * 3 + 1]) +
    Math.abs(rgb[a * 3 + 2] - rgb[b * 3 + 2]);
  for (let y = 1; y < height - 2; y++) {
    for (let x = 1; x < width - 2; x++) {
      const p = y * width + x;
      across[p] = difference(p - 1, p + 2);
      down[p] = difference(p - width, p + 2 * width);
    }
  }
  return { across, down };
}

/** Counts where the picture steps more, and where less, on the outlines than `dx`, `dy` away from them. */
function compare(
  outlines: readonly number[],
  steps: Float32Array,
  { width, height }: FrameSize,
  dx: number,
  dy: number,
  tally: { more: number; less: number; all: number },
): void {
  for (const p of outlines) {
    const x = (p % width) + dx;
    const y = Math.floor(p / width) + dy;
    if (x < 1 || y < 1 || x >= width - 2 || y >= height - 2) continue;
    const here = steps[p];
    const there = steps[y * width + x];
    tally.all++;
    if (here > there + ALIKE) tally.more++;
    else if (there > here + ALIKE) tally.less++;
  }
}
