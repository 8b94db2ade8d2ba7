import type { mat4, vec3 } from "gl-matrix";

/**
 * Depth in metres that stands for "no surface" (sky). Seen by perspective cameras a point this far away moves with the
 * camera's rotation alone to well below a pixel, so that the background needs no special case. An orthographic camera
 * sees no place there: its background is a direction (`conditioning/kernels/correspond.ts`).
 */
export const BACKGROUND_DEPTH = 1e5;

/** Whether a depth map shows a surface anywhere. */
export function showsSurface(depth: Float32Array | undefined): boolean {
  if (depth) for (let p = 0; p < depth.length; p++) if (depth[p] < BACKGROUND_DEPTH) return true;
  return false;
}

/** A camera in world space: right-handed, Y up, metres, looking down its -Z. */
export interface Camera {
  /** Camera to world, rigid. */
  readonly world: mat4;
  /** OpenGL clip space, -1..1 in z; lens shift included. */
  readonly projection: mat4;
}

/** World-space joints of one character, bones in declared order. */
export interface Pose {
  /** [B, 3] metres. */
  readonly positions: Float32Array;
  /** [B, 4] unit quaternions x, y, z, w. */
  readonly rotations: Float32Array;
}

/** One light; directions are the way that the light travels, colours are linear RGB times energy. */
export interface Light {
  readonly kind: "directional" | "point" | "spot" | "ambient";
  readonly position: vec3;
  readonly direction: vec3;
  readonly colour: vec3;
  /** Metres; 0 means unlimited. */
  readonly range: number;
  /** Half angle of a spot's cone in radians. */
  readonly spotAngle: number;
  readonly castsShadow: boolean;
}

/**
 * One tick of the engine in the one convention (right-handed, Y up, metres). Planes are
 * [H, W] or [H, W, 3] at the shot's frame size, top row first.
 */
export interface EngineFrame {
  readonly tick: number;
  /** Scene time in seconds. */
  readonly time: number;
  readonly camera: Camera;
  /** In the order of Scene.characters; undefined where the frame does not speak of one. */
  readonly poses: readonly (Pose | undefined)[];
  /** Local to world with scale, in the order of Scene.objects; undefined where the frame does not speak of one. */
  readonly objects: readonly (mat4 | undefined)[];
  readonly lights: readonly Light[];
  /** Metres along the view axis, BACKGROUND_DEPTH where there is no surface. */
  readonly depth?: Float32Array;
  /** Owner ids as declared in the Scene, 0 for the static world. */
  readonly ownerId?: Uint16Array;
  /** Unit normals in world space. */
  readonly normal?: Float32Array;
  /** Lighting alone, on neutral grey, in linear light, about 0..1. */
  readonly shade?: Float32Array;
  /** Base colour without light, emission added, 8-bit sRGB; black where there is no surface. Where the shot declares it as a control. */
  readonly albedo?: Uint8Array;
  /** Which mesh surface is seen, the static world's included; 0 is none that is known. Where the shot declares it as a control. */
  readonly surfaceId?: Uint16Array;
  /** The engine's finished picture, 8-bit sRGB. Where the shot declares it as a control. */
  readonly colour?: Uint8Array;
  /** The recorded picture, 8-bit sRGB: the target of training and scoring, never a control. Where a take has no TRUTH plane it is its COLOUR plane, and may be the same array as `colour`. */
  readonly truth?: Uint8Array;
}
