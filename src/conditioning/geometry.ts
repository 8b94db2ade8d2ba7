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

/** Geometry of a frame. A frame without a depth plane counts as background everywhere: only rotation is followed. */
export function frameGeometry(setup: OwnershipSetup, frame: EngineFrame, size: FrameSize): FrameGeometry {
  const transforms = ownerTransforms(setup.table, frame);
  return {
    ...size,
    tick: frame.tick,
    intrinsics: intrinsicsOf(frame.camera.projection, size),
    world: frame.camera.world,
    view: viewOf(frame.camera),
    depth: frame.depth ?? new Float32Array(size.width * size.height).fill(BACKGROUND_DEPTH),
    owner: ownerMap(setup, frame, size, transforms),
    transforms,
  };
}
