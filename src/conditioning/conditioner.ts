import { availableParallelism } from "node:os";
import type { EngineFrame } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import type { Scene } from "../scene/scene.js";
import type { FrameRoom, Tensors } from "./frame-room.js";
import { type FrameGeometry, keepGeometry, writeGeometry } from "./geometry.js";
import { viewLights } from "./lights.js";
import { writePlainFade } from "./look-belief.js";
import type { LookRoom } from "./look-room.js";
import { ownerSolids } from "./owner-solids.js";
import { makeOwnerTable, type OwnerTable, writeOwnerTransforms } from "./owners.js";
import { frameCapsules, makeOwnershipSetup, type OwnershipSetup } from "./ownership.js";
import { scaledFrame, scaledScene, sceneScale } from "./scene-scale.js";
import { ShotMemory } from "./shot-memory.js";
import type { SourceFrame, SourceRoom } from "./source-frame.js";
import type { TransferRoom } from "./transfer-room.js";
import { type Correspondence, WorldCache } from "./world-cache.js";

/** One engine frame made ready for a chunk model. Its arrays are used again once it is released. */
export interface PaintableFrame extends Tensors {
  readonly frame: EngineFrame;
  /** Share of its pixels that a remembered frame shows. */
  readonly coverage: number;
  /** Whether the look's transfer paints it: its engine's colours came, and those of the first frame. */
  readonly transferred: boolean;
  /** The memory that its tensors take. */
  readonly tensors: Tensors;
}

/** The same with all that conditioning knows of it. */
export interface ConditionedFrame extends PaintableFrame {
  /** Lengths are divided by the scene's scale, see `sceneScale`. */
  readonly geometry: FrameGeometry;
  readonly correspondence: Correspondence;
  /** [H, W] 1 where an outline runs through the pixel. */
  readonly outlines: Uint8Array;
  /** The memory that it takes beside its tensors. */
  readonly room: FrameRoom;
}

/** How a shot is conditioned. */
export interface ConditionerOptions {
  /** What holes are guessed from; "nearest" is the plainer, as a baseline to compare with. Default: "pattern". */
  readonly fill?: "pattern" | "nearest";
  /** Threads that take part at most, the caller's included. Default: one a core. What comes out does not depend on it. */
  readonly threads?: number;
  /** How guesses of what the transfer does not paint are believed; those but "weighed" are baselines to compare with. Default: "weighed". */
  readonly guesses?: (typeof GUESSES)[number];
}

/**
 * How the holes of what a look's transfer does not paint are filled: as far as a guess of them can be believed; with the guess as it is; with nothing; and with
 * nothing where the first frame is seen too, so that the transfer alone paints.
 */
export const GUESSES = ["weighed", "full", "none", "transfer"] as const;

/**
 * The conditioning of one shot: engine frames in, control tensors out, filled warps back in. What is done for each pixel is done by kernels in
 * WebAssembly (`kernels/`), in bands of rows on all cores; what is done once a frame is done here.
 */
export class Conditioner {
  readonly size: FrameSize;
  readonly #table: OwnerTable;
  readonly #scene: Scene;
  readonly #fill: "pattern" | "nearest";
  readonly #guesses: number;
  /** By which all lengths are divided while one first frame holds. */
  #scale = 1;
  #setup: OwnershipSetup;
  readonly #cache = new WorldCache();
  readonly #memory: ShotMemory;
  readonly #freeFrames: FrameRoom[] = [];
  readonly #freeTensors: Tensors[] = [];
  #firstRoom: SourceRoom | undefined;
  /** What holes are guessed from. */
  #look: LookRoom | undefined;
  /** What was learnt of the look's colours; used where its first frame came with the engine's. */
  #transfer: TransferRoom | undefined;
  #hasTransfer = false;
  readonly #fade: Uint8Array;

