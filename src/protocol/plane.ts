import { inflateSync } from "node:zlib";
import { BACKGROUND_DEPTH } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import { decodeSrgb, encodeSrgbFast, SRGB_TO_LINEAR } from "../scene/srgb.js";
import { BadRequestError } from "./errors.js";
import {
  ColourSpace,
  Compression,
  type Plane,
  PlaneFormat,
  PlaneKind,
  RowOrder,
} from "./generated/playblast/v1/plane.js";
import { ALLOWED_SIZES, isAllowedSize } from "./limits.js";

const BYTES: Partial<Record<PlaneFormat, number>> = {
  [PlaneFormat.PLANE_FORMAT_F32]: 4,
  [PlaneFormat.PLANE_FORMAT_F16]: 2,
  [PlaneFormat.PLANE_FORMAT_U16]: 2,
  [PlaneFormat.PLANE_FORMAT_U8]: 1,
};
const CHANNELS: Partial<Record<PlaneKind, number>> = {
  [PlaneKind.PLANE_KIND_DEPTH]: 1,
  [PlaneKind.PLANE_KIND_OWNER_ID]: 1,
  [PlaneKind.PLANE_KIND_NORMAL]: 3,
  [PlaneKind.PLANE_KIND_MOTION]: 2,
  [PlaneKind.PLANE_KIND_SHADE]: 3,
  [PlaneKind.PLANE_KIND_COLOUR]: 3,
  [PlaneKind.PLANE_KIND_TRUTH]: 3,
  [PlaneKind.PLANE_KIND_ALBEDO]: 3,
  [PlaneKind.PLANE_KIND_SURFACE_ID]: 1,
  [PlaneKind.PLANE_KIND_ROUGHNESS]: 1,
  [PlaneKind.PLANE_KIND_METALLIC]: 1,
};

/** A plane's numbers as they came: top row first, channels interleaved, at the plane's own size. */
export interface RawPlane {
  readonly size: FrameSize;
  readonly channels: number;
  readonly values: Uint8Array | Uint16Array | Float32Array;
  /** Largest value of a whole-number format, 0 for floats. */
  readonly maximum: number;
}

/** Half-precision bits to number, by table. */
let halfTable: Float32Array | undefined;
function halves(): Float32Array {
  halfTable ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const mantissa = bits & 1023;
    if (exponent === 31) return mantissa ? Number.NaN : sign * Infinity;
    return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
  });
  return halfTable;
}

/** What a plane's header says of its numbers. */
interface PlaneShape {
  readonly size: FrameSize;
  readonly channels: number;
  /** Of one channel of a pixel. */
  readonly bytes: number;
  /** Bytes of all, uncompressed. */
  readonly length: number;
}

/**
 * Checks a plane's header and, where it is not compressed, the length of its data. Reads no pixel.
 *
 * @throws BadRequestError naming what is wrong.
 */
export function checkPlane(plane: Plane, field: string): PlaneShape {
  const channels = CHANNELS[plane.kind];
  if (!channels) throw new BadRequestError(`${field}.kind`, `is ${plane.kind}; send one of the declared plane kinds`);
  const bytes = BYTES[plane.format];
  if (!bytes) {
    throw new BadRequestError(`${field}.format`, `is ${plane.format}; allowed are F32, F16, U16 and U8`);
  }
  const width = plane.size?.width ?? 0;
  const height = plane.size?.height ?? 0;
  if (!isAllowedSize({ width, height }))
    throw new BadRequestError(`${field}.size`, `is ${width}x${height}; allowed is ${ALLOWED_SIZES}`);
  if (plane.rowOrder !== RowOrder.ROW_ORDER_TOP_FIRST && plane.rowOrder !== RowOrder.ROW_ORDER_BOTTOM_FIRST) {
    throw new BadRequestError(`${field}.row_order`, `is ${plane.rowOrder}; allowed are TOP_FIRST and BOTTOM_FIRST`);
  }
  if (plane.compression > Compression.COMPRESSION_DEFLATE || plane.compression < 0) {
    throw new BadRequestError(`${field}.compression`, `is ${plane.compression}; allowed are NONE and DEFLATE`);
  }
  const shape = { size: { width, height }, channels, bytes, length: width * height * channels * bytes };
  if (plane.compression !== Compression.COMPRESSION_DEFLATE) checkLength(plane.data, shape, field);
  return shape;
}

