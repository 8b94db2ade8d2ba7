import { encodeRequest, encodeResponse, type ShotAnswer, type ShotMessage } from "../../src/protocol/codec.js";
import { Axis, Handedness } from "../../src/protocol/generated/playblast/v1/convention.js";
import { EngineFrame, LightKind } from "../../src/protocol/generated/playblast/v1/engine_frame.js";
import { DropReason, GeneratedFrame } from "../../src/protocol/generated/playblast/v1/generated_frame.js";
import { ImageFormat, OpenShot, ShotMode } from "../../src/protocol/generated/playblast/v1/open_shot.js";
import {
  ColourSpace,
  Compression,
  Plane,
  PlaneFormat,
  PlaneKind,
  RowOrder,
} from "../../src/protocol/generated/playblast/v1/plane.js";
import { NoticeKind, ShotReady } from "../../src/protocol/generated/playblast/v1/shot_event.js";

/** A message that every codec of ours must write to, and read from, the same bytes. */
export type GoldenMessage = { readonly says: string } & (
  | { readonly type: "StreamShotRequest"; readonly message: ShotMessage | undefined }
  | { readonly type: "StreamShotResponse"; readonly message: ShotAnswer | undefined }
);

/** The largest tick that a number in TypeScript holds exactly. */
const LARGEST = Number.MAX_SAFE_INTEGER;
/** Every byte value, so that none is taken for text or an end. */
const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
/** Two, three and four bytes in UTF-8, and a character made of several code points. */
const WORDS = "Größe · 歩行者 · 🎬 👩‍🚀";
const QUARTER_TURN = { x: 0, y: Math.fround(Math.SQRT1_2), z: 0, w: Math.fround(Math.SQRT1_2) };
/** The 32-bit neighbours of decimal fractions, for a decoder gives those. */
const singles = (...values: number[]) => values.map(Math.fround);

const request = (says: string, message: ShotMessage | undefined): GoldenMessage => ({
  says,
  type: "StreamShotRequest",
  message,
});
const response = (says: string, message: ShotAnswer | undefined): GoldenMessage => ({
  says,
  type: "StreamShotResponse",
  message,
});

