import type { Code } from "../protocol/errors.js";
import type { FirstFrame } from "../protocol/generated/playblast/v1/direction.js";
import type { PlaneKind } from "../protocol/generated/playblast/v1/plane.js";
import type { ShotRequest } from "../protocol/open-shot.js";
import type { EngineFrame } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import type { Look } from "./prepare-look.js";

/** What a message of a shot is read by. */
export interface ReadSetup {
  readonly request: ShotRequest;
  /** Frame size as asked for, or as chosen where it was left open, before it was rounded. */
  readonly asked: FrameSize;
  /** Of the shot. */
  readonly size: FrameSize;
}

/** A StreamShotRequest that holds an engine frame. */
export interface FrameJob {
  readonly kind: "frame";
  readonly shot: number;
  readonly bytes: Uint8Array;
  readonly lastTick: number;
}

/** An engine frame, and what of its planes its sender should know. */
export interface FrameReading {
  readonly frame: EngineFrame;
  /** Kinds among its planes that would steer the picture if the shot had declared them. */
  readonly undeclared: readonly PlaneKind[];
  /** Its albedo is declared and black everywhere. */
  readonly albedoEmpty: boolean;
}

/** A first frame to be made a look, and the frame that it shows: its camera, depth and ids. */
export interface LookJob {
  readonly kind: "look";
  readonly shot: number;
  readonly first: FirstFrame;
  /** Of the picture, as its header says. */
  readonly pictureSize: FrameSize;
  readonly frame: EngineFrame;
}

/** What is told to a reader thread. A shot's setup comes before its jobs. */
export type ReadCall =
  | { readonly kind: "setup"; readonly shot: number; readonly setup: ReadSetup }
  | { readonly kind: "forget"; readonly shot: number }
  | { readonly kind: "job"; readonly id: number; readonly job: FrameJob | LookJob };

/** What a reader thread answers, once a job. */
export type ReadReply =
  | { readonly kind: "done"; readonly id: number; readonly value: FrameReading | Look }
  | {
      readonly kind: "refused";
      readonly id: number;
      readonly field: string;
      readonly description: string;
      readonly code: Code;
    }
  | { readonly kind: "failed"; readonly id: number; readonly message: string };
