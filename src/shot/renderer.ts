import type { EngineFrame } from "../scene/engine-frame.js";
import type { FrameSize, Picture } from "../scene/picture.js";
import type { Scene } from "../scene/scene.js";
import type { Speed } from "./budget.js";

/** What a renderer must know of a shot before its first chunk. */
export interface RenderSetup {
  readonly scene: Scene;
  /** Already rounded with `ModelHost.roundSize`. */
  readonly size: FrameSize;
  readonly seed: number;
  /** Denoising passes a chunk. */
  readonly steps: number;
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
 * Paints the chunks of one shot in order. Calls are made one at a time: each is awaited before the next. Each throws BadRequestError
 * (UNAVAILABLE) where what paints has ended.
 */
export interface ShotRenderer {
  /** Denoising passes that a chunk takes. */
  readonly steps: number;
  /** Milliseconds that a chunk of this size and step count took when it was last measured; 0 before. */
  readonly expectedMs: number;
  /** Sets or replaces the look: `picture` shows the geometry of `frame` at the shot's size. */
  setFirstFrame(picture: Picture, frame: EngineFrame): Promise<void>;
  /** Forgets recent motion; with `newPlace` also keyframes, with `forgetLook` also the first frame. */
  cut(options: { readonly forgetLook: boolean; readonly newPlace: boolean }): Promise<void>;
  /** Generates 1 to `ModelHost.chunkLength` consecutive frames. Throws where no first frame was set. */
  render(frames: readonly EngineFrame[]): Promise<RenderedFrame[]>;
  /**
   * Frees the shot's memory. A call that waits or runs is abandoned: it rejects at once, and what it was to make is not made, or thrown
   * away. Safe to call twice.
   */
  close(): Promise<void>;
}

/** Whether a host can paint now, and what it takes. */
export interface HostState {
  /** False from the moment that what paints has ended until it was started again. */
  readonly serving: boolean;
  readonly openShots: number;
  /** Resident memory that its processes had before their first shot, in bytes. */
  readonly bytes: number;
  /** Calls `listener` whenever `serving` changes. */
  onServingChange(listener: (serving: boolean) => void): void;
}

/** A loaded model, ready to paint shots. Lives in processes of its own; this is the way to them. */
export interface ModelHost {
  /** The model's id, as in its card. */
  readonly model: string;
  readonly chunkLength: number;
  /** ONNX Runtime execution provider in use, such as "cpu". */
  readonly provider: string;
  /** Denoising passes a chunk when nobody asks for another number. */
  readonly steps: number;
  /** As measured when the model was loaded. */
  readonly speed: Speed;
  /** Undefined for a host that has no processes: it always serves and takes nothing. */
  readonly state?: HostState;
  /** The nearest frame size that can be painted and put into a video, never smaller than asked. */
  roundSize(size: FrameSize): FrameSize;
  /** @throws BadRequestError where the model is being started again, or the machine's memory is too small for the shot. */
  openShot(setup: RenderSetup): Promise<ShotRenderer>;
  /** Ends its processes at once, whatever they do. Safe to call twice. */
  close(): Promise<void>;
}
