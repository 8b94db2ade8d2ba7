import { type ConditionedFrame, Conditioner } from "playblast/conditioning/conditioner";
import { channel, SHADE_FLOOR } from "playblast/conditioning/controls";
import { viewPlace } from "playblast/scene/camera";
import type { EngineFrame } from "playblast/scene/engine-frame";
import type { FrameSize } from "playblast/scene/picture";
import type { Scene } from "playblast/scene/scene";
import { decodeSrgb, encodeSrgbFast, SRGB_TO_LINEAR } from "playblast/scene/srgb";

const NORMAL = channel("normal x");

/** What a look paints on: the surfaces of one frame, [H, W] or [H, W, 3]. */
export interface Surfaces {
  readonly size: FrameSize;
  /** The engine's picture without its light, sRGB-encoded 0..1. */
  readonly colour: Float32Array;
  /** Linear light. */
  readonly light: Float32Array;
  /** Metres, divided by the scene's scale. */
  readonly depth: Float32Array;
  /** Rows of the owner table. */
  readonly owner: Uint16Array;
  /** Surface ids where the engine sends them, else owners. */
  readonly surface: Uint16Array;
  /** Places and unit normals in the space of their owner; the background's are its directions. */
  readonly place: Float32Array;
  readonly normal: Float32Array;
  /** Metres that a pixel is wide on its surface, seen straight on. */
  readonly extent: Float32Array;
}

/** Finds the surfaces of a clip's frames as the conditioning that serves finds them. */
export class SurfaceFinder {
  readonly #conditioner: Conditioner;
  readonly #size: FrameSize;

  constructor(scene: Scene, size: FrameSize) {
    this.#size = size;
    this.#conditioner = new Conditioner(scene, size, { threads: 1 });
  }

  of(frame: EngineFrame): Surfaces {
    if (!frame.truth)
      throw new Error(`tick ${frame.tick} has no truth plane; a look is painted on the engine's picture`);
    const { width, height } = this.#size;
    const pixels = width * height;
    const light = frame.shade ?? new Float32Array(3 * pixels).fill(1);
    const colour = Float32Array.from(frame.truth, (code, i) =>
      encodeSrgbFast(Math.min(1, SRGB_TO_LINEAR[code] / Math.max(SHADE_FLOOR, light[i]))),
    );
    const [conditioned] = this.#conditioner.condition([frame]);
    const { geometry } = conditioned;
    const surfaces = {
      size: this.#size,
      colour,
      light,
      depth: geometry.depth.slice(),
      owner: geometry.owner.slice(),
      surface: frame.surfaceId ?? geometry.owner.slice(),
      ...localsOf(conditioned, pixels),
    };
    this.#conditioner.release(conditioned);
    return surfaces;
  }

  close(): void {
    this.#conditioner.close();
  }
}

function localsOf({ geometry, control }: ConditionedFrame, pixels: number) {
  const { width, depth, owner, world, transforms } = geometry;
  const { fx, viewHeight } = geometry.intrinsics;
  const place = new Float32Array(3 * pixels);
  const normal = new Float32Array(3 * pixels);
  const extent = new Float32Array(pixels);
  const { matrices } = transforms;
  for (let p = 0; p < pixels; p++) {
    const v = [...viewPlace(geometry.intrinsics, width, p, depth[p]), -depth[p]];
    const o = owner[p] * 16;
    extent[p] = (viewHeight > 0 ? 1 : depth[p]) / fx;
    for (let axis = 0; axis < 3; axis++) {
      let at = 0;
      let facing = 0;
      let squared = 0;
      for (let row = 0; row < 3; row++) {
        const m = matrices[o + 4 * axis + row];
        const fromOrigin = world[12 + row] - matrices[o + 12 + row];
        at += m * (fromOrigin + world[row] * v[0] + world[4 + row] * v[1] + world[8 + row] * v[2]);
        const n = control.subarray(NORMAL * pixels);
        facing += m * (world[row] * n[p] + world[4 + row] * n[pixels + p] + world[8 + row] * n[2 * pixels + p]);
        squared += m * m;
      }
      place[3 * p + axis] = at / squared;
      normal[3 * p + axis] = facing / Math.sqrt(squared);
    }
  }
  return { place, normal, extent };
}

/** Puts light on painted colours, sRGB-encoded 0..1: 8-bit sRGB. */
export function underLight(painted: Float32Array, light: Float32Array, exposure = 1): Uint8Array {
  return Uint8Array.from(
    painted,
    (value, i) => 255 * encodeSrgbFast(exposure * decodeSrgb(value) * Math.max(SHADE_FLOOR, light[i])) + 0.5,
  );
}

/** Brightness of an encoded colour. */
export function brightness(colours: Float32Array, p: number): number {
  return 0.299 * colours[3 * p] + 0.587 * colours[3 * p + 1] + 0.114 * colours[3 * p + 2];
}

/** A value in 0..1 in so many even tones, with borders as soft as `edge` of a tone. */
export function toned(value: number, tones: number, edge: number): number {
  const step = Math.floor(value * tones);
  return (step + 0.5 + 0.5 * Math.tanh((2 * (value * tones - step - 0.5)) / edge)) / tones;
}
