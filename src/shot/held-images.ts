/**
 * The images of a shot's look that its model holds after one more has come. Beyond `most` the oldest but the first gives way: the first
 * set the look.
 *
 * @param held Ticks that they show, in the order in which they came; the look's first stands first.
 * @param most Images that the model holds; where that is 1, each image begins a new look.
 */
export function holdImage(
  held: readonly number[],
  { tick, newLook }: { readonly tick: number; readonly newLook: boolean },
  most: number,
): { readonly held: readonly number[]; readonly gone: number | undefined } {
  if (newLook) return { held: [tick], gone: undefined };
  const gone = held.length < most ? undefined : held[1];
  const left = gone === undefined ? held : [held[0], ...held.slice(2)];
  return { held: [...left, tick], gone };
}
