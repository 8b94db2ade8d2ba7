import { BadRequestError, Code } from "../protocol/errors.js";
import type { DoorLimits } from "./door-limits.js";

/** Why a shot ends when its server does. */
export function shuttingDown(): BadRequestError {
  return new BadRequestError(
    "shot",
    "ended because the server is shutting down; ticks without an answer have no picture. Open the shot again when the server is back",
    Code.UNAVAILABLE,
  );
}

/** Why a shot is not opened where too many are open. */
export function tooManyShots({ openShots }: DoorLimits): BadRequestError {
  return new BadRequestError(
    "shot",
    `is one too many: ${openShots} are open or ending, as many as this server takes; try again later`,
    Code.RESOURCE_EXHAUSTED,
  );
}

/** Why a stream ends whose first message does not come. */
export function noFirstMessage({ firstMessageMs }: DoorLimits): BadRequestError {
  return new BadRequestError(
    "open_shot",
    `did not come within ${firstMessageMs / 1000} s; the first message of a stream opens its shot, so send it at once`,
    Code.DEADLINE_EXCEEDED,
  );
}