function checkLength(data: Uint8Array, { size, channels, bytes, length }: PlaneShape, field: string): void {
  if (data.length !== length) {
    throw new BadRequestError(
      `${field}.data`,
      `has ${data.length} bytes; ${size.width}x${size.height} with ${channels} channel(s) of ${bytes} byte(s) needs ${length}. Send rows without padding`,
    );
  }
}

/** Unpacks a plane. Throws BadRequestError where its format, size, data, compression or row order are not as declared. */
export function readPlane(plane: Plane, field: string): RawPlane {
  const shape = checkPlane(plane, field);
  const { channels, bytes, length } = shape;
  const { width, height } = shape.size;
  let data: Buffer = plane.data;
  if (plane.compression === Compression.COMPRESSION_DEFLATE) {
    try {
      data = inflateSync(data, { maxOutputLength: length });
    } catch (error) {
      throw new BadRequestError(
        `${field}.data`,
        `is not deflate data of at most ${length} bytes (${(error as Error).message}); check compression and size`,
      );
    }
    checkLength(data, shape, field);
  }
  const count = width * height * channels;
  // The message's buffer need not be aligned to the number's size.
  const aligned = data.byteOffset % bytes === 0 ? data : Buffer.from(data);
  const { buffer, byteOffset } = aligned;
  let values: RawPlane["values"];
  let maximum = 0;
  if (plane.format === PlaneFormat.PLANE_FORMAT_U8) {
    values = new Uint8Array(buffer, byteOffset, count);
    maximum = 255;
  } else if (plane.format === PlaneFormat.PLANE_FORMAT_U16) {
    values = new Uint16Array(buffer, byteOffset, count);
    maximum = 65535;
  } else if (plane.format === PlaneFormat.PLANE_FORMAT_F32) values = new Float32Array(buffer, byteOffset, count);
  else {
    const bits = new Uint16Array(buffer, byteOffset, count);
    const table = halves();
    const out = new Float32Array(count);
    for (let i = 0; i < count; i++) out[i] = table[bits[i]];
    values = out;
  }
  if (plane.rowOrder === RowOrder.ROW_ORDER_BOTTOM_FIRST) values = flipRows(values, width * channels, height);
  return { size: { width, height }, channels, values, maximum };
}

function flipRows(values: RawPlane["values"], row: number, height: number): RawPlane["values"] {
  const flipped = values.slice();
  for (let y = 0; y < height; y++) flipped.set(values.subarray((height - 1 - y) * row, (height - y) * row), y * row);
  return flipped;
}

/** A picture plane at the wanted size: bilinear when it grows, the mean of the covered pixels when it shrinks. */
function resample(values: Float32Array, from: FrameSize, to: FrameSize): Float32Array {
  if (from.width === to.width && from.height === to.height) return values;
  const across = tapsOf(from.width, to.width);
  const down = tapsOf(from.height, to.height);
  const middle = new Float32Array(to.width * from.height * 3);
  for (let y = 0, o = 0; y < from.height; y++) {
    const row = y * from.width;
    for (let x = 0; x < to.width; x++, o += 3) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let tap = across.first[x]; tap < across.first[x + 1]; tap++) {
        const weight = across.weight[tap];
        const i = (row + across.index[tap]) * 3;
        r = Math.fround(r + weight * values[i]);
        g = Math.fround(g + weight * values[i + 1]);
        b = Math.fround(b + weight * values[i + 2]);
      }
      middle[o] = r;
      middle[o + 1] = g;
      middle[o + 2] = b;
    }
  }
  const out = new Float32Array(to.width * to.height * 3);
  const length = to.width * 3;
  for (let y = 0; y < to.height; y++) {
    for (let tap = down.first[y]; tap < down.first[y + 1]; tap++) {
      const weight = down.weight[tap];
      const source = down.index[tap] * length;
      for (let i = 0, o = y * length; i < length; i++, o++) out[o] += weight * middle[source + i];
    }
  }
  return out;
}

