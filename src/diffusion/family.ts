import type { EngineFrame } from "../scene/engine-frame.js";
import type { FrameSize, Picture } from "../scene/picture.js";
import type { Scene } from "../scene/scene.js";
import type { CardFields, ModelFile } from "./card-fields.js";
import type { FoundFile } from "./model-files.js";

/**
 * A family of models: all that differs between kinds of chunk models stands behind this one interface. Shots, servers and the command line
 * know nothing else of a model, so that a new family is a file of its own and a line in `FAMILIES`.
 *
 * A family's code runs in two places. `readModel` runs wherever a card is looked at, the server's event loop included: it reads fields and
 * nothing else. What `open` gives runs in a render process of the model's own (`shot/render-process.ts`), for every family: a process and no
 * thread, because a run of a native library can neither be stopped nor survive its thread's end, because its crash (or a GPU's out-of-memory
 * error) ends the whole process, and because the operating system takes back all memory of a process that has ended. So that the server does not even
 * load such a library, a family imports it within `open`.
 */
export interface Family {
  /** What the card's `family` says. */
  readonly name: string;
  /**
   * Reads the family's own fields of a card. Opens no file.
   *
   * @throws ModelError that names field, value and what was expected, as `fields` throws it.
   */
  readModel(fields: CardFields): FamilyModel;
}

/** What a model takes beside engine frames. */
export interface ModelTakes {
  /** Whether words steer it. */
  readonly prompt: boolean;
  /** Look images that it holds at a time; at 1 each first frame begins a new look. */
  readonly lookImages: number;
}

/** Denoising passes a chunk. */
export interface StepRange {
  readonly least: number;
  readonly most: number;
  /** When nobody asks for another number. */
  readonly usual: number;
}

/** Frame sizes that the server chooses where a client names none. */
export interface SizeChoice {
  /** For live shots, largest first. */
  readonly live: readonly FrameSize[];
  /** For exports; speed is measured at it. */
  readonly export: FrameSize;
}

/** What a shot must know of a model to run on it. */
export interface ModelTraits {
  readonly takes: ModelTakes;
  /** Most frames that are generated together; a chunk may be shorter, see `ShotPainter.chunkLength`. */
  readonly chunkLength: number;
  readonly steps: StepRange;
  readonly sizes: SizeChoice;
  /** The nearest frame size that can be painted and put into a video (even width and height), never smaller than asked. */
  roundSize(size: FrameSize): FrameSize;
}

/** Bytes that a model takes, told before it takes them. */
export interface MemoryNeed {
  /** A process that holds the model and no shot. @param fileBytes Of the card's files together. */
  model(fileBytes: number): number;
  /** What a shot of this size keeps in its process while it is open. */
  shot(size: FrameSize): number;
  /** What a chunk of this size takes beyond that while it is generated; one at a time. */
  chunk(size: FrameSize): number;
}

/** A model as its card describes it. Nothing of it is loaded. */
export interface FamilyModel extends ModelTraits {
  /** The files that the card names. */
  readonly files: readonly ModelFile[];
  /** ONNX Runtime execution providers that it can run on, best first. */
  readonly providers: readonly string[];
  /**
   * Processes that it may have at a time: 2 lets live shots run beside large ones and exports; 1 where a second copy of the weights costs more
   * than waiting, as on a GPU.
   */
  readonly mostProcesses: 1 | 2;
  readonly memory: MemoryNeed;
  /**
   * Loads the model. Called in a render process, and by `playblast doctor`.
   *
   * @param files Those of `files`, in the same order, where they lie; their digests are not checked yet.
   * @param providers Tried in this order.
   * @throws ModelError when a file is not the card's, or no provider can load it.
   */
  open(files: readonly FoundFile[], providers: readonly string[]): Promise<LoadedModel>;
}

/** A loaded model. One call at a time, to it or to one of its shots. */
export interface LoadedModel {
  /** Execution provider in use, such as "cpu". */
  readonly provider: string;
  /** @throws ModelRefusal where it cannot take the shot. */
  openShot(setup: RenderSetup): Promise<ShotPainter>;
  /** Gives back the memory that large frames took. What is painted afterwards is the same. */
  releaseMemory(): Promise<void>;
  /** Frees it. Safe to call twice. */
  close(): Promise<void>;
}

/** What a model must know of a shot before its first chunk. */
export interface RenderSetup {
  readonly scene: Scene;
  /** Already rounded with `ModelTraits.roundSize`. */
  readonly size: FrameSize;
  /** With the model and what the shot sends it decides the pictures. */
  readonly seed: number;
  /** Denoising passes a chunk, within `ModelTraits.steps`. */
  readonly steps: number;
  /** Words for the first chunk; empty for none, and for a model that takes none. */
  readonly prompt: string;
  /** Keep what the model saw for each frame. */
  readonly preview: boolean;
  /** Its pictures are waited for: it goes before exports. */
  readonly live: boolean;
}

/** One generated picture, 8-bit sRGB [H, W, 3], and what it cost. */
export interface RenderedFrame {
  readonly tick: number;
  readonly rgb: Uint8Array;
  /** Share of pixels for which the world cache had a trusted answer, 0..1. */
  readonly coverage: number;
  /** Milliseconds a frame: the chunk's divided by its frames. */
  readonly conditioningMs: number;
  readonly diffusionMs: number;
  readonly preview?: { readonly filledWarp: Uint8Array; readonly coverage: Uint8Array };
}

/**
 * Paints the chunks of one shot in order: the family's own conditioning, memory and denoising. Each call is awaited before the next. Any of
 * them may throw ModelRefusal, which ends this shot alone.
 */
export interface ShotPainter {
  /** Most frames that the next chunk takes. It may change with each call: a causal VAE's first chunk is shorter than later ones. */
  readonly chunkLength: number;
  /**
   * Takes an image of the look: `picture` shows the geometry of `frame` at the shot's size. With `newLook` the look begins anew with it, as it does with a
   * shot's first image and with the first after a cut that forgets the look, and with each where `ModelTakes.lookImages` is 1. Without it the image is one
   * more of the same look; beyond `ModelTakes.lookImages` the oldest but the first gives way.
   */
  setFirstFrame(picture: Picture, frame: EngineFrame, options: { readonly newLook: boolean }): Promise<void>;
  /** Forgets recent motion; with `newPlace` also keyframes, with `forgetLook` also the look. */
  cut(options: { readonly forgetLook: boolean; readonly newPlace: boolean }): Promise<void>;
  /** New words from the next chunk on. Models that take a prompt have it. */
  setPrompt?(prompt: string): Promise<void>;
  /**
   * Generates 1 to `chunkLength` consecutive frames. Throws where no look was set.
   *
   * @param pause Awaited wherever the chunk can be given up, between frames and between steps: what it throws is thrown here.
   */
  render(frames: readonly EngineFrame[], pause?: () => Promise<void>): Promise<RenderedFrame[]>;
  /** Frees the shot's memory. */
  close(): Promise<void>;
}

/** A shot, or a message of it, that a model cannot take; its client is told. */
export class ModelRefusal extends Error {
  /** Path of the refused field, such as "open_shot.frame_size". */
  readonly field: string;
  /** Whether it is for want of memory, so that a smaller shot or a later one may do. */
  readonly exhausted: boolean;

  /** @param description What came, what is allowed and what to do. */
  constructor(field: string, description: string, exhausted = false) {
    super(description);
    this.name = "ModelRefusal";
    this.field = field;
    this.exhausted = exhausted;
  }
}
