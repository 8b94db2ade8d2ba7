import { Option } from "commander";
import { type FrameRate, secondsOf } from "../video/frame-rate.js";
import { GAP_RULES, type GapRule, type TickRange, ticksOf } from "../video/tick-gaps.js";
import { tickRanges } from "./tick-ranges.js";

/** Gaps that a message names; the others it counts. */
const MOST_NAMED = 8;
/** Held pictures that are surely no mistake: more than an hour of them comes from numbers that jump. */
const MOST_HELD_SECONDS = 3600;

/** `--gaps`: what a video shows at ticks without a picture. */
export function gapsOption(): Option {
  return new Option(
    "--gaps <rule>",
    "at ticks without a picture, hold the one before, or close the gap and lose its time",
  )
    .choices(GAP_RULES)
    .default("hold");
}

/**
 * Refuses to hold pictures for hours.
 *
 * @throws Error when the gaps are longer than an hour, unless they are closed.
 */
export function checkGaps(what: string, gaps: readonly TickRange[], rule: GapRule, frameRate: FrameRate): void {
  const seconds = secondsOf(ticksOf(gaps), frameRate);
  if (rule === "hold" && seconds > MOST_HELD_SECONDS) {
    throw new Error(
      `${what}: ticks ${namedRanges(gaps)} have no picture, ${(seconds / 3600).toFixed(1)} h in all; pass --gaps close to join without them`,
    );
  }
}

/** What was done about ticks without a picture, as a sentence; undefined where there are none. */
export function gapNote(gaps: readonly TickRange[], rule: GapRule): string | undefined {
  if (gaps.length === 0) return undefined;
  const ticks = ticksOf(gaps);
  const have = `${ticks} ${ticks === 1 ? "tick has" : "ticks have"} no picture (${namedRanges(gaps)})`;
  return rule === "hold"
    ? `${have}: the picture before is held there, so that time is right; --gaps close leaves them out`
    : `${have}: left out, so that the video is that much shorter than its scene`;
}

function namedRanges(gaps: readonly TickRange[]): string {
  const more = gaps.length > MOST_NAMED ? ` and at ${gaps.length - MOST_NAMED} more places` : "";
  return `${tickRanges(gaps.slice(0, MOST_NAMED))}${more}`;
}
