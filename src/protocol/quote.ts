/** UTF-8 bytes of a client's text that one quotation shows. */
const MOST_QUOTED_BYTES = 120;
/** Entries of a list that a message names before it counts the rest. */
const MOST_LISTED = 6;
/** Share of a shortened text that is its beginning; the rest is its end, where a message says what to do. */
const HEAD = 0.6;

/**
 * Characters that would act on a terminal, break a log's line or turn the order of what is read: C0 and C1 controls, line and
 * paragraph separators, marks of writing direction, halves of surrogate pairs.
 */
const INVISIBLE = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu;

/** A text with what cannot be seen written as `\u001b`. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A text of at most about `mostBytes` in UTF-8: of a longer one, its beginning, how much is left out, and its end. */
export function shorten(text: string, mostBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= mostBytes) return text;
  const head = boundary(bytes, Math.floor(mostBytes * HEAD));
  const tail = boundary(bytes, bytes.length - Math.floor(mostBytes * (1 - HEAD)));
  const from = bytes.toString("utf8", 0, head);
  const to = bytes.toString("utf8", tail);
  return `${from}... (${tail - head} bytes left out) ...${to}`;
}

/** A client's text as logs show it: visible and short. */
export function shown(text: string): string {
  return shorten(visible(text), MOST_QUOTED_BYTES);
}

/** A client's text between quotation marks, for messages. */
export function quote(text: string): string {
  return `'${shown(text)}'`;
}

/** The first of a list of a client's texts, and how many more there are; "none" of an empty one. */
export function quoteList(texts: readonly string[]): string {
  if (texts.length === 0) return "none";
  const shown = texts.slice(0, MOST_LISTED).map(quote).join(", ");
  return texts.length > MOST_LISTED ? `${shown} and ${texts.length - MOST_LISTED} more` : shown;
}

/** The start of the character that holds a byte. */
function boundary(bytes: Uint8Array, at: number): number {
  let start = at;
  while (start > 0 && start < bytes.length && (bytes[start] & 0xc0) === 0x80) start--;
  return start;
}
