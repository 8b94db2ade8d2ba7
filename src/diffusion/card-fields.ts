import { ModelError, REMEDY } from "./model-error.js";

/** A file that a card names, beside the card. */
export interface ModelFile {
  /** Field of the card that names it, such as "weights". */
  readonly field: string;
  /** Its name, without a folder. */
  readonly name: string;
  /** SHA-256 of its bytes, 64 hexadecimal digits in lower case. */
  readonly sha256: string;
}

/** What a number of a card may be; both ends are allowed. */
export interface NumberRange {
  readonly whole: boolean;
  readonly least: number;
  readonly most: number;
}

/** The fields of a card that a family reads one after another. Each throws ModelError with field, value and what was expected. */
export interface CardFields {
  /** Path of the card, for messages. */
  readonly path: string;
  /** A field as it stands in the JSON, unchecked; undefined where it is missing. */
  value(field: string): unknown;
  /** A string that matches. */
  text(field: string, pattern: RegExp, expected: string): string;
  number(field: string, range: NumberRange): number;
  /** A file beside the card and its digest, each in a field of its own. */
  file(field: string, digestField: string): ModelFile;
  /** The error for a field that other checks refuse. @param value What is wrong, where it is only a part of a field; default: the field's. */
  wrong(field: string, expected: string, value?: unknown): ModelError;
}

const FILE_NAME = /^[^/\\\0]+$/;
const SHA256 = /^[0-9a-f]{64}$/;
/** What is quoted of a wrong value, in characters. */
const MOST_QUOTED = 80;

/** Reads the fields of the card at `path`, which was parsed already. */
export function cardFields(path: string, card: Readonly<Record<string, unknown>>): CardFields {
  const wrong = (field: string, expected: string, value: unknown = card[field]) => {
    const quoted = (JSON.stringify(value) ?? "missing").slice(0, MOST_QUOTED);
    return new ModelError(`model card ${path}: '${field}' is ${quoted}, expected ${expected}. ${REMEDY}`, false);
  };
  const text = (field: string, pattern: RegExp, expected: string) => {
    const value = card[field];
    if (typeof value !== "string" || !pattern.test(value)) throw wrong(field, expected);
    return value;
  };
  return {
    path,
    value: (field) => card[field],
    text,
    number: (field, { whole, least, most }) => {
      const value = card[field];
      const fits = typeof value === "number" && value >= least && value <= most && (!whole || Number.isInteger(value));
      if (!fits) throw wrong(field, `a ${whole ? "whole " : ""}number from ${least} to ${most}`);
      return value;
    },
    file: (field, digestField) => ({
      field,
      name: text(field, FILE_NAME, "the name of a file beside the card"),
      sha256: text(digestField, SHA256, "64 hexadecimal digits in lower case"),
    }),
    wrong,
  };
}
