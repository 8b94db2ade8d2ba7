import { decodeRequest } from "../protocol/codec.js";
import { engineFrameSteps } from "../protocol/engine-frame.js";
import { readFirstFrame } from "../protocol/first-frame.js";
import type * as Wire from "../protocol/generated/playblast/v1/engine_frame.js";
import type { EngineFrame } from "../scene/engine-frame.js";
import { type Look, prepareLook } from "./prepare-look.js";
import type { LookJob, ReadSetup } from "./read-messages.js";

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
 * Reads an engine frame in steps of a plane each; planes that no control is made from are left out.
 *
 * @throws BadRequestError naming the field, what came, what is allowed and what to do.
 */
export function frameSteps(
  message: Wire.EngineFrame,
  lastTick: number,
  { request, size }: ReadSetup,
): Generator<undefined, EngineFrame> {
  return engineFrameSteps(message, request, size, lastTick, "controls");
}

/** Pixels that reading a frame goes over: of each plane, as it came or at the shot's size, whichever is more. */
export function pixelsOf(message: Wire.EngineFrame, { size }: ReadSetup): number {
  const least = size.width * size.height;
  return message.planes.reduce(
    (sum, plane) => sum + Math.max(least, (plane.size?.width ?? 0) * (plane.size?.height ?? 0)),
    0,
  );
}

/**
 * Decodes a first frame and brings it to the shot's size.
 *
 * @throws BadRequestError when it cannot be read.
 */
export async function readLook({ first, frame }: LookJob, { request, size }: ReadSetup): Promise<Look> {
  return prepareLook(await readFirstFrame(first), frame, request.size, size);
}
