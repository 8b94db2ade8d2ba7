import { availableParallelism } from "node:os";
import type { EngineFrame } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import type { Scene } from "../scene/scene.js";
import type { FrameRoom, Tensors } from "./frame-room.js";
import { type FrameGeometry, keepGeometry, writeGeometry } from "./geometry.js";
import { viewLights } from "./lights.js";
import type { LookRoom } from "./look-room.js";
import { ownerSolids } from "./owner-solids.js";
import { makeOwnerTable, type OwnerTable, writeOwnerTransforms } from "./owners.js";
import { frameCapsules, makeOwnershipSetup, type OwnershipSetup } from "./ownership.js";
import { scaledFrame, scaledScene, sceneScale } from "./scene-scale.js";
import { ShotMemory } from "./shot-memory.js";
import type { SourceFrame, SourceRoom } from "./source-frame.js";
import { type Correspondence, WorldCache } from "./world-cache.js";

/** One engine frame made ready for a chunk model. Its arrays are used again once it is released. */
export interface PaintableFrame extends Tensors {
  readonly frame: EngineFrame;
  /** Share of its pixels that a remembered frame shows. */
  readonly coverage: number;
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
}

/**
 * The conditioning of one shot: engine frames in, control tensors out, filled warps back in. What is done for each pixel is done by kernels in
 * WebAssembly (`kernels/`), in bands of rows on all cores; what is done once a frame is done here.
 */
export class Conditioner {
  readonly size: FrameSize;
  readonly #table: OwnerTable;
  readonly #scene: Scene;
  readonly #fill: "pattern" | "nearest";
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

  constructor(
    scene: Scene,
    size: FrameSize,
    { fill = "pattern", threads = availableParallelism() }: ConditionerOptions = {},
  ) {
    this.size = size;
    this.#scene = scene;
    this.#fill = fill;
    this.#table = makeOwnerTable(scene);
    this.#setup = makeOwnershipSetup(scene, this.#table);
    this.#memory = new ShotMemory(this.#setup, size, threads);
  }

  get hasFirstFrame(): boolean {
    return this.#cache.firstFrame !== undefined;
  }

  /** Bytes of remembered frames. */
  get bytes(): number {
    return this.#cache.bytes;
  }

  /** Sets or replaces the look. `rgb` is the first frame at the shot's size and shows the geometry of `frame`. */
  setFirstFrame(rgb: Uint8Array, frame: EngineFrame): void {
    const scale = sceneScale(frame);
    if (scale !== this.#scale) {
      this.#scale = scale;
      this.#setup = makeOwnershipSetup(scaledScene(this.#scene, scale), this.#table);
    }
    const memory = this.#memory;
    const room = this.#freeFrames.pop() ?? memory.makeFrame();
    const geometry = this.#load(room, frame, scaledFrame(frame, scale));
    this.#firstRoom ??= memory.makeSource(true);
    const kept = this.#firstRoom;
    memory.writeFirstFrame(room, kept, rgb);
    this.#cache.setFirstFrame(sourceOf(kept, room, geometry));
    if (this.#fill === "pattern") {
      this.#look ??= memory.makeLook(kept);
      const spare = this.#freeTensors.pop() ?? memory.makeTensors();
      memory.findPatterns(this.#look, room, spare);
      this.#freeTensors.push(spare);
    }
    this.#freeFrames.push(room);
  }

  cut(options: { readonly forgetLook: boolean; readonly newPlace: boolean }): void {
    this.#cache.cut(options);
  }

  /** Asks the cache about frames and writes their control tensors. */
  condition(frames: readonly EngineFrame[]): ConditionedFrame[] {
    const memory = this.#memory;
    const { sources, firstFrame, newest } = this.#cache;
    const loaded = frames.map((frame) => {
      const scaled = scaledFrame(frame, this.#scale);
      const room = this.#freeFrames.pop() ?? memory.makeFrame();
      const geometry = this.#load(room, frame, scaled);
      for (const [i, source] of sources.entries()) room.sources[i] = source.room.struct.byteOffset;
      const tensors = this.#freeTensors.pop() ?? memory.makeTensors();
      room.struct.set({
        ...tensors,
        sourceCount: sources.length,
        hasFirst: firstFrame ? 1 : 0,
        hasNewest: newest ? 1 : 0,
        look: firstFrame && this.#look?.struct,
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
      return { frame, geometry, correspondence, coverage, outlines, room, tensors, ...tensors };
    });
  }

  /** Takes all of a frame back but what a model reads, to be used for a later frame: a fifth of a large chunk's memory. */
  trim({ frame, coverage, tensors, room }: ConditionedFrame): PaintableFrame {
    this.#freeFrames.push(room);
    return { frame, coverage, tensors, ...tensors };
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
