import type { mat4 } from "gl-matrix";
import { type Intrinsics, intrinsicsOf, viewOf } from "../scene/camera.js";
import { BACKGROUND_DEPTH, type EngineFrame } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import type { KernelMemory } from "./kernels.js";
import type { OwnerTransforms } from "./owners.js";
import { makeStruct, type Struct } from "./structs.js";

/** All that the world cache needs of one tick's geometry: what is where, and what it moves with. */
export interface FrameGeometry extends FrameSize {
  readonly tick: number;
  readonly intrinsics: Intrinsics;
  /**
   * Pixels a tangent, across and down, by which the background's directions are seen: fx and fy of a perspective. An orthographic camera's rays
   * all have one direction, and engines that draw a sky all the same (Godot 4) do so through a pinhole with the projection's
   * own scales a metre. Those whose orthographic sky has one colour (Blender, Unity's HDRP) look the same by any rule.
   */
  readonly skyFocal: readonly [number, number];
  /** Camera to world. */
  readonly world: mat4;
  /** World to camera. */
  readonly view: mat4;
  /** [H, W] metres along the view axis. */
  readonly depth: Float32Array;
  /** [H, W] rows of the owner table. */
  readonly owner: Uint16Array;
  readonly transforms: OwnerTransforms;
}

/** Numbers of the kernels' Lens. */
const LENS_NUMBERS = 7;

/** Room for the geometry of one frame, and the kernels' view of it. */
export interface GeometryRoom {
  readonly lens: Float64Array;
  readonly world: Float32Array;
  readonly view: Float32Array;
  readonly transforms: OwnerTransforms;
  /** [owners, 16] view to owner-local and back, see `localsOfOwners` in kernels/local-points.ts. */
  readonly toLocal: Float32Array;
  readonly toView: Float32Array;
  readonly depth: Float32Array;
  readonly owner: Uint16Array;
  readonly struct: Struct<"Geometry">;
}

/** Makes room for the geometry of a frame of so many pixels with so many owners. */
export function makeGeometryRoom(memory: KernelMemory, pixels: number, owners: number): GeometryRoom {
  const room = {
    lens: memory.f64(LENS_NUMBERS),
    world: memory.f32(16),
    view: memory.f32(16),
    transforms: { matrices: memory.f32(owners * 16), present: memory.u8(owners) },
    toLocal: memory.f32(owners * 16),
    toView: memory.f32(owners * 16),
    depth: memory.f32(pixels),
    owner: memory.u16(pixels),
  };
  const { lens, world, view, transforms, toLocal, toView, depth, owner } = room;
  const struct = makeStruct(memory, "Geometry", {
    lens,
    world,
    view,
    transforms: transforms.matrices,
    present: transforms.present,
    toLocal,
    toView,
    depth,
    owner,
  });
  return { ...room, struct };
}

/** The intrinsics that were written into a room. */
export function lensOf({ lens }: GeometryRoom): Omit<Intrinsics, "orthographic"> {
  const [fx, fy, cx, cy, viewHeight] = lens;
  return { fx, fy, cx, cy, viewHeight };
}

/**
 * Writes the geometry of a frame into its room, all but the owners of its pixels. A frame without a depth plane counts as background everywhere:
 * only rotation is followed.
 *
 * @param scale By which the lengths of `frame` were divided, see `sceneScale`.
 */
export function writeGeometry(room: GeometryRoom, frame: EngineFrame, size: FrameSize, scale: number): FrameGeometry {
  const intrinsics = intrinsicsOf(frame.camera.projection, size);
  const { fx, fy, cx, cy, viewHeight, orthographic } = intrinsics;
  const skyFocal: [number, number] = orthographic ? [fx / scale, fy / scale] : [fx, fy];
  const { lens, world, view, transforms, depth, owner } = room;
  lens.set([fx, fy, cx, cy, viewHeight, ...skyFocal]);
  world.set(frame.camera.world);
  view.set(viewOf(frame.camera));
  if (frame.depth) depth.set(frame.depth);
  else depth.fill(BACKGROUND_DEPTH);
  return { ...size, tick: frame.tick, intrinsics, skyFocal, world, view, depth, owner, transforms };
}

/** Copies all but the planes of pixels of a frame's geometry into another room, as a source's. */
export function keepGeometry(room: GeometryRoom, from: GeometryRoom, geometry: FrameGeometry): FrameGeometry {
  const { lens, world, view, transforms, depth, owner } = room;
  lens.set(from.lens);
  world.set(from.world);
  view.set(from.view);
  transforms.matrices.set(from.transforms.matrices);
  transforms.present.set(from.transforms.present);
  return { ...geometry, world, view, depth, owner, transforms };
}
