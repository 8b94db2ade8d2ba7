import { quat, vec3 } from "gl-matrix";
import type { FrameSize } from "../scene/picture.js";
import type { Bone, Character, Scene, SceneObject } from "../scene/scene.js";
import { readLength, readPoint } from "./check-number.js";
import { readControls } from "./controls.js";
import { type Basis, basisOf, turnRotation } from "./convention.js";
import { BadRequestError, Code } from "./errors.js";
import { ImageFormat, type OpenShot, ShotMode } from "./generated/playblast/v1/open_shot.js";
import type { PlaneKind } from "./generated/playblast/v1/plane.js";
import type * as Wire from "./generated/playblast/v1/scene.js";
import { ALLOWED_SIZES, atMost, isAllowedSize, LIMITS, PROTOCOL_VERSION } from "./limits.js";
import { quote } from "./quote.js";

/** A shot as asked for, checked and in our convention. */
export interface ShotRequest {
  readonly clientName: string;
  readonly clientVersion: string;
  readonly basis: Basis;
  readonly scene: Scene;
  /** As asked; the server rounds it, and chooses where it is 0x0. */
  readonly size: FrameSize;
  readonly frameRate: number;
  readonly mode: "live" | "export";
  readonly model: string;
  readonly seed: number;
  readonly prompt: string;
  readonly imageFormat: "rgb8" | "png" | "jpeg";
  readonly controlPreview: boolean;
  readonly recordAs: string;
  readonly steps: number;
  /** Owner ids that planes may hold. */
  readonly ownerIds: ReadonlySet<number>;
  /** Kinds of planes that come with every frame, as promised, and steer the picture. */
  readonly controls: ReadonlySet<PlaneKind>;
}

/**
 * Checks an OpenShot and turns its scene into our convention.
 *
 * @throws BadRequestError naming the field, what came, what is allowed and what to do.
 */
export function readOpenShot(message: OpenShot): ShotRequest {
  const version = message.protocolVersion;
  if (!version || version.major !== PROTOCOL_VERSION.major) {
    const theirs = version ? `${version.major}.${version.minor}` : "not set";
    throw new BadRequestError(
      "open_shot.protocol_version",
      `is ${theirs}; this server speaks ${PROTOCOL_VERSION.major}.${PROTOCOL_VERSION.minor}. Update the older of the two`,
      Code.UNIMPLEMENTED,
    );
  }
  if (message.resumeToken) {
    throw new BadRequestError(
      "open_shot.resume_token",
      "is set, but this server does not take shots up again yet; open a new shot without it",
      Code.UNIMPLEMENTED,
    );
  }
  const width = message.frameSize?.width ?? 0;
  const height = message.frameSize?.height ?? 0;
  const chosenHere = width === 0 && height === 0;
  if (!chosenHere && !isAllowedSize({ width, height })) {
    throw new BadRequestError(
      "open_shot.frame_size",
      `is ${width}x${height}; allowed is ${ALLOWED_SIZES}, or 0x0 to let the server choose`,
    );
  }
  if (!(message.frameRate > 0 && message.frameRate <= LIMITS.maxFrameRate)) {
    throw new BadRequestError(
      "open_shot.frame_rate",
      `is ${message.frameRate}; allowed is above 0 to ${LIMITS.maxFrameRate}`,
    );
  }
  if (message.mode !== ShotMode.SHOT_MODE_LIVE && message.mode !== ShotMode.SHOT_MODE_EXPORT) {
    throw new BadRequestError("open_shot.mode", `is ${message.mode}; allowed are SHOT_MODE_LIVE and SHOT_MODE_EXPORT`);
  }
  if (message.steps > 8)
    throw new BadRequestError("open_shot.steps", `is ${message.steps}; allowed is 0 (the server chooses) to 8`);
  const basis = basisOf(message.convention);
  const scene = readScene(message.scene ?? { characters: [], objects: [], near: 0, far: 0 }, basis);
  return {
    clientName: message.clientName,
    clientVersion: message.clientVersion,
    basis,
    scene,
    size: { width, height },
    frameRate: message.frameRate,
    mode: message.mode === ShotMode.SHOT_MODE_LIVE ? "live" : "export",
    model: message.model,
    seed: message.seed,
    prompt: message.prompt,
    imageFormat: imageFormatOf(message.imageFormat),
    controlPreview: message.controlPreview,
    recordAs: message.recordAs,
    steps: message.steps,
    ownerIds: ownerIdsOf(scene),
    controls: readControls(message.controls),
  };
}

function imageFormatOf(format: ImageFormat): ShotRequest["imageFormat"] {
  switch (format) {
    case ImageFormat.IMAGE_FORMAT_UNSPECIFIED:
    case ImageFormat.IMAGE_FORMAT_RGB8:
      return "rgb8";
    case ImageFormat.IMAGE_FORMAT_PNG:
      return "png";
    case ImageFormat.IMAGE_FORMAT_JPEG:
      return "jpeg";
    default:
      throw new BadRequestError("open_shot.image_format", `is ${format}; allowed are RGB8, PNG and JPEG`);
  }
}

