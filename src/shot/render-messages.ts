import type { RenderSetup } from "../diffusion/family.js";
import type { Card } from "../diffusion/model-card.js";
import type { EngineFrame } from "../scene/engine-frame.js";
import type { Picture } from "../scene/picture.js";
import type { Speed } from "./budget.js";

/** What is asked of a render process about one of its shots, which the asker numbers. One call at a time. */
export type Call = { readonly kind: "call"; readonly shot: number } & (
  | { readonly method: "openShot"; readonly setup: RenderSetup }
  | {
      readonly method: "setFirstFrame";
      readonly picture: Picture;
      readonly frame: EngineFrame;
      readonly options: { readonly newLook: boolean };
    }
  | { readonly method: "cut"; readonly options: { readonly forgetLook: boolean; readonly newPlace: boolean } }
  | { readonly method: "setPrompt"; readonly prompt: string }
  | { readonly method: "render"; readonly frames: readonly EngineFrame[] }
  | { readonly method: "closeShot" }
);

/** What is sent to a render process: first what to load, then calls; `abandon` and `lowerPriority` may come while a call runs. */
export type Request =
  | {
      readonly kind: "load";
      readonly cardPath: string;
      readonly card: Card;
      /** Measure its speed too. */
      readonly measure: boolean;
    }
  | Call
  | { readonly kind: "abandon"; readonly shot: number }
  | { readonly kind: "lowerPriority" };

/** What a render process is once its model is loaded. */
export interface Ready {
  readonly kind: "ready";
  readonly provider: string;
  /** Undefined where measuring was not asked for. */
  readonly speed: Speed | undefined;
  /** Resident memory in bytes, before the first shot. */
  readonly bytes: number;
}

/** What a render process answers: first `ready` or `refused`, then a result, a refusal of the model's or a failure for the call that it was sent. */
export type Reply =
  | Ready
  | { readonly kind: "refused"; readonly message: string; readonly fault: string | undefined }
  | {
      readonly kind: "result";
      readonly value: unknown;
      /** Most frames that the shot's next chunk takes. */
      readonly chunkLength: number;
    }
  /** The model cannot take what it was given, see `ModelRefusal`. */
  | { readonly kind: "notTaken"; readonly field: string; readonly message: string; readonly exhausted: boolean }
  | { readonly kind: "failed"; readonly message: string; readonly stack: string };
