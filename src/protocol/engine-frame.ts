import { mat4, type vec3 } from "gl-matrix";
import { isOrthographic, orthographicHeight } from "../scene/camera.js";
import type { Camera, EngineFrame, Light, Pose } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import { checkRange, readLength, readPoint, readVector } from "./check-number.js";
import { checkPromised, isRead } from "./controls.js";
import { turnCameraRotation, turnDirection, turnScale } from "./convention.js";
import { BadRequestError } from "./errors.js";
import type * as Wire from "./generated/playblast/v1/engine_frame.js";
import { LightKind } from "./generated/playblast/v1/engine_frame.js";
import type { Transform } from "./generated/playblast/v1/geometry.js";
import { type Plane, PlaneKind } from "./generated/playblast/v1/plane.js";
import { atMost, LIMITS, MOST_SCENE_SECONDS } from "./limits.js";
import { readRotation, type ShotRequest } from "./open-shot.js";
import { checkPlane, planeName, readPicture, readShade, recordedPlane } from "./plane.js";
import { readProjection } from "./projection.js";
import { quote, quoteList } from "./quote.js";
import { type DepthLens, readDepth, readIds, readNormals, sampleIds, sampleOwnerIds } from "./surface-planes.js";

/** Scales beyond these make matrices that single precision cannot invert. */
const LEAST_SCALE = 1e-12;
const MOST_SCALE = 1e9;

/**
 * Which planes are read: those that steer the picture, which are depth, owner ids, normals and shade, and what else the shot declares
 * (`ShotRequest.controls`); or "all", which is the recorded picture too. Of the others the header and the length are checked all the same.
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
  checkRange(message.time, -MOST_SCENE_SECONDS, MOST_SCENE_SECONDS, "engine_frame.time", "It is scene time in seconds");
  atMost(message.characters.length, LIMITS.maxCharacters, "engine_frame.characters");
  atMost(message.objects.length, LIMITS.maxObjects, "engine_frame.objects");
  atMost(message.lights.length, LIMITS.maxLights, "engine_frame.lights");
  atMost(message.planes.length, LIMITS.maxPlanes, "engine_frame.planes");
  const { camera, lens } = readCamera(message.camera, shot);
  return {
    tick: message.tick,
    time: message.time,
    camera,
    poses: readPoses(message.characters, shot),
    objects: readObjects(message.objects, shot),
    lights: message.lights.map((light, i) => readLight(light, `engine_frame.lights[${i}]`, shot)),
    ...(yield* readPlanes(message.planes, shot, size, lens, planes)),
  };
}

/**
 * A camera in our convention. What an orthographic camera shows does not change when it moves along its axis: where the scene's near plane lies at or
 * behind it, it is moved back so far that all it sees lies before it, and its depth is read with that `backstep`.
 */
function readCamera(camera: Wire.Camera | undefined, shot: ShotRequest): { camera: Camera; lens: DepthLens } {
  if (!camera?.transform)
    throw new BadRequestError(
      "engine_frame.camera",
      "is missing; every frame carries camera.transform and camera.projection",
    );
  const { basis, scene } = shot;
  const field = "engine_frame.camera";
  const projection = readProjection(camera.projection, `${field}.projection`, basis.metresPerUnit);
  const r = camera.transform.rotation ?? { x: 0, y: 0, z: 0, w: 1 };
  const world = mat4.fromRotationTranslation(
    mat4.create(),
    readRotation([r.x, r.y, r.z, r.w], `${field}.transform.rotation`, basis, turnCameraRotation),
    readPoint(camera.transform.position, `${field}.transform.position`, basis),
  );
  const orthographic = isOrthographic(projection);
  if (!orthographic && !(scene.near > 0)) {
    throw new BadRequestError(
      `${field}.projection`,
      `is a perspective, but open_shot.scene has near ${scene.near / basis.metresPerUnit}; a perspective camera needs 0 < near < far`,
    );
  }
  const viewHeight = orthographicHeight(projection);
  // By a view's height more than the near plane, so that the nearest surfaces do not lie in the camera itself.
  const backstep = orthographic && scene.near <= 0 ? viewHeight - scene.near : 0;
  if (backstep > 0) for (let axis = 0; axis < 3; axis++) world[12 + axis] += backstep * world[8 + axis];
  const { metresPerUnit } = basis;
  return { camera: { world, projection }, lens: { metresPerUnit, orthographic, backstep, viewHeight } };
}

