import { mat4, type quat, type vec3 } from "gl-matrix";
import type { Camera, EngineFrame, Light, Pose } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import { turnDirection, turnPoint, turnScale } from "./convention.js";
import { BadRequestError } from "./errors.js";
import type * as Wire from "./generated/playblast/v1/engine_frame.js";
import { LightKind } from "./generated/playblast/v1/engine_frame.js";
import type { Transform, Vector3 } from "./generated/playblast/v1/geometry.js";
import { type Plane, PlaneKind } from "./generated/playblast/v1/plane.js";
import { atMost, LIMITS, MOST_SCENE_SECONDS } from "./limits.js";
import { readRotation, type ShotRequest } from "./open-shot.js";
import { checkPlane, planeName, readDepth, readNormals, readOwnerIds, readPicture, readShade } from "./plane.js";
import { quote, quoteList } from "./quote.js";

/** A projection whose determinant is below this cannot be undone. */
const SINGULAR = 1e-12;

/**
 * Which planes are read: "all", or those that a control is made from. Of the others ("colour", "truth" and motion) the header and the
 * length are checked all the same.
 */
export type PlaneChoice = "all" | "controls";

/**
 * Checks an EngineFrame and turns it into our convention, its planes at `size`.
 *
 * @param lastTick The tick before, or -1: ticks rise.
 * @throws BadRequestError naming the field, what came, what is allowed and what to do.
 */
