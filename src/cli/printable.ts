/**
 * What a terminal obeys instead of showing: control codes (C0, DEL, C1), format codes such as those that turn the
 * direction of writing, line and paragraph separators, and halves of characters. Joiners (U+200C, U+200D) are letters'
 * business in Persian and Hindi, and stay.
 */
const OBEYED = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]|(?![\u200c\u200d])\p{Cf}/gu;

/**
 * Text from elsewhere (names, ids, paths, a server's words) as it can be printed: what a terminal would obey comes as
 * `\u001b`, line breaks included.
 */
export function printable(text: string): string {
  return text.replace(OBEYED, escaped);
}

/** `printable` for text of several lines, whose breaks stay. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** JSON that says the same as JSON.stringify's, in characters that can be printed. */
export function printableJson(value: unknown, indent?: number): string {
  return printableLines(JSON.stringify(value, null, indent));
}

function escaped(character: string): string {
  let out = "";
  for (let i = 0; i < character.length; i++) out += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
  return out;
}