function readTransform(transform: Transform, field: string, { basis }: ShotRequest): mat4 {
  const r = transform.rotation ?? { x: 0, y: 0, z: 0, w: 1 };
  const rotation = readRotation([r.x, r.y, r.z, r.w], `${field}.rotation`, basis);
  const position = readPoint(transform.position, `${field}.position`, basis);
  if (!transform.scale) return mat4.fromRotationTranslation(mat4.create(), rotation, position);
  const s = readVector(transform.scale, `${field}.scale`);
  if (![s.x, s.y, s.z].every((value) => Math.abs(value) >= LEAST_SCALE && Math.abs(value) <= MOST_SCALE)) {
    throw new BadRequestError(
      `${field}.scale`,
      `is (${s.x}, ${s.y}, ${s.z}); each axis is ${LEAST_SCALE} to ${MOST_SCALE}, or minus that. Leave the object out to hide it`,
    );
  }
  return mat4.fromRotationTranslationScale(mat4.create(), rotation, position, turnScale(basis, [s.x, s.y, s.z]));
}

function readPoses(poses: readonly Wire.CharacterPose[], shot: ShotRequest): (Pose | undefined)[] {
  const { characters } = shot.scene;
  const { basis } = shot;
  const out: (Pose | undefined)[] = characters.map(() => undefined);
  poses.forEach((pose, i) => {
    const field = `engine_frame.characters[${i}]`;
    const index = indexOf(pose.id, characters, out, `${field}.id`);
    const bones = characters[index].bones.length;
    const p = pose.positions;
    const r = pose.rotations;
    if (p.length !== bones * 3) {
      throw new BadRequestError(
        `${field}.positions`,
        `has ${p.length} values; ${quote(pose.id)} has ${bones} bones, so send ${bones * 3}`,
      );
    }
    if (r.length !== bones * 4) {
      throw new BadRequestError(
        `${field}.rotations`,
        `has ${r.length} values; ${quote(pose.id)} has ${bones} bones, so send ${bones * 4}`,
      );
    }
    const positions = new Float32Array(bones * 3);
    const rotations = new Float32Array(bones * 4);
    for (let b = 0; b < bones; b++) {
      const position = { x: p[b * 3], y: p[b * 3 + 1], z: p[b * 3 + 2] };
      positions.set(readPoint(position, `${field}.positions[${b}]`, basis), b * 3);
      const o = b * 4;
      rotations.set(
        readRotation([r[o], r[o + 1], r[o + 2], r[o + 3]], `${field}.rotations[${b}]`, basis) as Float32Array,
        o,
      );
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
    const index = indexOf(object.id, declared, out, `${field}.id`);
    if (!object.transform)
      throw new BadRequestError(`${field}.transform`, "is missing; send where the object is, or leave it out");
    out[index] = readTransform(object.transform, `${field}.transform`, shot);
  });
  return out;
}

/** Where a declared thing stands in its list. Throws BadRequestError where it does not, or where `placed` holds it already. */
function indexOf(
  id: string,
  declared: readonly { readonly id: string }[],
  placed: readonly unknown[],
  field: string,
): number {
  const index = declared.findIndex((thing) => thing.id === id);
  if (index < 0) throw new BadRequestError(field, `is ${quote(id)}; open_shot.scene declares ${list(declared)}`);
  if (placed[index] !== undefined)
    throw new BadRequestError(field, `is ${quote(id)} for the second time; a frame speaks of each thing once`);
  return index;
}

const KINDS: Partial<Record<LightKind, Light["kind"]>> = {
  [LightKind.LIGHT_KIND_DIRECTIONAL]: "directional",
  [LightKind.LIGHT_KIND_POINT]: "point",
  [LightKind.LIGHT_KIND_SPOT]: "spot",
  [LightKind.LIGHT_KIND_AMBIENT]: "ambient",
};

/** Half a turn, as a float may have rounded it up. */
const MOST_SPOT_ANGLE = Math.fround(Math.PI);

function readLight(light: Wire.Light, field: string, { basis }: ShotRequest): Light {
  const kind = KINDS[light.kind];
  if (!kind)
    throw new BadRequestError(`${field}.kind`, `is ${light.kind}; allowed are DIRECTIONAL, POINT, SPOT and AMBIENT`);
  const d = readVector(light.direction, `${field}.direction`);
  const c = readVector(light.colour, `${field}.colour`);
  const colour: vec3 = [c.x, c.y, c.z];
  return {
    kind,
    position: readPoint(light.position, `${field}.position`, basis),
    direction: turnDirection(basis, d.x, d.y, d.z),
    colour,
    range: readLength(light.range, `${field}.range`, basis, "unlimited"),
    spotAngle: checkRange(
      light.spotAngle,
      0,
      MOST_SPOT_ANGLE,
      `${field}.spot_angle`,
      "It is half the cone's angle in radians",
    ),
    castsShadow: light.castsShadow,
  };
}

type Planes = Pick<EngineFrame, "depth" | "ownerId" | "normal" | "shade" | "albedo" | "surfaceId" | "colour" | "truth">;

function* readPlanes(
  planes: readonly Plane[],
  shot: ShotRequest,
  size: FrameSize,
  lens: DepthLens,
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
  checkPromised(planes, shot.controls);
  const read = <T>(kind: PlaneKind, reader: (plane: Plane, field: string) => T): T | undefined => {
    if (!isRead(kind, shot.controls)) return undefined;
    const found = byKind.get(kind);
    return found && reader(found.plane, found.field);
  };
  const picture = (plane: Plane, field: string) => readPicture(plane, field, size).rgb;
  const pictureOf = (plane: Plane | undefined) =>
    plane && picture(plane, `engine_frame.planes[${planes.indexOf(plane)}]`);
  const ids = read(PlaneKind.PLANE_KIND_OWNER_ID, (plane, field) => ({ raw: readIds(plane, field), field }));
  yield;
  const sampled = read(PlaneKind.PLANE_KIND_DEPTH, (plane, field) => readDepth(plane, field, size, lens, ids?.raw));
  const depth = sampled?.depth;
  yield;
  const ownerId = ids && sampleOwnerIds(ids.raw, ids.field, size, shot.ownerIds, sampled);
  yield;
  const normal = read(PlaneKind.PLANE_KIND_NORMAL, (plane, field) =>
    readNormals(plane, field, size, shot.basis, sampled),
  );
  yield;
  const shade = read(PlaneKind.PLANE_KIND_SHADE, (plane, field) => readShade(plane, field, size, depth));
  yield;
  const albedo = read(PlaneKind.PLANE_KIND_ALBEDO, picture);
  const surfaceId = read(PlaneKind.PLANE_KIND_SURFACE_ID, (plane, field) =>
    sampleIds(readIds(plane, field), size, sampled),
  );
  yield;
  const colour = read(PlaneKind.PLANE_KIND_COLOUR, picture);
  const recorded = choice === "all" ? recordedPlane(planes) : undefined;
  const truth = recorded?.kind === PlaneKind.PLANE_KIND_COLOUR && colour ? colour : pictureOf(recorded);
  return { depth, ownerId, normal, shade, albedo, surfaceId, colour, truth };
}

function list(things: readonly { readonly id: string }[]): string {
  return quoteList(things.map(({ id }) => id));
}
