import type { mat4 } from "gl-matrix";
import { type Intrinsics, intrinsicsOf, viewOf } from "../scene/camera.js";
import { BACKGROUND_DEPTH, type EngineFrame } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import { type OwnerTransforms, ownerTransforms } from "./owners.js";
import { type OwnershipSetup, ownerMap } from "./ownership.js";

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

/**
 * Geometry of a frame. A frame without a depth plane counts as background everywhere: only rotation is followed.
 *
 * @param scale By which the lengths of `setup` and `frame` were divided, see `sceneScale`.
 */
export function frameGeometry(setup: OwnershipSetup, frame: EngineFrame, size: FrameSize, scale = 1): FrameGeometry {
  const transforms = ownerTransforms(setup.table, frame);
  const intrinsics = intrinsicsOf(frame.camera.projection, size);
  const { fx, fy, orthographic } = intrinsics;
  return {
    ...size,
    tick: frame.tick,
    intrinsics,
    skyFocal: orthographic ? [fx / scale, fy / scale] : [fx, fy],
    world: frame.camera.world,
    view: viewOf(frame.camera),
    depth: frame.depth ?? new Float32Array(size.width * size.height).fill(BACKGROUND_DEPTH),
    owner: ownerMap(setup, frame, size, transforms),
    transforms,
  };
}
