import { inflateSync } from "node:zlib";
import { BACKGROUND_DEPTH } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import { decodeSrgb, encodeSrgbFast, SRGB_TO_LINEAR } from "../scene/srgb.js";
import { type Basis, turnDirection } from "./convention.js";
import { BadRequestError } from "./errors.js";
import {
  ColourSpace,
  Compression,
  type DepthEncoding,
  type Plane,
  PlaneFormat,
  PlaneKind,
  RowOrder,
} from "./generated/playblast/v1/plane.js";
import { LIMITS } from "./limits.js";

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
};

/** A plane's numbers as they came: top row first, channels interleaved, at the plane's own size. */
interface RawPlane {
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
  if (!(width > 0 && height > 0 && width <= LIMITS.maxWidth && height <= LIMITS.maxHeight)) {
    throw new BadRequestError(
      `${field}.size`,
      `is ${width}x${height}; allowed is 1x1 to ${LIMITS.maxWidth}x${LIMITS.maxHeight}`,
    );
  }
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

function readPlane(plane: Plane, field: string): RawPlane {
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

/** Calls `write` for every pixel of the wanted size with the nearest pixel of the plane. */
function nearest(from: FrameSize, to: FrameSize, write: (pixel: number, source: number) => void): void {
  if (from.width === to.width && from.height === to.height) {
    for (let p = 0; p < to.width * to.height; p++) write(p, p);
    return;
  }
  for (let y = 0, p = 0; y < to.height; y++) {
    const row = Math.floor(((y + 0.5) * from.height) / to.height) * from.width;
    for (let x = 0; x < to.width; x++, p++) write(p, row + Math.floor(((x + 0.5) * from.width) / to.width));
  }
}

/** A picture plane at the wanted size: bilinear when it grows, the mean of the covered pixels when it shrinks. */
function resample(values: Float32Array, from: FrameSize, to: FrameSize): Float32Array {
  if (from.width === to.width && from.height === to.height) return values;
  const across = weights(from.width, to.width);
  const down = weights(from.height, to.height);
  const middle = new Float32Array(to.width * from.height * 3);
  for (let y = 0; y < from.height; y++) {
    across.forEach((taps, x) => {
      for (const { index, weight } of taps) {
        for (let c = 0; c < 3; c++)
          middle[(y * to.width + x) * 3 + c] += weight * values[(y * from.width + index) * 3 + c];
      }
    });
  }
  const out = new Float32Array(to.width * to.height * 3);
  down.forEach((taps, y) => {
    for (const { index, weight } of taps) {
      const a = y * to.width * 3;
      const b = index * to.width * 3;
      for (let i = 0; i < to.width * 3; i++) out[a + i] += weight * middle[b + i];
    }
  });
  return out;
}

/** Triangle-filter taps of each output position. */
function weights(from: number, to: number): { index: number; weight: number }[][] {
  const scale = from / to;
  const support = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale - 0.5;
    const taps: { index: number; weight: number }[] = [];
    for (let j = Math.ceil(centre - support); j <= Math.floor(centre + support); j++) {
      const weight = 1 - Math.abs(j - centre) / support;
      if (weight > 0) taps.push({ index: Math.max(0, Math.min(from - 1, j)), weight });
    }
    const sum = taps.reduce((total, tap) => total + tap.weight, 0);
    return taps.map(({ index, weight }) => ({ index, weight: weight / sum }));
  });
}

/** Depth in metres along the view axis at the wanted size; BACKGROUND_DEPTH where there is no surface. */
export function readDepth(plane: Plane, field: string, size: FrameSize, metresPerUnit: number): Float32Array {
  const raw = readPlane(plane, field);
  const linear = lineariser(plane.depth, raw.maximum, field);
  const out = new Float32Array(size.width * size.height);
  const { values } = raw;
  nearest(raw.size, size, (pixel, source) => {
    const metres = linear(values[source]) * metresPerUnit;
    // NaN, infinity, zero and anything beyond the background's depth are no surface.
    out[pixel] = metres > 0 && metres < BACKGROUND_DEPTH ? metres : BACKGROUND_DEPTH;
  });
  return out;
}

