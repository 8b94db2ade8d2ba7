/** Ranges of ticks as people write them: 4, 7-9. */
export function tickRanges(ranges: readonly { readonly from: number; readonly to: number }[]): string {
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}
