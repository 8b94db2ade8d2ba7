/** Ticks without a picture, both ends included. */
export interface TickRange {
  readonly from: number;
  readonly to: number;
}

/** What stands for a tick without a picture: the picture before it, so that time is right, or nothing. */
export const GAP_RULES = ["hold", "close"] as const;
export type GapRule = (typeof GAP_RULES)[number];

/** The ticks that are missing before `tick` when `before` was the last; undefined when none is. */
export function gapBefore(tick: number, before: number | undefined): TickRange | undefined {
  return before !== undefined && tick > before + 1 ? { from: before + 1, to: tick - 1 } : undefined;
}

/** How many ticks lie in such ranges. */
export function ticksOf(ranges: readonly TickRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}
