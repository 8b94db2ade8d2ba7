import { describe, expect, it } from "vitest";
import { readEngineFrame } from "../../src/protocol/engine-frame.js";
import type { EngineFrame } from "../../src/protocol/generated/playblast/v1/engine_frame.js";
import {
  ColourSpace,
  type Plane,
  PlaneFormat,
  PlaneKind,
  RowOrder,
} from "../../src/protocol/generated/playblast/v1/plane.js";
import { readOpenShot } from "../../src/protocol/open-shot.js";
import { planeOf } from "../fixtures/dialects.js";
import { engineFrame, openShot, SMALL } from "../fixtures/shot-messages.js";

const { PLANE_KIND_ALBEDO: ALBEDO, PLANE_KIND_SURFACE_ID: SURFACE_ID, PLANE_KIND_COLOUR: COLOUR } = PlaneKind;
const U8 = PlaneFormat.PLANE_FORMAT_U8;
const PIXELS = SMALL.width * SMALL.height;

const declaring = (...controls: PlaneKind[]) => readOpenShot(openShot("export", { controls }));

function withPlanes(...planes: Plane[]): EngineFrame {
  const frame = engineFrame(0);
  return { ...frame, planes: [...frame.planes, ...planes] };
}

const picture = (kind: PlaneKind, value: number, size = SMALL) =>
  planeOf(kind, U8, new Uint8Array(size.width * size.height * 3).fill(value), size);

describe("open_shot.controls", () => {
  it("are the kinds that a shot promises; none are declared where it says nothing", () => {
    expect(declaring().controls).toEqual(new Set());
    expect(declaring(ALBEDO, PlaneKind.PLANE_KIND_DEPTH).controls).toEqual(
      new Set([ALBEDO, PlaneKind.PLANE_KIND_DEPTH]),
    );
    expect(declaring(PlaneKind.PLANE_KIND_ROUGHNESS, PlaneKind.PLANE_KIND_METALLIC).controls.size).toBe(2);
  });

  it.each<[string, PlaneKind[], RegExp]>([
    [
      "the truth",
      [ALBEDO, PlaneKind.PLANE_KIND_TRUTH],
      /controls\[1\]: is TRUTH, which .* is no control; leave it out/,
    ],
    ["motion", [PlaneKind.PLANE_KIND_MOTION], /controls\[0\]: is MOTION.*leave it out/],
    ["none", [PlaneKind.PLANE_KIND_UNSPECIFIED], /controls\[0\]: is UNSPECIFIED; allowed are DEPTH, .* METALLIC\./],
    ["an unknown kind", [77 as PlaneKind], /controls\[0\]: is 77; allowed are DEPTH/],
    ["one twice", [COLOUR, ALBEDO, COLOUR], /controls\[2\]: is COLOUR for the second time; name each kind once/],
  ])("are refused where they name %s", (_, controls, message) => {
    expect(() => declaring(...controls)).toThrow(message);
  });
});

