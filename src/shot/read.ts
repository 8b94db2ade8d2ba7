import { decodeRequest } from "../protocol/codec.js";
import { isRead, undeclaredControls } from "../protocol/controls.js";
import { engineFrameSteps } from "../protocol/engine-frame.js";
import { readFirstFrame } from "../protocol/first-frame.js";
import type * as Wire from "../protocol/generated/playblast/v1/engine_frame.js";
import { type Look, prepareLook } from "./prepare-look.js";
import type { FrameReading, LookJob, ReadSetup } from "./read-messages.js";

/**
 * The engine frame in a request's bytes.
 *
 * @throws BadRequestError as `decodeRequest`.
 */
export function decodeFrame(bytes: Uint8Array): Wire.EngineFrame {
  const { message } = decodeRequest(bytes);
  if (message?.$case !== "engineFrame") throw new TypeError(`a request of ${message?.$case} holds no engine frame`);
  return message.value;
}

/**
 * Reads an engine frame in steps of a plane each; planes that do not steer the picture are left out.
 *
 * @throws BadRequestError naming the field, what came, what is allowed and what to do.
 */
export function* frameSteps(
  message: Wire.EngineFrame,
  lastTick: number,
  { request, size }: ReadSetup,
): Generator<undefined, FrameReading> {
  const frame = yield* engineFrameSteps(message, request, size, lastTick, "controls");
  yield;
  return {
    frame,
    undeclared: undeclaredControls(message.planes, request.controls),
    albedoEmpty: frame.albedo !== undefined && isBlack(frame.albedo),
  };
}

/** Pixels that reading a frame goes over: of each plane that is read, as it came or at the shot's size, whichever is more. */
export function pixelsOf(message: Wire.EngineFrame, { request, size }: ReadSetup): number {
  const least = size.width * size.height;
  return message.planes
    .filter(({ kind }) => isRead(kind, request.controls))
    .reduce((sum, plane) => sum + Math.max(least, (plane.size?.width ?? 0) * (plane.size?.height ?? 0)), 0);
}

/**
 * Decodes a first frame and brings it to the shot's size.
 *
 * @throws BadRequestError when it cannot be read.
 */
export async function readLook({ first, frame }: LookJob, { asked, size }: ReadSetup): Promise<Look> {
  return prepareLook(await readFirstFrame(first), frame, asked, size);
}

function isBlack(rgb: Uint8Array): boolean {
  for (let i = 0; i < rgb.length; i++) if (rgb[i] > 0) return false;
  return true;
}
