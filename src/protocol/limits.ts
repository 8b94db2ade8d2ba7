import { BadRequestError } from "./errors.js";

/** What one shot may ask of the server. Said in ShotReady, checked on arrival. */
export const LIMITS = {
  maxWidth: 1920,
  maxHeight: 1088,
  maxMessageBytes: 64 * 1024 * 1024,
  maxCharacters: 64,
  maxBones: 256,
  maxObjects: 1024,
  maxLights: 64,
  maxPlanes: 8,
  maxFrameRate: 240,
} as const;

/** UTF-8 bytes of an id, a name or a version, and of a prompt. */
export const MOST_TEXT_BYTES = 4096;
export const MOST_PROMPT_BYTES = 64 * 1024;
/** Fields of one message that the schema does not know (a newer client's) or that come a second time (the last counts). */
export const MOST_SURPLUS_FIELDS = 1024;
/** Largest whole number of a `uint64` field: what a number holds exactly, 2^53 - 1. */
export const MOST_WHOLE_NUMBER = Number.MAX_SAFE_INTEGER;
/** Seconds of scene time, either side of 0: thirty years, at which a double still tells microseconds apart. */
export const MOST_SCENE_SECONDS = 1e9;
/** Metres in a sender's unit: from a micrometre to a thousand kilometres. */
export const METRES_PER_UNIT = { least: 1e-6, most: 1e6 } as const;

/** The wire's version: clients with another major version are refused. */
export const PROTOCOL_VERSION = { major: 1, minor: 0 } as const;

/** Throws a BadRequestError when a list is longer than allowed. */
export function atMost(count: number, limit: number, field: string): void {
  if (count > limit) throw new BadRequestError(field, `has ${count} entries; allowed are ${limit}`);
}
