import { depthReach, viewPlace } from "../scene/camera.js";
import { BACKGROUND_DEPTH } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import { SRGB_TO_LINEAR } from "../scene/srgb.js";
import { shifted, shiftOf } from "./align-look.js";
import { channel, SHADE_FLOOR } from "./controls.js";
import type { FrameRoom } from "./frame-room.js";
import { lensOf } from "./geometry.js";
import { outlineBelief, outlineDistances, writeFade } from "./look-belief.js";
import { fitTransfer, type TransferSamples } from "./transfer-fit.js";
import { MOST_SAMPLES, type TransferRoom } from "./transfer-room.js";
import { FEATURES, KNOWN } from "./transfer-sizes.js";

const NORMAL = channel("normal x");
/** Blocks that the halves of a picture are made of, across and down. */
const BLOCKS_ACROSS = 16;
const BLOCKS_DOWN = 9;

/** What is done for each pixel, by kernels. */
export interface TransferKernels {
  /** Writes the features of every `step`th pixel, `count` of them. */
  readonly sample: (step: number, count: number) => void;
  /** Paints the frame by what was learnt: `FrameRoom.transfer`. */
  readonly apply: () => void;
}

/**
 * Learns from an image of a look and the engine's frame that it shows. From a look's first image: what the look paints where the engine shows what it
 * shows, and how far the rest holds away from where it was seen; where the image does not lie on the engine's outlines, from where it does. From any
 * image: how far the rest can be believed, pixel by pixel.
 *
 * @param rgb - [H, W, 3], 8-bit sRGB.
 * @param control - [CONTROL_CHANNELS, H, W] where the frame's normals were written.
 * @returns The picture, moved by a few pixels where it lay off the engine's outlines.
 */
export function learnLook(
  room: FrameRoom,
  learnt: TransferRoom,
  rgb: Uint8Array,
  size: FrameSize,
  newLook: boolean,
  control: Float32Array,
  { sample, apply }: TransferKernels,
): Uint8Array {
  const distances = outlineDistances(room.outlines, size);
  const { image, root } = aligned(room, rgb, distances, size);
  /** What the transfer leaves of the image once it is applied, and how far that can be believed by the distance to an outline. */
  const judged = () => {
    apply();
    const left = leftBy(room, root);
    return { left, belief: outlineBelief(distances, left, room.surface, size) };
  };
  if (!newLook) {
    believe(learnt, distances, judged().belief);
    return image;
  }
  writeSpace(room, learnt.space, size);
  const { features, known, half, step } = sampled(learnt, size, sample);
  const target = new Float32Array(known.length * 3);
  for (let i = 0; i < known.length; i++) for (let c = 0; c < 3; c++) target[3 * i + c] = root[3 * i * step + c];
  const learn = (weight: Float32Array) => {
    learnt.struct.set({ tables: fitTransfer({ features, target, weight, half }, learnt) });
    return judged();
  };
  let { left, belief } = learn(known);
  if (belief.some((share) => share < 1)) {
    const before = belief;
    ({ left, belief } = learn(known.map((share, i) => share * before[distances[i * step]] ** 2)));
  }
  believe(learnt, distances, belief);
  const texture = left.map((value, i) => value * learnt.belief[Math.floor(i / 3)]);
  writeFade(learnt.fade, texture, oneSurface(room, control, size), size);
  return image;
}

/** An image as it is, or where it lies off what the engine shows, moved to where it belongs; and the roots of its colours. */
function aligned(
  room: FrameRoom,
  rgb: Uint8Array,
  distances: Uint8Array,
  size: FrameSize,
): { readonly image: Uint8Array; readonly root: Float32Array } {
  const root = rootsOf(room, rgb);
  const shift = shiftOf(root, room.engine as Float32Array, distances, size);
  if (shift.x === 0 && shift.y === 0) return { image: rgb, root };
  const image = shifted(rgb, size, shift);
  return { image, root: rootsOf(room, image) };
}

/** Features of some pixels, how far each is known, and the halves that they belong to. */
function sampled(
  learnt: TransferRoom,
  { width, height }: FrameSize,
  sample: TransferKernels["sample"],
): Pick<TransferSamples, "features" | "half"> & { readonly known: Float32Array; readonly step: number } {
  const step = Math.ceil((width * height) / MOST_SAMPLES);
  const count = Math.floor((width * height - 1) / step) + 1;
  sample(step, count);
  const features = learnt.features.subarray(0, count * FEATURES);
  const known = new Float32Array(count);
  const half = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const p = i * step;
    known[i] = features[i * FEATURES + KNOWN];
    const block = Math.floor(((p % width) * BLOCKS_ACROSS) / width);
    half[i] = (block + Math.floor((Math.floor(p / width) * BLOCKS_DOWN) / height)) % 2;
  }
  return { features, known, half, step };
}

