import { BadRequestError, Code } from "../protocol/errors.js";

/** Engine frames that a client may still send; Infinity where sending is free. */
export interface Credit {
  frames: number;
}

/** @param frames What may be sent at first; undefined where sending is free. */
export function openCredit(frames: number | undefined): Credit {
  return { frames: frames ?? Infinity };
}

/**
 * Takes the credit of one frame that came.
 *
 * @throws BadRequestError (RESOURCE_EXHAUSTED) where there is none.
 */
export function spend(credit: Credit, tick: number): void {
  if (credit.frames < 1) {
    throw new BadRequestError(
      "engine_frame",
      `tick ${tick} came without credit; an export sends as many frames as ShotReady.credit and Credit grant`,
      Code.RESOURCE_EXHAUSTED,
    );
  }
  credit.frames--;
}

/** Grants so many frames more. */
export function grant(credit: Credit, frames: number): void {
  credit.frames += frames;
}