describe("a frame of a shot that declares controls", () => {
  it("has albedo, surface ids and colour at the shot's size, top row first", () => {
    const albedo = Uint8Array.from({ length: PIXELS * 3 }, (_, i) => i & 255);
    const ids = Uint16Array.from({ length: PIXELS }, (_, i) => 60_000 + Math.floor(i / SMALL.width));
    const flipped = {
      ...planeOf(SURFACE_ID, PlaneFormat.PLANE_FORMAT_U16, ids, SMALL),
      rowOrder: RowOrder.ROW_ORDER_BOTTOM_FIRST,
    };
    const message = withPlanes(planeOf(ALBEDO, U8, albedo, SMALL), flipped, picture(COLOUR, 7));
    const frame = readEngineFrame(message, declaring(ALBEDO, SURFACE_ID, COLOUR), SMALL, -1, "controls");
    expect(frame.albedo).toEqual(albedo);
    expect([frame.surfaceId?.[0], frame.surfaceId?.[PIXELS - 1]]).toEqual([60_015, 60_000]);
    expect(frame.colour).toEqual(new Uint8Array(PIXELS * 3).fill(7));
  });

  it("has albedo as sRGB where it came in linear light, and of any size", () => {
    const size = { width: 3, height: 2 };
    const half = new Float32Array(18).fill(0.5);
    const plane = {
      ...planeOf(ALBEDO, PlaneFormat.PLANE_FORMAT_F32, half, size),
      colourSpace: ColourSpace.COLOUR_SPACE_LINEAR,
    };
    const { albedo } = readEngineFrame(withPlanes(plane), declaring(ALBEDO), SMALL, -1, "controls");
    expect(albedo).toEqual(new Uint8Array(PIXELS * 3).fill(188));
  });

  it("has surface ids of the surfaces that its depth shows, mixed from none", () => {
    const size = { width: SMALL.width * 2, height: SMALL.height * 2 };
    const message = engineFrame(0, size);
    const owners = message.planes[1];
    message.planes.push({ ...owners, kind: SURFACE_ID });
    const { ownerId, surfaceId } = readEngineFrame(message, declaring(SURFACE_ID), SMALL, -1, "controls");
    expect(surfaceId).toEqual(ownerId);
    expect(new Set(surfaceId).size).toBeGreaterThan(1);
  });

  it("has as its recorded picture what is sent as truth, else its colour, declared or not, and never as a control", () => {
    const [truth, colour] = [picture(PlaneKind.PLANE_KIND_TRUTH, 9), picture(COLOUR, 7)];
    const recorded = (planes: Plane[], ...controls: PlaneKind[]) =>
      readEngineFrame(withPlanes(...planes), declaring(...controls), SMALL, -1).truth?.[0];
    expect(recorded([truth, colour], COLOUR)).toBe(9);
    expect(recorded([colour], COLOUR)).toBe(7);
    expect(recorded([colour])).toBe(7);
    expect(recorded([])).toBeUndefined();
    const steered = readEngineFrame(withPlanes(truth, colour), declaring(COLOUR), SMALL, -1, "controls");
    expect(steered.truth).toBeUndefined();
  });

  it("is refused where it lacks one, by the name of each", () => {
    const lacks =
      (...planes: Plane[]) =>
      () =>
        readEngineFrame(withPlanes(...planes), declaring(ALBEDO, SURFACE_ID, PlaneKind.PLANE_KIND_DEPTH), SMALL, -1);
    expect(lacks()).toThrow(
      "engine_frame.planes: lacks ALBEDO and SURFACE_ID, which open_shot.controls promises with every frame; send them with every tick or leave them out of controls",
    );
    expect(lacks(picture(ALBEDO, 1))).toThrow(/lacks SURFACE_ID, .*send it with every tick or leave it out/);
  });

  it("is refused where values are not finite or ids are floats", () => {
    const spoilt = new Float32Array(PIXELS * 3).fill(0.5);
    spoilt[7] = Number.NaN;
    const albedo = planeOf(ALBEDO, PlaneFormat.PLANE_FORMAT_F32, spoilt, SMALL);
    expect(() => readEngineFrame(withPlanes(albedo), declaring(ALBEDO), SMALL, -1, "controls")).toThrow(
      /engine_frame\.planes\[2\]\.data: holds NaN/,
    );
    const ids = planeOf(SURFACE_ID, PlaneFormat.PLANE_FORMAT_F32, new Float32Array(PIXELS), SMALL);
    expect(() => readEngineFrame(withPlanes(ids), declaring(SURFACE_ID), SMALL, -1, "controls")).toThrow(
      /engine_frame\.planes\[2\]\.format: is a float; surface ids are U8 or U16/,
    );
  });

  it("has of roughness and metallic nothing, and their headers are checked", () => {
    const { PLANE_KIND_ROUGHNESS: ROUGHNESS } = PlaneKind;
    const rough = planeOf(ROUGHNESS, U8, new Uint8Array(PIXELS), SMALL);
    const frame = readEngineFrame(withPlanes(rough), declaring(ROUGHNESS), SMALL, -1);
    expect(Object.keys(frame).filter((key) => /rough/i.test(key))).toEqual([]);
    const short = { ...rough, data: rough.data.subarray(1) };
    expect(() => readEngineFrame(withPlanes(short), declaring(ROUGHNESS), SMALL, -1)).toThrow(
      /planes\[2\]\.data: has 511/,
    );
  });
});

it("a frame of a shot that declares none has neither albedo, nor surface ids, nor colour, even of planes that could not be read", () => {
  const floats = planeOf(SURFACE_ID, PlaneFormat.PLANE_FORMAT_F32, new Float32Array(PIXELS), SMALL);
  const message = withPlanes(picture(ALBEDO, 1), floats, picture(COLOUR, 1));
  for (const choice of ["all", "controls"] as const) {
    const frame = readEngineFrame(message, declaring(), SMALL, -1, choice);
    expect([frame.albedo, frame.surfaceId, frame.colour]).toEqual([undefined, undefined, undefined]);
  }
});