/** Square roots of a picture's colours without their light, linear [H, W, 3]. */
function rootsOf({ shade, lit }: FrameRoom, rgb: Uint8Array): Float32Array {
  const roots = new Float32Array(rgb.length);
  for (let i = 0; i < roots.length; i++)
    roots[i] = Math.sqrt(SRGB_TO_LINEAR[rgb[i]] / (shade && lit ? Math.max(shade[i], SHADE_FLOOR) : 1));
  return roots;
}

/** What a frame's transfer leaves of such roots [H, W, 3]; 0 where it paints nothing. */
function leftBy({ transfer }: FrameRoom, root: Float32Array): Float32Array {
  const painted = transfer as Float32Array;
  const left = new Float32Array(root.length);
  for (let p = 0, i = 0; i < left.length; p += 4, i += 3) {
    if (painted[p + 3] === 0) continue;
    for (let c = 0; c < 3; c++) left[i + c] = root[i + c] - Math.sqrt(painted[p + c]);
  }
  return left;
}

function believe({ belief }: TransferRoom, distances: Uint8Array, shares: Float32Array): void {
  for (let p = 0; p < belief.length; p++) belief[p] = shares[distances[p]];
}

/** Two pixels show one surface where their normals' cosine is at least this, and one lies this near to the other's plane, as a share of the depth. */
const SAME_FACING = 0.9;
const SAME_PLANE = 0.02;

/** Tells whether the surface of one pixel goes on at another: the same owner, facing alike, on one plane. The background is one surface. */
function oneSurface(
  { geometry, surface }: FrameRoom,
  control: Float32Array,
  { width, height }: FrameSize,
): (p: number, q: number) => boolean {
  const pixels = width * height;
  const { depth } = geometry;
  const lens = lensOf(geometry);
  const normal = control.subarray(NORMAL * pixels, (NORMAL + 3) * pixels);
  return (p, q) => {
    if (surface[p] !== surface[q]) return false;
    if (depth[p] >= BACKGROUND_DEPTH || depth[q] >= BACKGROUND_DEPTH) return depth[p] === depth[q];
    const x = normal[p];
    const y = normal[pixels + p];
    const z = normal[2 * pixels + p];
    if (x * normal[q] + y * normal[pixels + q] + z * normal[2 * pixels + q] < SAME_FACING) return false;
    const [ax, ay] = viewPlace(lens, width, p, depth[p]);
    const [bx, by] = viewPlace(lens, width, q, depth[q]);
    const off = x * (bx - ax) + y * (by - ay) - z * (depth[q] - depth[p]);
    return Math.abs(off) <= SAME_PLANE * depthReach(lens, depth[p]);
  };
}

/** Pixels that the extent of what a first frame shows is measured by: every so many. */
const SPACE_STRIDE = 7;
/** Distances are measured in so many times their own root mean square. */
const SPREAD = 1.5;

/** Writes the middle of what a frame shows of the static world, and what metres away from it are multiplied by. */
function writeSpace({ geometry }: FrameRoom, space: Float64Array, { width, height }: FrameSize): void {
  const { depth, owner, world } = geometry;
  const lens = lensOf(geometry);
  const sum = new Float64Array(6);
  let count = 0;
  for (let p = 0; p < width * height; p += SPACE_STRIDE) {
    if (owner[p] !== 0 || depth[p] >= BACKGROUND_DEPTH) continue;
    const [x, y] = viewPlace(lens, width, p, depth[p]);
    for (let axis = 0; axis < 3; axis++) {
      const at = world[axis] * x + world[4 + axis] * y - world[8 + axis] * depth[p] + world[12 + axis];
      sum[axis] += at;
      sum[3 + axis] += at * at;
    }
    count++;
  }
  for (let axis = 0; axis < 3; axis++) {
    const middle = count > 0 ? sum[axis] / count : 0;
    const variance = count > 0 ? Math.max(0, sum[3 + axis] / count - middle * middle) : 0;
    space[axis] = middle;
    space[3 + axis] = variance > 1e-8 ? 1 / (SPREAD * Math.sqrt(variance)) : 0;
  }
}
