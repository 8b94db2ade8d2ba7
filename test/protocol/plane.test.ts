import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { basisOf, GODOT, UNITY } from "../../src/protocol/convention.js";
import {
  ColourSpace,
  Compression,
  Plane,
  PlaneFormat,
  PlaneKind,
  RowOrder,
} from "../../src/protocol/generated/playblast/v1/plane.js";
import { readPicture, readShade } from "../../src/protocol/plane.js";
import { readDepth, readIds, readNormals, sampleOwnerIds } from "../../src/protocol/surface-planes.js";
import { BACKGROUND_DEPTH } from "../../src/scene/engine-frame.js";

const SIZE = { width: 2, height: 2 };
const plane = (kind: PlaneKind, format: PlaneFormat, data: ArrayBufferView, rest: Partial<Plane> = {}): Plane =>
  Plane.fromPartial({
    kind,
    format,
    size: SIZE,
    rowOrder: RowOrder.ROW_ORDER_TOP_FIRST,
    data: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    ...rest,
  });
const lens = (metresPerUnit = 1, orthographic = false) => ({ metresPerUnit, orthographic, backstep: 0, viewHeight: 4 });
const depth = (
  format: PlaneFormat,
  data: ArrayBufferView,
  encoding: NonNullable<Plane["depth"]>["encoding"],
  rest: Partial<Plane> = {},
) => {
  const orthographic = encoding?.$case === "device" && encoding.value.orthographic;
  const message = plane(PlaneKind.PLANE_KIND_DEPTH, format, data, { depth: { encoding }, ...rest });
  return [...readDepth(message, "p", SIZE, lens(1, orthographic)).depth];
};
const linear = (near: number, far: number) => ({ $case: "linear" as const, value: { near, far } });
const device = (near: number, far: number, reversedZ: boolean, orthographic = false) => ({
  $case: "device" as const,
  value: { near, far, reversedZ, orthographic },
});

describe("depth", () => {
  it("is read as metres from floats, with everything that is no surface as background", () => {
    expect(depth(PlaneFormat.PLANE_FORMAT_F32, new Float32Array([1.5, 0, Infinity, Number.NaN]), linear(0, 0))).toEqual(
      [1.5, BACKGROUND_DEPTH, BACKGROUND_DEPTH, BACKGROUND_DEPTH],
    );
  });

  it("is read from half floats", () => {
    // 1, 2, 0.5 and infinity.
    expect(
      depth(PlaneFormat.PLANE_FORMAT_F16, new Uint16Array([0x3c00, 0x4000, 0x3800, 0x7c00]), linear(0, 0)),
    ).toEqual([1, 2, 0.5, BACKGROUND_DEPTH]);
  });

  it("is spread over near and far in whole numbers, 0 meaning no surface", () => {
    const values = depth(PlaneFormat.PLANE_FORMAT_U16, new Uint16Array([0, 65535, 1, 32768]), linear(1, 3));
    expect(values[0]).toBe(BACKGROUND_DEPTH);
    expect(values[1]).toBeCloseTo(3, 5);
    expect(values[2]).toBeCloseTo(1, 3);
    expect(values[3]).toBeCloseTo(2, 3);
    expect(depth(PlaneFormat.PLANE_FORMAT_U8, new Uint8Array([255, 0, 51, 102]), linear(0, 5))).toEqual([
      5,
      BACKGROUND_DEPTH,
      1,
      2,
    ]);
  });

  it.each([
    ["reversed", true, 100],
    ["not reversed", false, 100],
    ["reversed with an infinite far", true, Infinity],
  ])("is taken back from a device buffer, %s", (_, reversedZ, far) => {
    const near = 0.5;
    const metres = [0.5, 2, 10, 40];
    const stored = metres.map((z) => {
      const nearness = far === Infinity ? near / z : (near * (far - z)) / (z * (far - near));
      return reversedZ ? nearness : 1 - nearness;
    });
    depth(PlaneFormat.PLANE_FORMAT_F32, new Float32Array(stored), device(near, far, reversedZ)).forEach((z, i) => {
      expect(Math.abs(z / metres[i] - 1)).toBeLessThan(1e-3);
    });
  });

  it("is taken back from an orthographic buffer", () => {
    const values = depth(
      PlaneFormat.PLANE_FORMAT_F32,
      new Float32Array([1, 0.5, 0.75, 0.25]),
      device(1, 9, true, true),
    );
    expect(values).toEqual([1, 5, 3, 7]);
  });

  it("is scaled by the unit and turned top row first", () => {
    const data = plane(
      PlaneKind.PLANE_KIND_DEPTH,
      PlaneFormat.PLANE_FORMAT_F32,
      new Float32Array([100, 200, 300, 400]),
      {
        depth: { encoding: linear(0, 0) },
        rowOrder: RowOrder.ROW_ORDER_BOTTOM_FIRST,
      },
    );
    expect([...readDepth(data, "p", SIZE, lens(0.01)).depth]).toEqual([3, 4, 1, 2]);
  });

  it("may be deflated, and says when it is not what it claims", () => {
    const raw = new Float32Array([1, 2, 3, 4]);
    const packed = deflateSync(Buffer.from(raw.buffer));
    expect(
      depth(PlaneFormat.PLANE_FORMAT_F32, packed, linear(0, 0), { compression: Compression.COMPRESSION_DEFLATE }),
    ).toEqual([1, 2, 3, 4]);
    expect(() =>
      depth(PlaneFormat.PLANE_FORMAT_F32, raw, linear(0, 0), { compression: Compression.COMPRESSION_DEFLATE }),
    ).toThrow(/not deflate/);
    expect(() => depth(PlaneFormat.PLANE_FORMAT_F32, raw, undefined)).toThrow(/p.depth: is missing/);
    expect(() => depth(PlaneFormat.PLANE_FORMAT_U8, new Uint8Array(4), linear(3, 1))).toThrow(/0 <= near < far/);
  });
});