export function readEngineFrame(
  message: Wire.EngineFrame,
  shot: ShotRequest,
  size: FrameSize,
  lastTick: number,
  planes: PlaneChoice = "all",
): EngineFrame {
  const steps = engineFrameSteps(message, shot, size, lastTick, planes);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** `readEngineFrame` in steps of one plane each, so that a thread can do other work between them. */
export function* engineFrameSteps(
  message: Wire.EngineFrame,
  shot: ShotRequest,
  size: FrameSize,
  lastTick: number,
  planes: PlaneChoice,
): Generator<undefined, EngineFrame> {
  if (message.tick <= lastTick) {
    throw new BadRequestError(
      "engine_frame.tick",
      `is ${message.tick} after ${lastTick}; ticks rise within a shot. Open a new shot to start again`,
    );
  }
  if (!(Math.abs(message.time) <= MOST_SCENE_SECONDS)) {
    const range = `${-MOST_SCENE_SECONDS} to ${MOST_SCENE_SECONDS} seconds`;
    throw new BadRequestError("engine_frame.time", `is ${message.time}; allowed is ${range}`);
  }
  atMost(message.lights.length, LIMITS.maxLights, "engine_frame.lights");
  atMost(message.planes.length, LIMITS.maxPlanes, "engine_frame.planes");
  return {
    tick: message.tick,
    time: message.time,
    camera: readCamera(message.camera, shot),
    poses: readPoses(message.characters, shot),
    objects: readObjects(message.objects, shot),
    lights: message.lights.map((light, i) => readLight(light, `engine_frame.lights[${i}]`, shot)),
    ...(yield* readPlanes(message.planes, shot, size, planes)),
  };
}

function readCamera(camera: Wire.Camera | undefined, shot: ShotRequest): Camera {
  if (!camera?.transform)
    throw new BadRequestError(
      "engine_frame.camera",
      "is missing; every frame carries camera.transform and camera.projection",
    );
  if (camera.projection.length !== 16) {
    throw new BadRequestError(
      "engine_frame.camera.projection",
      `has ${camera.projection.length} values; send 16, column-major`,
    );
  }
  const projection = mat4.clone(camera.projection as unknown as mat4);
  const determinant = mat4.determinant(projection);
  if (
    !(Math.abs(determinant) > SINGULAR) ||
    projection[0] === 0 ||
    projection[5] === 0 ||
    !camera.projection.every(Number.isFinite)
  ) {
    throw new BadRequestError(
      "engine_frame.camera.projection",
      `is singular (determinant ${determinant}); send the camera's OpenGL projection matrix`,
    );
  }
  const world = readTransform(camera.transform, "engine_frame.camera.transform", shot, false);
  return { world, projection };
}

function readVector(vector: Vector3 | undefined, field: string): Vector3 {
  const { x, y, z } = vector ?? { x: 0, y: 0, z: 0 };
  if (!(Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(z))) {
    throw new BadRequestError(field, `is (${x}, ${y}, ${z}); send finite numbers`);
  }
  return { x, y, z };
}

function readTransform(transform: Transform, field: string, { basis }: ShotRequest, scaled: boolean): mat4 {
  const p = readVector(transform.position, `${field}.position`);
  const r = transform.rotation ?? { x: 0, y: 0, z: 0, w: 1 };
  const rotation = readRotation([r.x, r.y, r.z, r.w], `${field}.rotation`, basis);
  const position = turnPoint(basis, p.x, p.y, p.z);
  if (!scaled || !transform.scale) return mat4.fromRotationTranslation(mat4.create(), rotation, position);
  const s = readVector(transform.scale, `${field}.scale`);
  if (s.x === 0 || s.y === 0 || s.z === 0) {
    throw new BadRequestError(
      `${field}.scale`,
      `is (${s.x}, ${s.y}, ${s.z}); no axis may be 0. Leave the object out to hide it`,
    );
  }
  return mat4.fromRotationTranslationScale(mat4.create(), rotation, position, turnScale(basis, [s.x, s.y, s.z]));
}

function readPoses(poses: readonly Wire.CharacterPose[], shot: ShotRequest): (Pose | undefined)[] {
  const { characters } = shot.scene;
  const out: (Pose | undefined)[] = characters.map(() => undefined);
  poses.forEach((pose, i) => {
    const field = `engine_frame.characters[${i}]`;
    const index = characters.findIndex((character) => character.id === pose.id);
    if (index < 0)
      throw new BadRequestError(`${field}.id`, `is ${quote(pose.id)}; open_shot.scene declares ${list(characters)}`);
    const bones = characters[index].bones.length;
    if (pose.positions.length !== bones * 3) {
      throw new BadRequestError(
        `${field}.positions`,
        `has ${pose.positions.length} values; ${quote(pose.id)} has ${bones} bones, so send ${bones * 3}`,
      );
    }
    if (pose.rotations.length !== bones * 4) {
      throw new BadRequestError(
        `${field}.rotations`,
        `has ${pose.rotations.length} values; ${quote(pose.id)} has ${bones} bones, so send ${bones * 4}`,
      );
    }
    const positions = new Float32Array(bones * 3);
    const rotations = new Float32Array(bones * 4);
    for (let b = 0; b < bones; b++) {
      const [x, y, z] = pose.positions.slice(b * 3, b * 3 + 3);
      readVector({ x, y, z }, `${field}.positions[${b}]`);
      positions.set(turnPoint(shot.basis, x, y, z), b * 3);
      const r = pose.rotations.slice(b * 4, b * 4 + 4) as [number, number, number, number];
      rotations.set(readRotation(r, `${field}.rotations[${b}]`, shot.basis) as quat, b * 4);
    }
    out[index] = { positions, rotations };
  });
  return out;
}

function readObjects(objects: readonly Wire.ObjectPose[], shot: ShotRequest): (mat4 | undefined)[] {
  const declared = shot.scene.objects;
  const out: (mat4 | undefined)[] = declared.map(() => undefined);
  objects.forEach((object, i) => {
    const field = `engine_frame.objects[${i}]`;
    const index = declared.findIndex(({ id }) => id === object.id);
    if (index < 0)
      throw new BadRequestError(`${field}.id`, `is ${quote(object.id)}; open_shot.scene declares ${list(declared)}`);
    if (!object.transform)
      throw new BadRequestError(`${field}.transform`, "is missing; send where the object is, or leave it out");
    out[index] = readTransform(object.transform, `${field}.transform`, shot, true);
  });
  return out;
}

const KINDS: Partial<Record<LightKind, Light["kind"]>> = {
  [LightKind.LIGHT_KIND_DIRECTIONAL]: "directional",
  [LightKind.LIGHT_KIND_POINT]: "point",
  [LightKind.LIGHT_KIND_SPOT]: "spot",
  [LightKind.LIGHT_KIND_AMBIENT]: "ambient",
};

function readLight(light: Wire.Light, field: string, { basis }: ShotRequest): Light {
  const kind = KINDS[light.kind];
  if (!kind)
    throw new BadRequestError(`${field}.kind`, `is ${light.kind}; allowed are DIRECTIONAL, POINT, SPOT and AMBIENT`);
  const p = readVector(light.position, `${field}.position`);
  const d = readVector(light.direction, `${field}.direction`);
  const c = readVector(light.colour, `${field}.colour`);
  const colour: vec3 = [c.x, c.y, c.z];
  return {
    kind,
    position: turnPoint(basis, p.x, p.y, p.z),
    direction: turnDirection(basis, d.x, d.y, d.z),
    colour,
    range: Math.max(0, light.range || 0) * basis.metresPerUnit,
    spotAngle: light.spotAngle || 0,
    castsShadow: light.castsShadow,
  };
}

type Planes = Pick<EngineFrame, "depth" | "ownerId" | "normal" | "shade" | "colour" | "truth">;

function* readPlanes(
  planes: readonly Plane[],
  shot: ShotRequest,
  size: FrameSize,
  choice: PlaneChoice,
): Generator<undefined, Planes> {
  const byKind = new Map<PlaneKind, { plane: Plane; field: string }>();
  planes.forEach((plane, i) => {
    const field = `engine_frame.planes[${i}]`;
    if (byKind.has(plane.kind))
      throw new BadRequestError(`${field}.kind`, `is a second ${planeName(plane.kind)} plane; send one of a kind`);
    checkPlane(plane, field);
    byKind.set(plane.kind, { plane, field });
  });
  const read = <T>(kind: PlaneKind, reader: (plane: Plane, field: string) => T): T | undefined => {
    const found = byKind.get(kind);
    return found && reader(found.plane, found.field);
  };
  const depth = read(PlaneKind.PLANE_KIND_DEPTH, (plane, field) =>
    readDepth(plane, field, size, shot.basis.metresPerUnit),
  );
  yield;
  const ownerId = read(PlaneKind.PLANE_KIND_OWNER_ID, (plane, field) =>
    readOwnerIds(plane, field, size, shot.ownerIds),
  );
  yield;
  const normal = read(PlaneKind.PLANE_KIND_NORMAL, (plane, field) => readNormals(plane, field, size, shot.basis));
  yield;
  const shade = read(PlaneKind.PLANE_KIND_SHADE, (plane, field) => readShade(plane, field, size, depth));
  if (choice === "controls") return { depth, ownerId, normal, shade };
  // Motion is in the schema for the Wan family; nothing here uses it yet.
  return {
    depth,
    ownerId,
    normal,
    shade,
    colour: read(PlaneKind.PLANE_KIND_COLOUR, (plane, field) => readPicture(plane, field, size).rgb),
    truth: read(PlaneKind.PLANE_KIND_TRUTH, (plane, field) => readPicture(plane, field, size).rgb),
  };
}

function list(things: readonly { readonly id: string }[]): string {
  return quoteList(things.map(({ id }) => id));
}
