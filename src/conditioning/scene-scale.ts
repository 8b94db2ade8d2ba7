import { mat4, vec3 } from "gl-matrix";
import { isOrthographic, orthographicHeight, scaledProjection } from "../scene/camera.js";
import { BACKGROUND_DEPTH, type EngineFrame } from "../scene/engine-frame.js";
import type { Scene } from "../scene/scene.js";

/** A scene's size is that which this share of what a frame shows is nearer than: a wall before the lens does not make it small. */
const REACH_SHARE = 0.9;
/** Pixels that are looked at. */
const MOST_SAMPLES = 4096;
/** Scales are powers of this, so that rooms, streets and halls (1 to 100 m) all have the scale 1. */
const STEP = 100;

/**
 * The factor by which a scene is larger than those that lengths in metres here are made for, a power of 100: 1 where most of what a frame shows
 * is less than 1 to 100 m away (or where an orthographic view is as high), 0.01 for a table top or for a world whose units are
 * not what they are said to be, 100 for a landscape. Divided by it, tolerances in metres, the network's depth channel and the falling
 * off of lights fit any scene.
 */
export function sceneScale({ camera, depth }: EngineFrame): number {
  const size = isOrthographic(camera.projection) ? orthographicHeight(camera.projection) : reachOf(depth);
  return size > 0 ? STEP ** Math.floor(Math.log(size) / Math.log(STEP)) : 1;
}

/** Metres; 0 where there are no surfaces. */
function reachOf(depth: Float32Array | undefined): number {
  if (!depth) return 0;
  const stride = Math.ceil(depth.length / MOST_SAMPLES);
  const samples: number[] = [];
  for (let p = 0; p < depth.length; p += stride) if (depth[p] < BACKGROUND_DEPTH) samples.push(depth[p]);
  const sorted = Float32Array.from(samples).sort();
  return sorted.length === 0 ? 0 : sorted[Math.floor(REACH_SHARE * (sorted.length - 1))];
}

/** A scene with all its lengths divided by `scale`. */
export function scaledScene(scene: Scene, scale: number): Scene {
  if (scale === 1) return scene;
  const shrunk = (v: vec3) => vec3.scale(vec3.create(), v, 1 / scale);
  return {
    near: scene.near / scale,
    far: scene.far / scale,
    characters: scene.characters.map((character) => ({
      ...character,
      bones: character.bones.map((bone) => ({
        ...bone,
        restPosition: shrunk(bone.restPosition),
        radius: bone.radius / scale,
      })),
    })),
    objects: scene.objects.map((object) => ({ ...object, min: shrunk(object.min), max: shrunk(object.max) })),
  };
}

/** A frame of a scene with all lengths divided by `scale`. */
export function scaledFrame(frame: EngineFrame, scale: number): EngineFrame {
  if (scale === 1) return frame;
  const { camera, depth } = frame;
  return {
    ...frame,
    camera: { world: moved(camera.world, scale), projection: scaledProjection(camera.projection, 1 / scale) },
    poses: frame.poses.map((pose) => pose && { ...pose, positions: pose.positions.map((value) => value / scale) }),
    objects: frame.objects.map((object) => object && moved(object, scale)),
    lights: frame.lights.map((light) => ({
      ...light,
      position: vec3.scale(vec3.create(), light.position, 1 / scale),
      range: light.range / scale,
    })),
    depth: depth?.map((metres) => (metres < BACKGROUND_DEPTH ? Math.min(metres / scale, BACKGROUND_DEPTH) : metres)),
  };
}

/** An object's local lengths shrink with its bounds, so that only its place changes here. */
function moved(transform: mat4, scale: number): mat4 {
  const out = mat4.clone(transform);
  for (let i = 12; i < 15; i++) out[i] /= scale;
  return out;
}