/** Between them: every field kind in use, nested, repeated, packed, empty, negative, and as large as it gets. */
export const GOLDEN_MESSAGES: readonly GoldenMessage[] = [
  request("a request that holds nothing", undefined),
  request("open_shot with all its scalars", {
    $case: "openShot",
    value: OpenShot.fromPartial({
      protocolVersion: { major: 1, minor: 300 },
      clientName: "playblast-godot",
      clientVersion: "0.1.0",
      convention: {
        handedness: Handedness.HANDEDNESS_LEFT,
        up: Axis.AXIS_POSITIVE_Z,
        cameraForward: Axis.AXIS_POSITIVE_X,
        metresPerUnit: 0.01,
        cameraUp: Axis.AXIS_POSITIVE_Z,
      },
      frameSize: { width: 832, height: 480 },
      frameRate: 24000 / 1001,
      mode: ShotMode.SHOT_MODE_EXPORT,
      model: "default",
      seed: LARGEST,
      prompt: WORDS,
      imageFormat: ImageFormat.IMAGE_FORMAT_JPEG,
      controlPreview: true,
      recordAs: "courtyard",
      steps: 4,
    }),
  }),
  request("open_shot with a scene: nested lists, and a root whose parent is -1", {
    $case: "openShot",
    value: OpenShot.fromPartial({
      mode: ShotMode.SHOT_MODE_LIVE,
      scene: {
        near: Math.fround(0.1),
        far: 60,
        characters: [
          {
            id: "Walker",
            ownerId: 1,
            ownerIdPerBone: true,
            bones: [
              { name: "Hüfte", parent: -1, humanoid: "Hips", radius: 0.125, rest: { position: { x: 0, y: 1, z: 0 } } },
              {
                name: "Rücken",
                parent: 0,
                rest: { position: { x: 0, y: 0.5, z: -0.25 }, rotation: QUARTER_TURN, scale: { x: 1, y: 2, z: 4 } },
              },
            ],
          },
          { id: "no bones" },
        ],
        objects: [
          {
            id: "Ball",
            name: "Ball",
            ownerId: 200,
            bounds: { min: { x: -1, y: -1, z: -1 }, max: { x: 1, y: 1, z: 1 } },
          },
          { id: "no bounds" },
        ],
      },
    }),
  }),
  request("open_shot with the planes that it promises: packed numbers, which are whole", {
    $case: "openShot",
    value: OpenShot.fromPartial({
      controls: [PlaneKind.PLANE_KIND_ALBEDO, PlaneKind.PLANE_KIND_SURFACE_ID, PlaneKind.PLANE_KIND_COLOUR],
    }),
  }),
  request("engine_frame with poses, lights and packed floats", {
    $case: "engineFrame",
    value: EngineFrame.fromPartial({
      tick: 128,
      time: 128 / 24,
      camera: {
        transform: { position: { x: 1, y: 2, z: 3 }, rotation: QUARTER_TURN },
        projection: singles(1.2, 0, 0, 0, 0, 2.1, 0, 0, 0.1, -0.2, -1.003, -1, 0, 0, -0.2, 0),
      },
      characters: [
        {
          id: "Walker",
          positions: singles(0.1, -0.2, 0.3, 1e-30, 1e30, -1),
          rotations: singles(0, 0, 0, 1, 0, 1, 0, 0),
        },
        { id: "nobody" },
      ],
      objects: [{ id: "Ball", transform: { position: { x: -1, y: -2, z: -3 } } }, { id: "nowhere" }],
      lights: [
        {
          kind: LightKind.LIGHT_KIND_SPOT,
          position: { x: 0, y: 4, z: 0 },
          direction: { x: 0, y: -1, z: 0 },
          colour: { x: 1, y: 0.5, z: 0.25 },
          range: 8,
          spotAngle: 0.75,
          castsShadow: true,
        },
        { kind: LightKind.LIGHT_KIND_AMBIENT, colour: { x: 0.5, y: 0.5, z: 0.5 } },
      ],
    }),
  }),
  request("engine_frame with planes: both depth encodings, an endless far plane, and bytes", {
    $case: "engineFrame",
    value: EngineFrame.fromPartial({
      tick: LARGEST,
      time: -0.5,
      planes: [
        {
          kind: PlaneKind.PLANE_KIND_DEPTH,
          format: PlaneFormat.PLANE_FORMAT_U16,
          size: { width: 16, height: 8 },
          rowOrder: RowOrder.ROW_ORDER_TOP_FIRST,
          depth: { encoding: { $case: "linear", value: { near: 0.5, far: 100 } } },
          compression: Compression.COMPRESSION_NONE,
          data: EVERY_BYTE,
        },
        {
          kind: PlaneKind.PLANE_KIND_DEPTH,
          format: PlaneFormat.PLANE_FORMAT_F32,
          size: { width: 1, height: 1 },
          rowOrder: RowOrder.ROW_ORDER_BOTTOM_FIRST,
          depth: {
            encoding: {
              $case: "device",
              value: { near: 0.25, far: Number.POSITIVE_INFINITY, reversedZ: true, orthographic: true },
            },
          },
          colourSpace: ColourSpace.COLOUR_SPACE_LINEAR,
          compression: Compression.COMPRESSION_DEFLATE,
          data: Buffer.from([0]),
        },
        { depth: { encoding: { $case: "linear", value: { near: 0, far: 0 } } } },
        { depth: {} },
      ],
    }),
  }),
  request("first_frame as a file", {
    $case: "firstFrame",
    value: { image: { $case: "encoded", value: Buffer.from("89504e470d0a1a0a", "hex") }, tick: 7, newLook: false },
  }),
  request("first_frame as a file of no bytes: chosen, though it is the default", {
    $case: "firstFrame",
    value: { image: { $case: "encoded", value: Buffer.alloc(0) }, tick: 0, newLook: false },
  }),
  request("first_frame as a plane", {
    $case: "firstFrame",
    value: {
      image: {
        $case: "plane",
        value: Plane.fromPartial({
          kind: PlaneKind.PLANE_KIND_COLOUR,
          format: PlaneFormat.PLANE_FORMAT_U8,
          size: { width: 1, height: 1 },
          data: Buffer.from([255, 128, 0]),
        }),
      },
      tick: 0,
      newLook: false,
    },
  }),
  request("first_frame that begins a new look", {
    $case: "firstFrame",
    value: { image: { $case: "encoded", value: Buffer.from("ffd8ff", "hex") }, tick: 72, newLook: true },
  }),
  request("first_frame without an image", {
    $case: "firstFrame",
    value: { image: undefined, tick: 300, newLook: false },
  }),
  request("prompt_change", { $case: "promptChange", value: { prompt: WORDS } }),
  request("cut to another place, with a new look", { $case: "cut", value: { forgetLook: true, newPlace: true } }),
  request("cut with everything kept: an empty message that is there", {
    $case: "cut",
    value: { forgetLook: false, newPlace: false },
  }),
  request("flush", { $case: "flush", value: {} }),
  request("close", { $case: "close", value: {} }),
  response("a response that holds nothing", undefined),
  response("shot_ready", {
    $case: "shotReady",
    value: ShotReady.fromPartial({
      protocolVersion: { major: 1 },
      serverVersion: "0.1.0",
      model: "default",
      chunkLength: 4,
      frameSize: { width: 256, height: 144 },
      expectedLatencyMs: 412.5,
      limits: {
        maxWidth: 1920,
        maxHeight: 1920,
        maxMessageBytes: 4294967295,
        maxCharacters: 64,
        maxBones: 256,
        maxObjects: 1024,
        maxPixels: 1920 * 1088,
      },
      credit: 16,
      resumeToken: "b3f1",
      provider: "cpu",
      steps: 2,
    }),
  }),
  response("shot_ready of a model that takes words", {
    $case: "shotReady",
    value: ShotReady.fromPartial({ model: "words", expectedFps: 24.5, takesPrompt: true }),
  }),
  response("generated_frame", {
    $case: "generatedFrame",
    value: GeneratedFrame.fromPartial({
      tick: 2 ** 32,
      size: { width: 2, height: 1 },
      format: ImageFormat.IMAGE_FORMAT_RGB8,
      image: Buffer.from([0, 1, 127, 128, 254, 255]),
      coveragePercent: 87.5,
      timings: { queueMs: 1.5, decodeMs: 0.25, conditioningMs: 12, diffusionMs: 80.5, encodeMs: 2, totalMs: 96.25 },
      model: "default",
      seed: LARGEST,
      steps: 2,
    }),
  }),
  response("frame_dropped", {
    $case: "frameDropped",
    value: { tick: 16384, reason: DropReason.DROP_REASON_NO_FIRST_FRAME },
  }),
  response("frame_dropped for tick 0 with a reason of a newer server", {
    $case: "frameDropped",
    value: { tick: 0, reason: 77 as DropReason },
  }),
  response("credit", { $case: "credit", value: { frames: 127 } }),
  response("notice", {
    $case: "notice",
    value: { kind: NoticeKind.NOTICE_KIND_LOOK_REPLACED, message: WORDS, tick: 9 },
  }),
  response("control_preview", {
    $case: "controlPreview",
    value: {
      tick: 3,
      size: { width: 1, height: 2 },
      filledWarp: Buffer.from([1, 2, 3, 4, 5, 6]),
      coverage: Buffer.from([0, 255]),
    },
  }),
  response("flushed", { $case: "flushed", value: {} }),
  response("shot_closed", {
    $case: "shotClosed",
    value: { received: 120, generated: 118, dropped: 2, seconds: 5.125 },
  }),
  response("shot_failed", {
    $case: "shotFailed",
    value: { code: 3, message: "engine_frame.camera.projection: is singular", field: "engine_frame.camera.projection" },
  }),
];

/** Bytes of a golden message, as our TypeScript writes them. */
export function encodeGolden(golden: GoldenMessage): Buffer {
  return golden.type === "StreamShotRequest" ? encodeRequest(golden) : encodeResponse(golden);
}

/**
 * A message of a newer minor version: fields that nobody here knows, of each wire type, before, between and behind known
 * ones, and inside a nested message. What must be read of them is `message`.
 */
export const NEWER_MESSAGES: readonly (GoldenMessage & { readonly hex: string })[] = [
  {
    ...response("unknown fields of each wire type around a credit of 5", { $case: "credit", value: { frames: 5 } }),
    // Field 100 as varint, 101 as 8 bytes, 102 as text, 103 as 4 bytes; the last two are inside the credit too.
    hex: [
      "a006" + "ffffffffffffffffff01",
      "a906" + "0102030405060708",
      "220e" + "b206" + "03616263" + "0805" + "bd06" + "01020304",
      "b206" + "00",
      "bd06" + "01020304",
    ].join(""),
  },
  {
    ...response("an answer that only a newer client knows", undefined),
    hex: "a206" + "02" + "0801",
  },
];
