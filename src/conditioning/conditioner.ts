import type { EngineFrame } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import type { Scene } from "../scene/scene.js";
import { encodeSrgbFast, luminance } from "../scene/srgb.js";
import { CONTROL_MAPS, writeControlMaps } from "./control-maps.js";
import { type Gathered, gather } from "./gather.js";
import { type FrameGeometry, frameGeometry } from "./geometry.js";
import { makeOwnerTable, type OwnerTable } from "./owners.js";
import { makeOwnershipSetup, type OwnershipSetup } from "./ownership.js";
import { makeSourceFrame, SHADE_FLOOR } from "./source-frame.js";
import { type Correspondence, WorldCache } from "./world-cache.js";

/** A hole this many pixels away from a covered one counts as far. */
const FAR_FILL = 32;
/** Stops the light ratio where either light is near black, in powers of two. */
const MOST_LIGHT_STOPS = 2;

/**
 * Channels of a control tensor, in order, at full resolution:
 * 0-2 filled warp (sRGB-encoded, -1..1), 3-5 memory minus filled warp (0 where memory has no answer), 6 trust of the first frame's answer,
 * 7 trust of memory's (0..1), 8 distance to the pixel that a hole was filled from (0..2; 1 is 32 pixels), 9-13 control maps, 14 light now
 * (sRGB-encoded luminance), 15 light now over the light of the source (powers of two, -2..2). 14 and 15 are 0 without a shade plane.
 */
export const CONTROL_CHANNELS = 11 + CONTROL_MAPS.length;
const MEMORY = 3;
const ANCHOR_TRUST = 6;
const MEMORY_TRUST = 7;
const FILL_DISTANCE = 8;
const MAPS = 9;
const LIGHT = MAPS + CONTROL_MAPS.length;
const LIGHT_RATIO = LIGHT + 1;

/** One engine frame made ready for a chunk model. */
export interface ConditionedFrame {
  readonly frame: EngineFrame;
  readonly geometry: FrameGeometry;
  readonly correspondence: Correspondence;
  /** [CONTROL_CHANNELS, H, W]. */
  readonly control: Float32Array;
  /** [H, W] trust of the answer that the filled warp took, 0..1. */
  readonly trust: Float32Array;
}

/** The conditioning of one shot: engine frames in, control tensors out, generated pictures back in. */
export class Conditioner {
  readonly size: FrameSize;
  readonly #table: OwnerTable;
  readonly #setup: OwnershipSetup;
  readonly #cache: WorldCache;

  constructor(scene: Scene, size: FrameSize) {
    this.size = size;
    this.#table = makeOwnerTable(scene);
    this.#setup = makeOwnershipSetup(scene, this.#table);
    this.#cache = new WorldCache(this.#table);
  }

  get hasFirstFrame(): boolean {
    return this.#cache.hasFirstFrame;
  }

  get bytes(): number {
    return this.#cache.bytes;
  }

  /** Sets or replaces the look. `rgb` is the first frame at the shot's size and shows the geometry of `frame`. */
  setFirstFrame(rgb: Uint8Array, frame: EngineFrame): void {
    this.#cache.setFirstFrame(makeSourceFrame(frameGeometry(this.#setup, frame, this.size), rgb, frame.shade));
  }

  cut(options: { readonly forgetLook: boolean; readonly newPlace: boolean }): void {
    this.#cache.cut(options);
  }

  /** Asks the cache about a frame and writes its control tensor. */
  condition(frame: EngineFrame): ConditionedFrame {
    const geometry = frameGeometry(this.#setup, frame, this.size);
    const correspondence = this.#cache.correspond(geometry);
    const pixels = this.size.width * this.size.height;
    const control = new Float32Array(CONTROL_CHANNELS * pixels);
    const trust = writeWarp(frame, correspondence, this.size.width, control);
    writeControlMaps(frame, geometry, control, MAPS * pixels);
    return { frame, geometry, correspondence, control, trust };
  }

  /** Remembers what was generated for a frame. Called for the last frame of a chunk. */
  remember(conditioned: ConditionedFrame, rgb: Uint8Array): void {
    const { geometry, correspondence, frame } = conditioned;
    this.#cache.remember(makeSourceFrame(geometry, rgb, frame.shade), correspondence);
  }
}

/** Gathers colours, fills holes, puts the light of now on them, and writes channels 0-8, 14 and 15. */
function writeWarp(frame: EngineFrame, seen: Correspondence, width: number, control: Float32Array): Float32Array {
  const { anchor, memory, fill, covered, sources } = seen;
  const fromAnchor = gather(anchor, sources, width);
  const fromMemory = gather(memory, sources, width);
  const pixels = covered.length;
  const trust = new Float32Array(pixels);
  const { shade } = frame;
  for (let p = 0; p < pixels; p++) {
    const q = fill.from[p];
    const answer: Gathered = anchor.trust[q] > 0 ? fromAnchor : fromMemory;
    const r = shade ? Math.max(shade[p * 3], SHADE_FLOOR) : 1;
    const g = shade ? Math.max(shade[p * 3 + 1], SHADE_FLOOR) : 1;
    const b = shade ? Math.max(shade[p * 3 + 2], SHADE_FLOOR) : 1;
    const red = encodeSrgbFast(answer.albedo[q * 3] * r);
    const green = encodeSrgbFast(answer.albedo[q * 3 + 1] * g);
    const blue = encodeSrgbFast(answer.albedo[q * 3 + 2] * b);
    control[p] = red * 2 - 1;
    control[pixels + p] = green * 2 - 1;
    control[2 * pixels + p] = blue * 2 - 1;
    if (memory.trust[p] > 0) {
      const m = MEMORY * pixels + p;
      control[m] = encodeSrgbFast(fromMemory.albedo[p * 3] * r) - red;
      control[m + pixels] = encodeSrgbFast(fromMemory.albedo[p * 3 + 1] * g) - green;
      control[m + 2 * pixels] = encodeSrgbFast(fromMemory.albedo[p * 3 + 2] * b) - blue;
    }
    control[ANCHOR_TRUST * pixels + p] = anchor.trust[p] / 255;
    control[MEMORY_TRUST * pixels + p] = memory.trust[p] / 255;
    if (covered[p] !== 0) trust[p] = (anchor.trust[p] > 0 ? anchor.trust[p] : memory.trust[p]) / 255;
    else control[FILL_DISTANCE * pixels + p] = Math.min(2, fill.distance[p] / FAR_FILL);
    if (shade) {
      const now = luminance(shade[p * 3], shade[p * 3 + 1], shade[p * 3 + 2]);
      control[LIGHT * pixels + p] = encodeSrgbFast(now);
      const stops = Math.log2((now + SHADE_FLOOR) / (answer.light[q] + SHADE_FLOOR));
      control[LIGHT_RATIO * pixels + p] = Math.max(-MOST_LIGHT_STOPS, Math.min(MOST_LIGHT_STOPS, stops));
    }
  }
  return trust;
}