/** Units along the view axis from a plane's value. */
function lineariser(depth: DepthEncoding | undefined, maximum: number, field: string): (value: number) => number {
  const encoding = depth?.encoding;
  if (!encoding) throw new BadRequestError(`${field}.depth`, "is missing; say how depth is encoded: linear or device");
  const scale = maximum || 1;
  if (encoding.$case === "linear") {
    if (maximum === 0) return (value) => value;
    const { near, far } = encoding.value;
    if (!(near >= 0 && far > near && Number.isFinite(far))) {
      throw new BadRequestError(
        `${field}.depth.linear`,
        `has near ${near} and far ${far}; whole-number depth needs 0 <= near < far`,
      );
    }
    return (value) => (value === 0 ? 0 : near + ((far - near) * value) / scale);
  }
  const { near, far, reversedZ, orthographic } = encoding.value;
  if (!(near > 0 && far > near)) {
    throw new BadRequestError(
      `${field}.depth.device`,
      `has near ${near} and far ${far}; a device buffer needs 0 < near < far (far may be infinity)`,
    );
  }
  if (orthographic && !Number.isFinite(far)) {
    throw new BadRequestError(`${field}.depth.device.far`, "is infinite; an orthographic buffer needs a finite far");
  }
  return (value) => {
    const d = value / scale;
    // 1 at the near plane, 0 at the far one.
    const nearness = reversedZ ? d : 1 - d;
    if (!(nearness > 0)) return 0;
    if (orthographic) return far - (far - near) * nearness;
    return far === Infinity ? near / nearness : (near * far) / (near + nearness * (far - near));
  };
}

/** Owner ids as declared, at the wanted size. */
export function readOwnerIds(plane: Plane, field: string, size: FrameSize, known: ReadonlySet<number>): Uint16Array {
  const raw = readPlane(plane, field);
  if (raw.maximum === 0) throw new BadRequestError(`${field}.format`, "is a float; owner ids are U8 or U16");
  const out = new Uint16Array(size.width * size.height);
  const { values } = raw;
  let last = 0;
  nearest(raw.size, size, (pixel, source) => {
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
    out[pixel] = id;
  });
  return out;
}

/** Unit normals in our world space, [H, W, 3] at the wanted size. */
export function readNormals(plane: Plane, field: string, size: FrameSize, basis: Basis): Float32Array {
  const raw = readPlane(plane, field);
  const out = new Float32Array(size.width * size.height * 3);
  const { values, maximum } = raw;
  const decode = (value: number) => (maximum ? (value / maximum) * 2 - 1 : value);
  nearest(raw.size, size, (pixel, source) => {
    const turned = turnDirection(
      basis,
      decode(values[source * 3]),
      decode(values[source * 3 + 1]),
      decode(values[source * 3 + 2]),
    );
    const length = Math.hypot(...turned) || 1;
    for (let c = 0; c < 3; c++) out[pixel * 3 + c] = turned[c] / length;
  });
  return out;
}

/** Lighting in linear light, [H, W, 3] at the wanted size; 1 where `depth` says background. */
export function readShade(plane: Plane, field: string, size: FrameSize, depth: Float32Array | undefined): Float32Array {
  const raw = readPlane(plane, field);
  const { values, maximum } = raw;
  const linear = new Float32Array(values.length);
  if (plane.colourSpace === ColourSpace.COLOUR_SPACE_LINEAR) {
    const scale = maximum || 1;
    for (let i = 0; i < values.length; i++) linear[i] = finite(values[i] / scale, field);
  } else if (maximum === 255) for (let i = 0; i < values.length; i++) linear[i] = SRGB_TO_LINEAR[values[i]];
  else {
    const scale = maximum || 1;
    for (let i = 0; i < values.length; i++) linear[i] = decodeSrgb(finite(values[i] / scale, field));
  }
  const out = resample(linear, raw.size, size);
  if (depth) {
    for (let p = 0; p < depth.length; p++) if (depth[p] >= BACKGROUND_DEPTH) out.fill(1, p * 3, p * 3 + 3);
  }
  return out;
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

/** Name of a plane kind for messages, as DEPTH. */
export function planeName(kind: PlaneKind): string {
  return (PlaneKind[kind] ?? String(kind)).replace("PLANE_KIND_", "");
}
