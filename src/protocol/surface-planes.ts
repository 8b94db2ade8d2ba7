import { BACKGROUND_DEPTH } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import { type Basis, turnDirection } from "./convention.js";
import { type DepthCode, depthCodeOf, unitsOf } from "./depth-encoding.js";
import { BadRequestError } from "./errors.js";
import { type Plane, PlaneKind } from "./generated/playblast/v1/plane.js";
import { type RawPlane, readPlane } from "./plane.js";
import { type DepthLevels, nearestPixels, sampleSurfaces } from "./sample-surfaces.js";

/** What of a frame's camera reading its depth needs. */
export interface DepthLens {
  readonly metresPerUnit: number;
  readonly orthographic: boolean;
  /** Metres by which the camera was moved back from where the sender has it; see `readCamera`. */
  readonly backstep: number;
  /** Height in metres of what an orthographic camera sees; not read otherwise. */
  readonly viewHeight: number;
}

/** A depth plane at the wanted size. */
export interface SampledDepth {
  /** [H, W] metres along the view axis, BACKGROUND_DEPTH where there is no surface. */
  readonly depth: Float32Array;
  /** The size that the plane had. */
  readonly from: FrameSize;
  /** [H, W] which of the plane's pixels shows the surface that was taken; undefined where the sizes are equal. */
  readonly shown: Uint32Array | undefined;
}

/** Where ids and normals are read: with the depth that was sampled before them, if their planes have its size. */
function shownPixels(from: FrameSize, to: FrameSize, depth: SampledDepth | undefined): Uint32Array | undefined {
  if (from.width === to.width && from.height === to.height) return undefined;
  if (depth?.shown && from.width === depth.from.width && from.height === depth.from.height) return depth.shown;
  return nearestPixels(from, to);
}

/**
 * Depth at the wanted size. Where the sizes differ it is interpolated at pixel centres within one surface: of one owner, where `ids` has
 * the same size, and without a jump.
 *
 * @throws BadRequestError
 */
export function readDepth(plane: Plane, field: string, size: FrameSize, lens: DepthLens, ids?: RawPlane): SampledDepth {
  const raw = readPlane(plane, field);
  const code = depthCodeOf(plane.depth, raw.maximum, lens.orthographic, field);
  const { values, size: from } = raw;
  if (from.width === size.width && from.height === size.height) {
    const depth = new Float32Array(values.length);
    for (let p = 0; p < depth.length; p++) depth[p] = metresOf(code, values[p], lens);
    return { depth, from, shown: undefined };
  }
  const sameSize = ids !== undefined && ids.size.width === from.width && ids.size.height === from.height;
  const levels: DepthLevels = {
    metres: metresAt(code, values, lens, values.length <= size.width * size.height),
    ids: sameSize ? ids.values : undefined,
    viewHeight: lens.orthographic ? lens.viewHeight : undefined,
  };
  return { ...sampleSurfaces(levels, from, size), from };
}

/** Metres at each pixel of a plane: worked out once where each is asked for more than once, else where one is asked for. */
function metresAt(
  code: DepthCode,
  values: RawPlane["values"],
  lens: DepthLens,
  once: boolean,
): (pixel: number) => number {
  if (!once) return (pixel) => metresOf(code, values[pixel], lens);
  const metres = new Float64Array(values.length);
  for (let pixel = 0; pixel < metres.length; pixel++) metres[pixel] = metresOf(code, values[pixel], lens);
  return (pixel) => metres[pixel];
}

/** Metres of a plane's value. NaN, infinity and anything behind the camera or beyond the background's depth are no surface. */
function metresOf(code: DepthCode, value: number, { metresPerUnit, backstep }: DepthLens): number {
  const metres = unitsOf(code, value) * metresPerUnit + backstep;
  return metres > 0 && metres < BACKGROUND_DEPTH ? metres : BACKGROUND_DEPTH;
}

/** A plane of owner or surface ids as it came. Throws BadRequestError where it holds floats. */
export function readIds(plane: Plane, field: string): RawPlane {
  const raw = readPlane(plane, field);
  if (raw.maximum === 0) {
    const what = plane.kind === PlaneKind.PLANE_KIND_SURFACE_ID ? "surface" : "owner";
    throw new BadRequestError(`${field}.format`, `is a float; ${what} ids are U8 or U16`);
  }
  return raw;
}

/** Ids at the wanted size, [H, W], of the surfaces that `depth` shows. */
export function sampleIds({ values, size: from }: RawPlane, size: FrameSize, depth?: SampledDepth): Uint16Array {
  const shown = shownPixels(from, size, depth);
  if (shown === undefined) return new Uint16Array(values);
  const out = new Uint16Array(size.width * size.height);
  for (let p = 0; p < out.length; p++) out[p] = values[shown[p]];
  return out;
}

/** Owner ids at the wanted size, of the surfaces that `depth` shows. Throws BadRequestError for one that is not in `known`. */
export function sampleOwnerIds(
  { values, size: from }: RawPlane,
  field: string,
  size: FrameSize,
  known: ReadonlySet<number>,
  depth?: SampledDepth,
): Uint16Array {
  const shown = shownPixels(from, size, depth);
  const out = new Uint16Array(size.width * size.height);
  let last = 0;
  for (let p = 0; p < out.length; p++) {
    const source = shown === undefined ? p : shown[p];
    const id = values[source];
    if (id !== last) {
      if (id !== 0 && !known.has(id)) {
        throw new BadRequestError(
          `${field}.data`,
          `holds owner id ${id} at pixel ${source}, which open_shot.scene does not declare; declare it or send 0 for the static world`,
        );
      }
      last = id;
    }
    out[p] = id;
  }
  return out;
}

/** Unit normals in our world space, [H, W, 3] at the wanted size, of the surfaces that `depth` shows; 0 where one is not finite or has no length. */
export function readNormals(
  plane: Plane,
  field: string,
  size: FrameSize,
  basis: Basis,
  depth?: SampledDepth,
): Float32Array {
  const { values, maximum, size: from } = readPlane(plane, field);
  const shown = shownPixels(from, size, depth);
  const out = new Float32Array(size.width * size.height * 3);
  const decode = (value: number) => (maximum ? (value / maximum) * 2 - 1 : value);
  for (let p = 0, o = 0; o < out.length; p++, o += 3) {
    const source = (shown === undefined ? p : shown[p]) * 3;
    const turned = turnDirection(basis, decode(values[source]), decode(values[source + 1]), decode(values[source + 2]));
    const length = Math.hypot(turned[0], turned[1], turned[2]);
    if (!(length > 0 && length < Infinity)) continue;
    for (let c = 0; c < 3; c++) out[o + c] = turned[c] / length;
  }
  return out;
}
