import type { ModelTraits, RenderedFrame, RenderSetup } from "../diffusion/family.js";
import type { EngineFrame } from "../scene/engine-frame.js";
import type { Picture } from "../scene/picture.js";
import type { Speed } from "./budget.js";

/**
 * Paints the chunks of one shot in order. Calls are made one at a time: each is awaited before the next. Each throws BadRequestError
 * (UNAVAILABLE) where what paints has ended, and another where the model refuses what it is given.
 */
export interface ShotRenderer {
  /** Denoising passes that a chunk takes. */
  readonly steps: number;
  /** Milliseconds that a chunk of this size and step count took when it was last measured; 0 before. */
  readonly expectedMs: number;
  /** Most frames that the next chunk takes; it may change with each call. */
  readonly chunkLength: number;
  /** Sets a look or adds to it, as `ShotPainter.setFirstFrame`. */
  setFirstFrame(picture: Picture, frame: EngineFrame, options: { readonly newLook: boolean }): Promise<void>;
  /** Forgets recent motion; with `newPlace` also keyframes, with `forgetLook` also the first frame. */
  cut(options: { readonly forgetLook: boolean; readonly newPlace: boolean }): Promise<void>;
  /** New words from the next chunk on. Only where the host takes a prompt. */
  setPrompt(prompt: string): Promise<void>;
  /** Generates 1 to `chunkLength` consecutive frames. Throws where no first frame was set. */
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
export interface ModelHost extends ModelTraits {
  /** The model's id, as in its card. */
  readonly model: string;
  /** ONNX Runtime execution provider in use, such as "cpu". */
  readonly provider: string;
  /** As measured when the model was loaded. */
  readonly speed: Speed;
  /** Undefined for a host that has no processes: it always serves and takes nothing. */
  readonly state?: HostState;
  /** @throws BadRequestError where the model is being started again or refuses the shot, or the machine's memory is too small for it. */
  openShot(setup: RenderSetup): Promise<ShotRenderer>;
  /** Ends its processes at once, whatever they do. Safe to call twice. */
  close(): Promise<void>;
}
