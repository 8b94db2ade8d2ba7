import type { EngineFrame } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import type { Scene } from "../scene/scene.js";
import { CONTROL_MAPS, writeControlMaps } from "./control-maps.js";
import { type Gathered, gather, makeGathered } from "./gather.js";
import { type FrameGeometry, frameGeometry } from "./geometry.js";
import { stepsTo } from "./hole-fill.js";
import { makeOwnerTable, type OwnerTable } from "./owners.js";
import { makeOwnershipSetup, type OwnershipSetup } from "./ownership.js";
import { makeSourceFrame } from "./source-frame.js";
import { type Correspondence, type CorrespondenceArrays, makeCorrespondenceArrays, WorldCache } from "./world-cache.js";
import { filledWarp, writeFilledWarp, writeLight, writeMemory, writeTrust } from "./write-warp.js";

/**
 * Steps from what is known within which paint is shown and not remembered. Near the rim the filled warp is a good guess already,
 * colours of outlines belong to one frame only, and a slip at the frame's border would be drawn out by every hole to come.
 */
const RIM = 20;

/**
 * Channels of a control tensor, in order, at full resolution:
 * 0-2 filled warp (sRGB-encoded, -1..1), 3-5 memory minus filled warp (0 where memory has no answer), 6 trust of the first frame's answer,
 * 7 trust of memory's (0..1), 8 distance to the pixel that a hole was filled from (0..2; 1 is 32 pixels), 9-13 control maps, 14 light now
 * (sRGB-encoded luminance), 15 light now over the light of the source (powers of two, -2..2). 14 and 15 are 0 without a shade plane.
 */
export const CONTROL_CHANNELS = 11 + CONTROL_MAPS.length;
const MEMORY = 3;
const TRUST = 6;
const MAPS = 9;
const LIGHT = MAPS + CONTROL_MAPS.length;

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

/** The large arrays of a conditioned frame: making them anew for each one costs more than filling them. */
interface Arrays {
  readonly control: Float32Array;
  readonly trust: Float32Array;
  readonly correspondence: CorrespondenceArrays;
}

/** The conditioning of one shot: engine frames in, control tensors out, generated pictures back in. */
export class Conditioner {
  readonly size: FrameSize;
  readonly #table: OwnerTable;
  readonly #setup: OwnershipSetup;
  readonly #cache: WorldCache;
  readonly #fromAnchor: Gathered;
  readonly #fromMemory: Gathered;
  readonly #free: Arrays[] = [];

  constructor(scene: Scene, size: FrameSize) {
    this.size = size;
    this.#table = makeOwnerTable(scene);
    this.#setup = makeOwnershipSetup(scene, this.#table);
    this.#cache = new WorldCache(this.#table);
    this.#fromAnchor = makeGathered(size.width * size.height);
    this.#fromMemory = makeGathered(size.width * size.height);
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
    const pixels = this.size.width * this.size.height;
    const arrays = this.#free.pop() ?? {
      control: new Float32Array(CONTROL_CHANNELS * pixels),
      trust: new Float32Array(pixels),
      correspondence: makeCorrespondenceArrays(pixels),
    };
    const { control, trust } = arrays;
    const correspondence = this.#cache.correspond(geometry, arrays.correspondence);
    gather(correspondence.anchor, correspondence.sources, this.size.width, this.#fromAnchor);
    gather(correspondence.memory, correspondence.sources, this.size.width, this.#fromMemory);
    writeFilledWarp(correspondence, this.#fromAnchor, this.#fromMemory, frame.shade, control);
    writeMemory(correspondence, this.#fromMemory, frame.shade, control, MEMORY * pixels);
    writeTrust(correspondence, control, TRUST * pixels, trust);
    writeLight(correspondence, this.#fromAnchor, this.#fromMemory, frame.shade, control, LIGHT * pixels);
    writeControlMaps(frame, geometry, control, MAPS * pixels);
    return { frame, geometry, correspondence, control, trust };
  }

  /** Takes a conditioned frame's arrays back, to be used for a later frame. Nobody may read the frame after this. */
  release({ control, trust, correspondence }: ConditionedFrame): void {
    this.#free.push({ control, trust, correspondence });
  }

  /**
   * Remembers what was generated for a frame. Called for the last frame of a chunk. Of `rgb` only the inside of holes is news:
   * elsewhere the cache keeps its own answer, so that corrections never feed on themselves, and outlines stay out of it.
   */
  remember(conditioned: ConditionedFrame, rgb: Uint8Array): void {
    const { geometry, correspondence, frame, control } = conditioned;
    const { covered, fill } = correspondence;
    const kept = filledWarp(control, this.size);
    for (let p = 0; p < covered.length; p++) {
      if (covered[p] !== 0 || stepsTo(fill.distance[p]) <= RIM) continue;
      kept[p * 3] = rgb[p * 3];
      kept[p * 3 + 1] = rgb[p * 3 + 1];
      kept[p * 3 + 2] = rgb[p * 3 + 2];
    }
    this.#cache.remember(makeSourceFrame(geometry, kept, frame.shade), correspondence);
  }
}