  constructor(
    scene: Scene,
    size: FrameSize,
    { fill = "pattern", threads = availableParallelism(), guesses = "weighed" }: ConditionerOptions = {},
  ) {
    this.#guesses = GUESSES.indexOf(guesses);
    this.size = size;
    this.#scene = scene;
    this.#fill = fill;
    this.#table = makeOwnerTable(scene);
    this.#setup = makeOwnershipSetup(scene, this.#table);
    this.#memory = new ShotMemory(this.#setup, size, threads);
    this.#fade = this.#memory.makeFade();
    writePlainFade(this.#fade);
  }

  get hasFirstFrame(): boolean {
    return this.#cache.looks > 0;
  }

  /** Bytes of remembered frames. */
  get bytes(): number {
    return this.#cache.bytes;
  }

  /**
   * Sets a look image: the first of a new look, which takes the place of the one before, or one more of the same look. `rgb` is at the shot's size and
   * shows the geometry of `frame`. Beyond MOST_LOOKS the oldest but the first gives way.
   */
  setFirstFrame(rgb: Uint8Array, frame: EngineFrame, options: { readonly newLook: boolean } = { newLook: true }): void {
    const newLook = options.newLook || !this.hasFirstFrame;
    const scale = newLook ? sceneScale(frame) : this.#scale;
    if (scale !== this.#scale) {
      this.#scale = scale;
      this.#setup = makeOwnershipSetup(scaledScene(this.#scene, scale), this.#table);
    }
    const memory = this.#memory;
    const room = this.#freeFrames.pop() ?? memory.makeFrame();
    const geometry = this.#load(room, frame, scaledFrame(frame, scale));
    const spare = this.#freeTensors.pop() ?? memory.makeTensors();
    if (newLook) this.#hasTransfer = frame.albedo !== undefined || frame.colour !== undefined;
    const learnt = this.#useTransfer(room);
    memory.ownersOf(room);
    const bySurfaceId = frame.surfaceId !== undefined;
    const image = learnt ? memory.learnLook(room, learnt, rgb, spare, { newLook, bySurfaceId }) : rgb;
    // The look's first image keeps its room, which its patterns are found in.
    this.#firstRoom ??= memory.makeSource(true);
    const kept = newLook ? this.#firstRoom : (this.#cache.takeFreeLook() ?? memory.makeSource(true));
    memory.writeFirstFrame(room, kept, image, learnt);
    const source = sourceOf(kept, room, geometry);
    if (newLook) this.#cache.setFirstFrame(source);
    else this.#cache.addLook(source);
    if (newLook && this.#fill === "pattern") {
      this.#look ??= memory.makeLook(kept);
      memory.findPatterns(this.#look, room, spare, learnt);
    }
    this.#freeTensors.push(spare);
    this.#freeFrames.push(room);
  }

  cut(options: { readonly forgetLook: boolean; readonly newPlace: boolean }): void {
    this.#cache.cut(options);
  }

  /** Asks the cache about frames and writes their control tensors. */
  condition(frames: readonly EngineFrame[]): ConditionedFrame[] {
    const memory = this.#memory;
    const { sources, looks, newest } = this.#cache;
    const loaded = frames.map((frame) => {
      const scaled = scaledFrame(frame, this.#scale);
      const room = this.#freeFrames.pop() ?? memory.makeFrame();
      const geometry = this.#load(room, frame, scaled);
      for (const [i, source] of sources.entries()) room.sources[i] = source.room.struct.byteOffset;
      const tensors = this.#freeTensors.pop() ?? memory.makeTensors();
      this.#useTransfer(room);
      room.struct.set({
        ...tensors,
        sourceCount: sources.length,
        lookCount: looks,
        hasNewest: newest ? 1 : 0,
        look: looks > 0 ? this.#look?.struct : undefined,
      });
      return { frame, geometry, room, tensors };
    });
    const rooms = loaded.map(({ room }) => room);
    memory.condition(rooms, sources.length);
    return loaded.map(({ frame, geometry, room, tensors }) => {
      const { covered, asked, answered } = memory.countsOf(room);
      this.#cache.noteUse(asked, answered);
      const { anchor, memory: later, fill, doubt, outlines } = room;
      const coverage = covered / (this.size.width * this.size.height);
      const correspondence = { sources, anchor, memory: later, fill, covered: room.covered, doubt, coverage };
      const transferred = this.#hasTransfer;
      return { frame, geometry, correspondence, coverage, transferred, outlines, room, tensors, ...tensors };
    });
  }

  /** Takes all of a frame back but what a model reads, to be used for a later frame: a fifth of a large chunk's memory. */
  trim({ frame, coverage, transferred, tensors, room }: ConditionedFrame): PaintableFrame {
    this.#freeFrames.push(room);
    return { frame, coverage, transferred, tensors, ...tensors };
  }

  /** Takes a frame's arrays back, to be used for a later frame. Nobody may read the frame after this. */
  release(frame: PaintableFrame | ConditionedFrame): void {
    if ("room" in frame) this.#freeFrames.push(frame.room);
    this.#freeTensors.push(frame.tensors);
  }

  /**
   * Remembers a frame. Called for the last frame of a chunk. What is kept is the filled warp, not what a model painted on it: every colour in
   * memory goes back to a first frame, so that errors of painting cannot feed on themselves however long the shot, and a guess stays the
   * same guess, at its place in the world, from the tick on at which it came into view.
   */
  remember({ geometry, correspondence, room }: ConditionedFrame): void {
    const kept = this.#cache.takeFree() ?? this.#memory.makeSource(false);
    this.#memory.writeSource(room, kept);
    this.#cache.remember(sourceOf(kept, room, geometry), correspondence);
  }

  /** Lets other threads forget the shot. Nothing may be called after this. */
  close(): void {
    this.#memory.close();
  }

  /** Lets a frame be painted by the look's transfer where there is one. */
  #useTransfer(room: FrameRoom): TransferRoom | undefined {
    if (this.#hasTransfer) this.#transfer ??= this.#memory.makeTransfer();
    const learnt = this.#hasTransfer ? this.#transfer : undefined;
    this.#memory.useTransfer(room, learnt, learnt?.fade ?? this.#fade, this.#guesses);
    return learnt;
  }

  /** Writes what the engine sent into a frame's room. `scaled` is `frame` with its lengths divided by the scene's scale. */
  #load(room: FrameRoom, frame: EngineFrame, scaled: EngineFrame): FrameGeometry {
    const setup = this.#setup;
    writeOwnerTransforms(this.#table, scaled, room.geometry.transforms);
    const geometry = writeGeometry(room.geometry, scaled, this.size, this.#scale);
    const capsules = frameCapsules(setup, scaled);
    this.#memory.loadPlanes(room, frame, viewLights(scaled.lights, geometry.view), capsules);
    if (frame.depth && !frame.ownerId) this.#memory.loadSolids(room, ownerSolids(setup, scaled, geometry, capsules));
    return geometry;
  }
}

/** A source whose pixels were written, with the geometry of the frame that it was written from. */
function sourceOf(kept: SourceRoom, from: FrameRoom, geometry: FrameGeometry): SourceFrame {
  return { geometry: keepGeometry(kept.geometry, from.geometry, geometry), paint: kept.paint, room: kept };
}
