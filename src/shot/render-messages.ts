import type { EngineFrame } from "../scene/engine-frame.js";
import type { Picture } from "../scene/picture.js";
import type { Speed } from "./budget.js";
import type { RenderSetup } from "./renderer.js";

/** What is asked of a render worker; shots are numbered by the asker. */
export type Call = { readonly id: number; readonly shot: number } & (
  | { readonly method: "openShot"; readonly setup: RenderSetup }
  | { readonly method: "setFirstFrame"; readonly picture: Picture; readonly frame: EngineFrame }
  | { readonly method: "cut"; readonly options: { readonly forgetLook: boolean; readonly newPlace: boolean } }
  | { readonly method: "render"; readonly frames: readonly EngineFrame[] }
  | { readonly method: "closeShot" }
  | { readonly method: "closeModel" }
);

/** What a render worker answers: first `ready` or `refused`, then one result or failure a call. */
export type Reply =
  | {
      readonly kind: "ready";
      readonly model: string;
      readonly chunkLength: number;
      /** Denoising passes when nobody asks for another number. */
      readonly steps: number;
      readonly speed: Speed;
      readonly provider: string;
    }
  | { readonly kind: "refused"; readonly message: string; readonly missing: boolean }
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failed"; readonly id: number; readonly message: string };
