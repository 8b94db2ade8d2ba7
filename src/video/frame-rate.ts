/** Pictures a second as a fraction in lowest terms, because no float holds 24000/1001. */
export interface FrameRate {
  readonly numerator: number;
  readonly denominator: number;
}

/** Rates that NTSC slowed down by 1000/1001: 23.976 is 24 of them, 29.97 is 30. */
const NTSC = { nominal: [15, 24, 30, 48, 60, 96, 120, 240], numerator: 1000, denominator: 1001 };
/** Far enough for 23.98, as editors write it (1.7e-4 off), and far from 24 (1e-3 off). */
const NTSC_TOLERANCE = 2e-4;
/** Largest denominator of other rates: three decimals are exact, and an mp4's time scale holds it. */
const MOST_PARTS = 1000;
/** Six digits: ffmpeg keeps such a fraction exact. */
const FRACTION = /^(\d{1,6})\/(\d{1,6})$/;

/**
 * The fraction that a number of pictures a second means: 23.976 and 23.98 are 24000/1001, 12.5 is 25/2.
 *
 * @param value Above 0, finite.
 */
export function frameRateOf(value: number): FrameRate {
  const nominal = NTSC.nominal.find((rate) => {
    const slowed = (rate * NTSC.numerator) / NTSC.denominator;
    return Math.abs(value - slowed) <= slowed * NTSC_TOLERANCE;
  });
  if (nominal !== undefined) return { numerator: nominal * NTSC.numerator, denominator: NTSC.denominator };
  return reduced(Math.max(1, Math.round(value * MOST_PARTS)), MOST_PARTS);
}

/**
 * Reads a frame rate as people write it: 24, 23.976, 24000/1001.
 *
 * @param most Highest rate that is taken.
 * @returns undefined when it is not one, below 1/1000, or above `most`.
 */
export function parseFrameRate(text: string, most: number): FrameRate | undefined {
  const fraction = FRACTION.exec(text);
  const value = fraction ? Number(fraction[1]) / Number(fraction[2]) : Number(text);
  if (!(value >= 1 / MOST_PARTS && value <= most)) return undefined;
  return fraction ? reduced(Number(fraction[1]), Number(fraction[2])) : frameRateOf(value);
}

/** Writes a rate as ffmpeg and people do: 24, 24000/1001. */
export function frameRateText({ numerator, denominator }: FrameRate): string {
  return denominator === 1 ? `${numerator}` : `${numerator}/${denominator}`;
}

/** How long so many pictures last, in seconds. */
export function secondsOf(pictures: number, { numerator, denominator }: FrameRate): number {
  return (pictures * denominator) / numerator;
}

function reduced(numerator: number, denominator: number): FrameRate {
  let [a, b] = [numerator, denominator];
  while (b !== 0) [a, b] = [b, a % b];
  return { numerator: numerator / a, denominator: denominator / a };
}
