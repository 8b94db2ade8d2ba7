import type { EngineFrame } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import type { Scene } from "../scene/scene.js";
import { writeControlMaps } from "./control-maps.js";
import { CONTROL_CHANNELS, channel, channelBlock, FILLED_WARP, MEMORY } from "./controls.js";
import { markOutlines, writeTrustInWarp } from "./doubt.js";
import { type Curves, curvesOf, type Gathered, gather, makeGathered, sharpen } from "./gather.js";
import { type FrameGeometry, frameGeometry } from "./geometry.js";
import { makeOwnerTable, type OwnerTable } from "./owners.js";
import { makeOwnershipSetup, type OwnershipSetup } from "./ownership.js";
import { scaledFrame, scaledScene, sceneScale } from "./scene-scale.js";
import { makeSourceFrame } from "./source-frame.js";
import { type Correspondence, type CorrespondenceArrays, makeCorrespondenceArrays, WorldCache } from "./world-cache.js";
import { filledWarp, writeFilledWarp, writeKnown, writeLight, writeMemory } from "./write-warp.js";

// What each writer fills as one block.
const KNOWN = channelBlock("trust of the first frame", "trust of memory", "doubt");
const MAPS = channelBlock("inverse depth", "normal x", "normal y", "normal z", "lambert");
const LIGHT = channelBlock("light now", "light ratio");
const LIGHT_RATIO = channel("light ratio");

/** One engine frame made ready for a chunk model. */
export interface ConditionedFrame {
  readonly frame: EngineFrame;
  /** Lengths are divided by the scene's scale, see `sceneScale`. */
  readonly geometry: FrameGeometry;
  readonly correspondence: Correspondence;
  /** [CONTROL_CHANNELS, H, W], channels as in CONTROLS. */
  readonly control: Float32Array;
  /** [H, W] 1 where an outline runs through the pixel. */
  readonly outlines: Uint8Array;
  /** [H, W] how far the filled warp can be believed, 0..1. */
  readonly trust: Float32Array;
}

/** The large arrays of a conditioned frame: making them anew for each one costs more than filling them. */
interface Arrays {
  readonly control: Float32Array;
  readonly outlines: Uint8Array;
  readonly trust: Float32Array;
  readonly correspondence: CorrespondenceArrays;
}

/** The conditioning of one shot: engine frames in, control tensors out, generated pictures back in. */
export class Conditioner {
  readonly size: FrameSize;
  readonly #table: OwnerTable;
  readonly #scene: Scene;
  /** By which all lengths are divided while one first frame holds. */
  #scale = 1;
  #setup: OwnershipSetup;
  readonly #cache: WorldCache;
  readonly #fromAnchor: Gathered;
  readonly #fromMemory: Gathered;
  #curves: Curves | undefined;
  readonly #free: Arrays[] = [];

  /** @param fill What holes are guessed from, see WorldCache. */
  constructor(scene: Scene, size: FrameSize, fill?: "pattern" | "nearest") {
    this.size = size;
    this.#scene = scene;
    this.#table = makeOwnerTable(scene);
    this.#setup = makeOwnershipSetup(scene, this.#table);
    this.#cache = new WorldCache(this.#table, fill);
    this.#fromAnchor = makeGathered(size.width * size.height);
    this.#fromMemory = makeGathered(size.width * size.height);
  }

  get hasFirstFrame(): boolean {
    return this.#cache.hasFirstFrame;
  }

  get bytes(): number {
    return this.#cache.bytes + (this.#curves?.byteLength ?? 0);
  }

  /** Sets or replaces the look. `rgb` is the first frame at the shot's size and shows the geometry of `frame`. */
  setFirstFrame(rgb: Uint8Array, frame: EngineFrame): void {
    const scale = sceneScale(frame);
    if (scale !== this.#scale) {
      this.#scale = scale;
      this.#setup = makeOwnershipSetup(scaledScene(this.#scene, scale), this.#table);
    }
    const source = makeSourceFrame(this.#geometryOf(scaledFrame(frame, scale)), rgb, frame.shade);
    this.#curves = curvesOf(source);
    this.#cache.setFirstFrame(source);
  }

  cut(options: { readonly forgetLook: boolean; readonly newPlace: boolean }): void {
    this.#cache.cut(options);
    if (options.forgetLook) this.#curves = undefined;
  }

  /** Asks the cache about a frame and writes its control tensor. */
  condition(frame: EngineFrame): ConditionedFrame {
    const scaled = scaledFrame(frame, this.#scale);
    const geometry = this.#geometryOf(scaled);
    const pixels = this.size.width * this.size.height;
    const arrays = this.#free.pop() ?? {
      control: new Float32Array(CONTROL_CHANNELS * pixels),
      outlines: new Uint8Array(pixels),
      trust: new Float32Array(pixels),
      correspondence: makeCorrespondenceArrays(pixels),
    };
    const { control, outlines, trust } = arrays;
    const correspondence = this.#cache.correspond(geometry, arrays.correspondence);
    gather(correspondence.anchor, correspondence.sources, this.size.width, this.#fromAnchor);
    // Memory is warped again and again, and what is wrong in a guess is better soft: only the first frame's answers are sharpened.
    if (this.#curves) sharpen(correspondence.anchor, this.#curves, this.size.width, this.#fromAnchor);
    gather(correspondence.memory, correspondence.sources, this.size.width, this.#fromMemory);
    writeFilledWarp(correspondence, this.#fromAnchor, this.#fromMemory, frame.shade, control, FILLED_WARP * pixels);
    writeMemory(correspondence, this.#fromMemory, frame.shade, control, MEMORY * pixels);
    writeKnown(correspondence, control, KNOWN * pixels);
    writeLight(correspondence, this.#fromAnchor, this.#fromMemory, frame.shade, control, LIGHT * pixels);
    writeControlMaps(scaled, geometry, control, MAPS * pixels);
    markOutlines(geometry, outlines);
    writeTrustInWarp(
      correspondence,
      outlines,
      control.subarray(LIGHT_RATIO * pixels, (LIGHT_RATIO + 1) * pixels),
      trust,
    );
    return { frame, geometry, correspondence, control, outlines, trust };
  }

  /** Takes a conditioned frame's arrays back, to be used for a later frame. Nobody may read the frame after this. */
  release({ control, outlines, trust, correspondence }: ConditionedFrame): void {
    this.#free.push({ control, outlines, trust, correspondence });
  }

  /**
   * Remembers a frame. Called for the last frame of a chunk. What is kept is the filled warp, not what a model painted on it: every colour in
   * memory goes back to a first frame, so that errors of painting cannot feed on themselves however long the shot, and a guess stays the
   * same guess, at its place in the world, from the tick on at which it came into view.
   */
  remember({ geometry, correspondence, frame, control }: ConditionedFrame): void {
    const rgb = filledWarp(control, this.size);
    this.#cache.remember(makeSourceFrame(geometry, rgb, frame.shade, correspondence.doubt.slice()), correspondence);
  }

  #geometryOf(scaled: EngineFrame): FrameGeometry {
    return frameGeometry(this.#setup, scaled, this.size, this.#scale);
  }
}
