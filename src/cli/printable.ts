import { visible } from "../protocol/quote.js";

/**
 * Text from elsewhere (names, ids, paths, a server's words) as one line of a terminal: what the terminal would obey
 * instead of showing comes as `\u001b`, line breaks included.
 */
export const printable = visible;

/** `printable` for text of several lines, whose breaks stay. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** JSON that says the same as JSON.stringify's, in characters that can be printed. */
export function printableJson(value: unknown, indent?: number): string {
  return printableLines(JSON.stringify(value, null, indent));
}
