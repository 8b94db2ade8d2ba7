import { LIMITS, MOST_PROMPT_BYTES, MOST_TEXT_BYTES } from "./limits.js";

/** How a field's value lies on the wire. */
export type FieldKind =
  | { readonly is: "varint" | "uint64" | "double" | "float" }
  /** UTF-8 of at most so many bytes. */
  | { readonly is: "text"; readonly mostBytes: number }
  | { readonly is: "bytes" }
  | { readonly is: "message"; readonly fields: MessageFields };

/** One field of a message. */
export interface RequestField {
  /** As in the .proto file. */
  readonly name: string;
  readonly kind: FieldKind;
  /** Entries that a repeated field may have; undefined where the field is not repeated. */
  readonly most?: number;
}

/** The fields of a message by their number. */
export type MessageFields = readonly (RequestField | undefined)[];

/** Fields in the order of their numbers, from 1. */
const numbered = (...fields: RequestField[]): MessageFields => [undefined, ...fields];
const varint = (name: string): RequestField => ({ name, kind: { is: "varint" } });
const varints = (name: string, most: number): RequestField => ({ name, kind: { is: "varint" }, most });
const uint64 = (name: string): RequestField => ({ name, kind: { is: "uint64" } });
const double = (name: string): RequestField => ({ name, kind: { is: "double" } });
const float = (name: string): RequestField => ({ name, kind: { is: "float" } });
const floats = (name: string, most: number): RequestField => ({ name, kind: { is: "float" }, most });
const text = (name: string, mostBytes = MOST_TEXT_BYTES): RequestField => ({ name, kind: { is: "text", mostBytes } });
const bytes = (name: string): RequestField => ({ name, kind: { is: "bytes" } });
const one = (name: string, fields: MessageFields): RequestField => ({ name, kind: { is: "message", fields } });
const many = (name: string, fields: MessageFields, most: number): RequestField => ({ ...one(name, fields), most });

const VECTOR3 = numbered(float("x"), float("y"), float("z"));
const QUATERNION = numbered(float("x"), float("y"), float("z"), float("w"));
const TRANSFORM = numbered(one("position", VECTOR3), one("rotation", QUATERNION), one("scale", VECTOR3));
const BOUNDS = numbered(one("min", VECTOR3), one("max", VECTOR3));
const SIZE = numbered(varint("width"), varint("height"));

const LINEAR_DEPTH = numbered(float("near"), float("far"));
const DEVICE_DEPTH = numbered(float("near"), float("far"), varint("reversed_z"), varint("orthographic"));
const DEPTH_ENCODING = numbered(one("linear", LINEAR_DEPTH), one("device", DEVICE_DEPTH));
const PLANE = numbered(
  varint("kind"),
  varint("format"),
  one("size", SIZE),
  varint("row_order"),
  one("depth", DEPTH_ENCODING),
  varint("colour_space"),
  varint("compression"),
  bytes("data"),
);

const BONE = numbered(text("name"), varint("parent"), one("rest", TRANSFORM), text("humanoid"), float("radius"));
const CHARACTER = numbered(
  text("id"),
  many("bones", BONE, LIMITS.maxBones),
  varint("owner_id"),
  varint("owner_id_per_bone"),
);
const SCENE_OBJECT = numbered(text("id"), text("name"), one("bounds", BOUNDS), varint("owner_id"));
const SCENE = numbered(
  many("characters", CHARACTER, LIMITS.maxCharacters),
  many("objects", SCENE_OBJECT, LIMITS.maxObjects),
  float("near"),
  float("far"),
);
const OPEN_SHOT = numbered(
  one("protocol_version", numbered(varint("major"), varint("minor"))),
  text("client_name"),
  text("client_version"),
  one(
    "convention",
    numbered(
      varint("handedness"),
      varint("up"),
      varint("camera_forward"),
      double("metres_per_unit"),
      varint("camera_up"),
    ),
  ),
  one("frame_size", SIZE),
  double("frame_rate"),
  varint("mode"),
  text("model"),
  uint64("seed"),
  text("prompt", MOST_PROMPT_BYTES),
  one("scene", SCENE),
  varint("image_format"),
  varint("control_preview"),
  text("resume_token"),
  text("record_as"),
  varint("steps"),
  varints("controls", LIMITS.maxPlanes),
);

const CHARACTER_POSE = numbered(
  text("id"),
  floats("positions", LIMITS.maxBones * 3),
  floats("rotations", LIMITS.maxBones * 4),
);
const LIGHT = numbered(
  varint("kind"),
  one("position", VECTOR3),
  one("direction", VECTOR3),
  one("colour", VECTOR3),
  float("range"),
  float("spot_angle"),
  varint("casts_shadow"),
);
const ENGINE_FRAME = numbered(
  uint64("tick"),
  double("time"),
  one("camera", numbered(one("transform", TRANSFORM), floats("projection", 16))),
  many("characters", CHARACTER_POSE, LIMITS.maxCharacters),
  many("objects", numbered(text("id"), one("transform", TRANSFORM)), LIMITS.maxObjects),
  many("lights", LIGHT, LIMITS.maxLights),
  many("planes", PLANE, LIMITS.maxPlanes),
);

/**
 * The fields of a StreamShotRequest and of all that it holds, with the limits that are checked before anything is decoded. A test
 * holds it beside the .proto files.
 */
export const REQUEST_FIELDS: MessageFields = numbered(
  one("open_shot", OPEN_SHOT),
  one("engine_frame", ENGINE_FRAME),
  one("first_frame", numbered(bytes("encoded"), one("plane", PLANE), uint64("tick"), varint("new_look"))),
  one("prompt_change", numbered(text("prompt", MOST_PROMPT_BYTES))),
  one("cut", numbered(varint("forget_look"), varint("new_place"))),
  one("flush", numbered()),
  one("close", numbered()),
);
