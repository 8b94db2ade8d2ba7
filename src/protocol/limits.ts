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

/** The wire's version: clients with another major version are refused. */
export const PROTOCOL_VERSION = { major: 1, minor: 0 } as const;

/** Throws a BadRequestError when a list is longer than allowed. */
export function atMost(count: number, limit: number, field: string): void {
  if (count > limit) throw new BadRequestError(field, `has ${count} entries; allowed are ${limit}`);
}