function readScene(scene: Wire.Scene, basis: Basis): Scene {
  const { near, far } = scene;
  const farthest = LIMITS.maxMetres / basis.metresPerUnit;
  if (!(near >= -farthest && far > near)) {
    throw new BadRequestError(
      "open_shot.scene",
      `has near ${near} and far ${far}; allowed is near < far, with 0 < near unless all cameras are orthographic`,
    );
  }
  atMost(scene.characters.length, LIMITS.maxCharacters, "open_shot.scene.characters");
  atMost(scene.objects.length, LIMITS.maxObjects, "open_shot.scene.objects");
  const ids = new Set<string>();
  const unique = (id: string, field: string) => {
    if (id === "") throw new BadRequestError(field, "is empty; give every character and object a stable id");
    if (ids.has(id)) throw new BadRequestError(field, `is ${quote(id)} for the second time; ids are unique in a shot`);
    ids.add(id);
  };
  return {
    near: near * basis.metresPerUnit,
    far: far * basis.metresPerUnit,
    characters: scene.characters.map((character, i) => {
      const field = `open_shot.scene.characters[${i}]`;
      unique(character.id, `${field}.id`);
      return readCharacter(character, field, basis);
    }),
    objects: scene.objects.map((object, i) => {
      const field = `open_shot.scene.objects[${i}]`;
      unique(object.id, `${field}.id`);
      return readObject(object, field, basis);
    }),
  };
}

function readCharacter(character: Wire.Character, field: string, basis: Basis): Character {
  atMost(character.bones.length, LIMITS.maxBones, `${field}.bones`);
  if (character.bones.length === 0)
    throw new BadRequestError(`${field}.bones`, "is empty; a character has at least one bone");
  const bones = character.bones.map((bone, i): Bone => {
    if (!(bone.parent >= -1 && bone.parent < i)) {
      throw new BadRequestError(
        `${field}.bones[${i}].parent`,
        `is ${bone.parent}; a parent comes before its children, -1 is a root`,
      );
    }
    const r = bone.rest?.rotation ?? { x: 0, y: 0, z: 0, w: 1 };
    return {
      name: bone.name,
      parent: bone.parent,
      restPosition: readPoint(bone.rest?.position, `${field}.bones[${i}].rest.position`, basis),
      restRotation: readRotation([r.x, r.y, r.z, r.w], `${field}.bones[${i}].rest.rotation`, basis),
      humanoid: bone.humanoid,
      radius: readLength(bone.radius, `${field}.bones[${i}].radius`, basis, "that the server chooses"),
    };
  });
  return { id: character.id, bones, ownerId: character.ownerId, ownerIdPerBone: character.ownerIdPerBone };
}

function readObject(object: Wire.SceneObject, field: string, basis: Basis): SceneObject {
  const a = readPoint(object.bounds?.min, `${field}.bounds.min`, basis);
  const b = readPoint(object.bounds?.max, `${field}.bounds.max`, basis);
  return {
    id: object.id,
    name: object.name,
    min: vec3.min(vec3.create(), a, b),
    max: vec3.max(vec3.create(), a, b),
    ownerId: object.ownerId,
  };
}

/** Shorter than this a quaternion is no rotation but a zero that was rounded. */
const LEAST_QUATERNION = 1e-6;

/** A rotation in our axes, normalised; `turn` is how the basis turns it. */
export function readRotation(
  [x, y, z, w]: readonly [number, number, number, number],
  field: string,
  basis: Basis,
  turn = turnRotation,
): quat {
  const length = Math.hypot(x, y, z, w);
  if (!(length > LEAST_QUATERNION && Number.isFinite(length))) {
    throw new BadRequestError(field, `is (${x}, ${y}, ${z}, ${w}); send a finite unit quaternion`);
  }
  return turn(basis, quat.fromValues(x / length, y / length, z / length, w / length));
}

function ownerIdsOf(scene: Scene): Set<number> {
  const ids = new Set<number>();
  const add = (id: number, field: string) => {
    if (id === 0) return;
    if (id > 65535) throw new BadRequestError(field, `is ${id}; owner ids are at most 65535`);
    if (ids.has(id))
      throw new BadRequestError(field, `is ${id}, which another character or object has; owner ids are unique`);
    ids.add(id);
  };
  scene.objects.forEach((object, i) => {
    add(object.ownerId, `open_shot.scene.objects[${i}].owner_id`);
  });
  scene.characters.forEach((character, i) => {
    const count = character.ownerIdPerBone ? character.bones.length : 1;
    for (let bone = 0; bone < count; bone++)
      add(character.ownerId && character.ownerId + bone, `open_shot.scene.characters[${i}].owner_id`);
  });
  return ids;
}
