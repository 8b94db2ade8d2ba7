import { mat4, quat, vec3 } from "gl-matrix";
import type { ShotMessage } from "playblast/protocol/codec";
import { GODOT } from "playblast/protocol/convention";
import type { EngineFrame } from "playblast/protocol/generated/playblast/v1/engine_frame";
import { OpenShot, ShotMode } from "playblast/protocol/generated/playblast/v1/open_shot";
import {
  ColourSpace,
  Compression,
  type Plane,
  PlaneFormat,
  PlaneKind,
  RowOrder,
} from "playblast/protocol/generated/playblast/v1/plane";
import { PROTOCOL_VERSION } from "playblast/protocol/limits";

/** Pixels of a frame. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Ticks a second of every shot of this scene. */
export const FRAME_RATE = 24;
const NEAR = 0.1;
const FAR = 100;
const EYE_HEIGHT = 1.6;
/** Radians that the camera looks down. */
const PITCH = 0.35;
const FIELD_OF_VIEW = 0.9;
/** Metres that the camera walks a tick. Over an endless floor its depth stays the same. */
const STEP = 0.01;
const BOX_ID = 7;
const FIGURE_ID = 20;
const BONES = ["Hips", "Spine", "Head"];
const BONE_LENGTH = 0.5;

/** OpenShot for a camera that walks over a floor with a box and a figure of three bones: cheap to make at any size. */
export function openFloor(mode: "live" | "export", size: Size, changes: Partial<OpenShot> = {}): ShotMessage {
  const value = OpenShot.fromPartial({
    protocolVersion: { ...PROTOCOL_VERSION },
    clientName: "load",
    clientVersion: "0",
    convention: GODOT,
    frameSize: size,
    frameRate: FRAME_RATE,
    mode: mode === "live" ? ShotMode.SHOT_MODE_LIVE : ShotMode.SHOT_MODE_EXPORT,
    seed: 1,
    scene: {
      near: NEAR,
      far: FAR,
      objects: [
        {
          id: "box",
          name: "Box",
          ownerId: BOX_ID,
          bounds: { min: { x: -0.5, y: -0.5, z: -0.5 }, max: { x: 0.5, y: 0.5, z: 0.5 } },
        },
      ],
      characters: [
        {
          id: "figure",
          ownerId: FIGURE_ID,
          ownerIdPerBone: true,
          bones: BONES.map((name, i) => ({
            name,
            parent: i - 1,
            humanoid: name,
            radius: 0.15,
            rest: { position: { x: 0, y: BONE_LENGTH, z: 0 }, rotation: { x: 0, y: 0, z: 0, w: 1 } },
          })),
        },
      ],
    },
    ...changes,
  });
  return { $case: "openShot", value };
}

/** One tick of the floor: camera, poses, depth (f32) and owner ids (u16, all floor) at `size`. */
export function floorFrame(tick: number, size: Size): EngineFrame {
  const { width, height } = size;
  const eye = { x: 0, y: EYE_HEIGHT, z: -tick * STEP };
  const [x, y, z, w] = quat.setAxisAngle(quat.create(), [1, 0, 0], -PITCH);
  const projection = mat4.perspective(mat4.create(), FIELD_OF_VIEW, width / height, NEAR, FAR);
  return {
    tick,
    time: tick / FRAME_RATE,
    camera: { transform: { position: eye, rotation: { x, y, z, w }, scale: undefined }, projection: [...projection] },
    characters: [
      {
        id: "figure",
        positions: BONES.flatMap((_, i) => [-1, BONE_LENGTH * (i + 1), eye.z - 4]),
        rotations: BONES.flatMap(() => [0, 0, 0, 1]),
      },
    ],
    objects: [
      {
        id: "box",
        transform: {
          position: { x: 1, y: 0.5, z: eye.z - 4 },
          rotation: { x: 0, y: 0, z: 0, w: 1 },
          scale: undefined,
        },
      },
    ],
    lights: [],
    planes: planesOf(size),
  };
}

/** A picture of random colours as the first frame of a tick, a COLOUR plane at `size`. */
export function floorLook(tick: number, size: Size): ShotMessage {
  const rgb = Buffer.alloc(size.width * size.height * 3);
  let state = 1;
  for (let i = 0; i < rgb.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    rgb[i] = state >>> 24;
  }
  const value = planeOf(PlaneKind.PLANE_KIND_COLOUR, PlaneFormat.PLANE_FORMAT_U8, size, rgb);
  return { $case: "firstFrame", value: { tick, newLook: false, image: { $case: "plane", value } } };
}

/** A plane, top row first, uncompressed. */
export function planeOf(kind: PlaneKind, format: PlaneFormat, size: Size, data: Buffer): Plane {
  return {
    kind,
    format,
    size: { ...size },
    rowOrder: RowOrder.ROW_ORDER_TOP_FIRST,
    depth:
      kind === PlaneKind.PLANE_KIND_DEPTH ? { encoding: { $case: "linear", value: { near: 0, far: 0 } } } : undefined,
    colourSpace: ColourSpace.COLOUR_SPACE_SRGB,
    compression: Compression.COMPRESSION_NONE,
    data,
  };
}

const planesBySize = new Map<string, Plane[]>();

/** Depth of the floor and its owner ids: the same for every tick. */
function planesOf(size: Size): Plane[] {
  const key = `${size.width}x${size.height}`;
  let planes = planesBySize.get(key);
  if (!planes) {
    const depth = floorDepth(size);
    const bytes = Buffer.from(depth.buffer, depth.byteOffset, depth.byteLength);
    planes = [
      planeOf(PlaneKind.PLANE_KIND_DEPTH, PlaneFormat.PLANE_FORMAT_F32, size, bytes),
      planeOf(PlaneKind.PLANE_KIND_OWNER_ID, PlaneFormat.PLANE_FORMAT_U16, size, Buffer.alloc(depth.length * 2)),
    ];
    planesBySize.set(key, planes);
  }
  return planes;
}

/** Metres along the view axis to the floor, [H, W]; 0 where the ray goes over the horizon. */
function floorDepth({ width, height }: Size): Float32Array {
  const rotation = quat.setAxisAngle(quat.create(), [1, 0, 0], -PITCH);
  const slope = Math.tan(FIELD_OF_VIEW / 2);
  const depth = new Float32Array(width * height);
  const ray = vec3.create();
  for (let row = 0; row < height; row++) {
    vec3.set(ray, 0, (1 - (2 * (row + 0.5)) / height) * slope, -1);
    vec3.transformQuat(ray, ray, rotation);
    const distance = ray[1] < 0 ? -EYE_HEIGHT / ray[1] : 0;
    depth.fill(distance < FAR ? distance : 0, row * width, (row + 1) * width);
  }
  return depth;
}