/** Of each place along an axis the taps `first[i]` to `first[i + 1]`: which value is taken, and how much of it; their weights are 1 together. */
interface Taps {
  readonly first: Int32Array;
  readonly index: Int32Array;
  readonly weight: Float64Array;
}

/** Triangle-filter taps of each output position. */
function tapsOf(from: number, to: number): Taps {
  const scale = from / to;
  const support = Math.max(1, scale);
  const first = new Int32Array(to + 1);
  const index: number[] = [];
  const weight: number[] = [];
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale - 0.5;
    let sum = 0;
    for (let j = Math.ceil(centre - support); j <= Math.floor(centre + support); j++) {
      const share = 1 - Math.abs(j - centre) / support;
      if (share <= 0) continue;
      index.push(Math.max(0, Math.min(from - 1, j)));
      weight.push(share);
      sum += share;
    }
    for (let tap = first[i]; tap < weight.length; tap++) weight[tap] /= sum;
    first[i + 1] = weight.length;
  }
  return { first, index: Int32Array.from(index), weight: Float64Array.from(weight) };
}

/** Light brighter than this is no light on neutral grey, and would only overflow. */
const MOST_SHADE = 1e4;

/** Lighting in linear light, [H, W, 3] at the wanted size, not below 0; 1 where `depth` says background. */
export function readShade(plane: Plane, field: string, size: FrameSize, depth: Float32Array | undefined): Float32Array {
  const raw = readPlane(plane, field);
  const { values, maximum } = raw;
  const linear = new Float32Array(values.length);
  if (plane.colourSpace === ColourSpace.COLOUR_SPACE_LINEAR) {
    const scale = maximum || 1;
    for (let i = 0; i < values.length; i++) linear[i] = asLight(finite(values[i] / scale, field));
  } else if (maximum === 255) for (let i = 0; i < values.length; i++) linear[i] = SRGB_TO_LINEAR[values[i]];
  else {
    const scale = maximum || 1;
    for (let i = 0; i < values.length; i++) linear[i] = asLight(decodeSrgb(finite(values[i] / scale, field)));
  }
  const out = resample(linear, raw.size, size);
  if (depth) {
    for (let p = 0; p < depth.length; p++) if (depth[p] >= BACKGROUND_DEPTH) out.fill(1, p * 3, p * 3 + 3);
  }
  return out;
}

function asLight(value: number): number {
  return value > 0 ? Math.min(value, MOST_SHADE) : 0;
}

function finite(value: number, field: string): number {
  if (!Number.isFinite(value))
    throw new BadRequestError(`${field}.data`, `holds ${value}; shade and colours are finite`);
  return value;
}

/** A picture plane as 8-bit sRGB [H, W, 3] at the wanted size. */
export function readPicture(
  plane: Plane,
  field: string,
  size: FrameSize | undefined,
): { rgb: Uint8Array; size: FrameSize } {
  const raw = readPlane(plane, field);
  const to = size ?? raw.size;
  const { values, maximum } = raw;
  const isLinear = plane.colourSpace === ColourSpace.COLOUR_SPACE_LINEAR;
  const sameSize = raw.size.width === to.width && raw.size.height === to.height;
  if (maximum === 255 && !isLinear && sameSize) return { rgb: new Uint8Array(values), size: to };
  const scale = maximum || 1;
  const encoded = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = finite(values[i] / scale, field);
    encoded[i] = isLinear ? encodeSrgbFast(value) : Math.max(0, Math.min(1, value));
  }
  const out = resample(encoded, raw.size, to);
  const rgb = new Uint8Array(out.length);
  for (let i = 0; i < rgb.length; i++) rgb[i] = out[i] * 255 + 0.5;
  return { rgb, size: to };
}

/** The plane that holds a frame's recorded picture: TRUTH, or where there is none COLOUR, so that a take with materials holds it once. */
export function recordedPlane(planes: readonly Plane[]): Plane | undefined {
  const of = (kind: PlaneKind) => planes.find((plane) => plane.kind === kind);
  return of(PlaneKind.PLANE_KIND_TRUTH) ?? of(PlaneKind.PLANE_KIND_COLOUR);
}

/** Name of a plane kind for messages, as DEPTH. */
export function planeName(kind: PlaneKind): string {
  return (PlaneKind[kind] ?? String(kind)).replace("PLANE_KIND_", "");
}
