import type { FrameSize } from "../scene/picture.js";
import { BadRequestError } from "./errors.js";

/** Longest side of a frame or plane in pixels, upright or lying. */
const LONGEST_SIDE = 1920;

/** What one shot may ask of the server. Said in ShotReady, checked on arrival. */
export const LIMITS = {
  maxWidth: LONGEST_SIDE,
  maxHeight: LONGEST_SIDE,
  /** 1920x1080, rounded up to whole blocks of 16 rows. */
  maxPixels: 1920 * 1088,
  maxMessageBytes: 64 * 1024 * 1024,
  maxCharacters: 64,
  maxBones: 256,
  maxObjects: 1024,
  maxLights: 64,
  maxPlanes: 12,
  maxFrameRate: 240,
  /** Positions, distances and radii: floats are 64 m apart there, and squares and products stay far from overflowing. */
  maxMetres: 1e9,
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

/** Whether a frame or plane has at least one pixel and is within the limits on sides and pixels. */
export function isAllowedSize({ width, height }: FrameSize): boolean {
  return (
    width > 0 &&
    height > 0 &&
    width <= LIMITS.maxWidth &&
    height <= LIMITS.maxHeight &&
    width * height <= LIMITS.maxPixels
  );
}

/** The sizes that `isAllowedSize` allows, for messages. */
export const ALLOWED_SIZES = `1x1 to ${LIMITS.maxPixels} pixels (as 1920x1088 or 1088x1920) with sides of at most ${LONGEST_SIDE}`;