describe("other planes", () => {
  it("owner ids must be declared", () => {
    const ids = plane(PlaneKind.PLANE_KIND_OWNER_ID, PlaneFormat.PLANE_FORMAT_U8, new Uint8Array([0, 3, 3, 9]));
    expect([...sampleOwnerIds(readIds(ids, "p"), "p", SIZE, new Set([3, 9]))]).toEqual([0, 3, 3, 9]);
    expect(() => sampleOwnerIds(readIds(ids, "p"), "p", SIZE, new Set([3]))).toThrow(
      /owner id 9 at pixel 3.*does not declare/,
    );
  });

  it("normals come into our world", () => {
    const up = new Float32Array(Array(4).fill([0, 0.6, 0.8]).flat());
    const data = plane(PlaneKind.PLANE_KIND_NORMAL, PlaneFormat.PLANE_FORMAT_F32, up);
    const near = (actual: Float32Array, expected: number[]) => {
      for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 6);
    };
    near(readNormals(data, "p", SIZE, basisOf(GODOT)), [0, 0.6, 0.8]);
    near(readNormals(data, "p", SIZE, basisOf(UNITY)), [0, 0.6, -0.8]);
    up.set([Number.NaN, 0, 1, 0, 0, 0, Infinity, 0, 0]);
    near(readNormals(data, "p", SIZE, basisOf(GODOT)), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.6, 0.8]);
  });

  it("shade becomes linear light, 1 on the background", () => {
    const grey = plane(PlaneKind.PLANE_KIND_SHADE, PlaneFormat.PLANE_FORMAT_U8, new Uint8Array(12).fill(188));
    const shade = readShade(grey, "p", SIZE, new Float32Array([1, 1, 1, BACKGROUND_DEPTH]));
    expect(shade[0]).toBeCloseTo(0.5029, 3);
    expect(shade[11]).toBe(1);
    const already = plane(PlaneKind.PLANE_KIND_SHADE, PlaneFormat.PLANE_FORMAT_F32, new Float32Array(12).fill(0.25), {
      colourSpace: ColourSpace.COLOUR_SPACE_LINEAR,
    });
    expect(readShade(already, "p", SIZE, undefined)[0]).toBe(0.25);
    const odd = plane(
      PlaneKind.PLANE_KIND_SHADE,
      PlaneFormat.PLANE_FORMAT_F32,
      new Float32Array(12).fill(-0.1).fill(1e30, 6),
      { colourSpace: ColourSpace.COLOUR_SPACE_LINEAR },
    );
    expect([...readShade(odd, "p", SIZE, undefined)]).toEqual([0, 0, 0, 0, 0, 0, 1e4, 1e4, 1e4, 1e4, 1e4, 1e4]);
  });

  it("pictures are averaged when they shrink and stretched when they grow", () => {
    const data = plane(
      PlaneKind.PLANE_KIND_TRUTH,
      PlaneFormat.PLANE_FORMAT_U8,
      Uint8Array.from([0, 0, 0, 100, 100, 100, 100, 100, 100, 200, 200, 200]),
    );
    expect([...readPicture(data, "p", { width: 1, height: 1 }).rgb]).toEqual([100, 100, 100]);
    const large = readPicture(data, "p", { width: 4, height: 4 }).rgb;
    expect(large[0]).toBe(0);
    expect(large.at(-1)).toBe(200);
  });
});
