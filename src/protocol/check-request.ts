import { isUtf8 } from "node:buffer";
import { BadRequestError } from "./errors.js";
import { MOST_SURPLUS_FIELDS, MOST_WHOLE_NUMBER } from "./limits.js";
import { type MessageFields, REQUEST_FIELDS, type RequestField } from "./request-fields.js";

/** Wire types of protobuf. */
const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;
const WIRE_TYPES = {
  varint: VARINT,
  uint64: VARINT,
  double: FIXED64,
  float: FIXED32,
  text: DELIMITED,
  bytes: DELIMITED,
  message: DELIMITED,
} as const;
const LONGEST_VARINT = 10;
const MOST_TAG = 0xffffffff;
/** The name of a request in errors. */
const REQUEST = "stream_shot_request";

/** Where a field stands, for errors. */
interface Place {
  readonly name: string;
  /** Entry of a repeated field. */
  readonly index: number | undefined;
  readonly within: Place | undefined;
}

interface Walk {
  readonly bytes: Uint8Array;
  at: number;
  /** Fields so far that the schema does not know or that came before. */
  surplus: number;
}

/**
 * Checks the bytes of one StreamShotRequest without decoding them: that it is whole, that its lists and texts are not longer than
 * allowed, its texts UTF-8, its whole numbers exact. Takes time by the number of its fields and no memory, so that
 * what is decoded afterwards is bounded. Fields that the schema does not know pass.
 *
 * @returns The name of the message that it holds, as `engine_frame`; undefined where it holds none that is known.
 * @throws BadRequestError naming the field, what came and what is allowed.
 */
export function checkRequest(bytes: Uint8Array): string | undefined {
  const walk = { bytes, at: 0, surplus: 0 };
  return walkMessage(walk, bytes.length, REQUEST_FIELDS, undefined);
}

/** Walks over a message and gives the name of its last known field. */
function walkMessage(walk: Walk, end: number, fields: MessageFields, within: Place | undefined): string | undefined {
  let last: string | undefined;
  const counts = new Array<number>(fields.length).fill(0);
  while (walk.at < end) {
    const tag = readVarint(walk, end);
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (number === 0 || tag > MOST_TAG) throw broken(walk, "a field has no valid number");
    const field = fields[number];
    if (!field || !matches(field, wireType)) {
      countSurplus(walk, within);
      skip(walk, end, wireType);
      continue;
    }
    const { name, most } = field;
    last = name;
    if (most === undefined && counts[number] > 0) countSurplus(walk, within);
    if (isPackable(field) && wireType === DELIMITED) counts[number] += skipPacked(walk, end, within, field);
    else {
      counts[number]++;
      walkValue(walk, end, field, { name, index: most === undefined ? undefined : counts[number] - 1, within });
    }
    if (most !== undefined && counts[number] > most) {
      throw new BadRequestError(
        pathOf({ name, index: undefined, within }),
        `has more than ${most} entries; allowed are ${most}`,
      );
    }
  }
  if (walk.at !== end) throw broken(walk, "a field reaches beyond its message");
  return last;
}

function matches(field: RequestField, wireType: number): boolean {
  return wireType === WIRE_TYPES[field.kind.is] || (isPackable(field) && wireType === DELIMITED);
}

/** Whether a field is a list of numbers, which come one by one or packed. */
function isPackable({ kind, most }: RequestField): boolean {
  return most !== undefined && (kind.is === "float" || kind.is === "varint");
}

/** Walks over one value of a known field. */
function walkValue(walk: Walk, end: number, { kind }: RequestField, place: Place): void {
  const start = walk.at;
  if (kind.is === "message") {
    const length = readLength(walk, end);
    walkMessage(walk, walk.at + length, kind.fields, place);
  } else if (kind.is === "text") {
    const length = readLength(walk, end);
    if (length > kind.mostBytes) {
      throw new BadRequestError(pathOf(place), `has ${length} bytes; allowed are ${kind.mostBytes} bytes of UTF-8`);
    }
    if (!isUtf8(walk.bytes.subarray(walk.at, walk.at + length))) {
      throw new BadRequestError(pathOf(place), `is not UTF-8 (${length} bytes); texts are encoded as UTF-8`);
    }
    walk.at += length;
  } else if (kind.is === "uint64") {
    if (readVarint(walk, end) > MOST_WHOLE_NUMBER) {
      throw new BadRequestError(
        pathOf(place),
        `is ${exactly(walk.bytes.subarray(start, walk.at))}; allowed is 0 to ${MOST_WHOLE_NUMBER} (2^53 - 1)`,
      );
    }
  } else skip(walk, end, WIRE_TYPES[kind.is]);
}

/** Skips a packed list and gives the number of its entries. */
function skipPacked(walk: Walk, end: number, within: Place | undefined, field: RequestField): number {
  const { name, kind, most = 0 } = field;
  const length = readLength(walk, end);
  if (kind.is === "varint") return skipVarints(walk, walk.at + length, most);
  if (length % 4 !== 0) {
    const path = pathOf({ name, index: undefined, within });
    throw new BadRequestError(path, `has ${length} bytes; a packed list of floats has 4 bytes an entry`);
  }
  walk.at += length;
  return length / 4;
}

/** Skips varints up to a place and gives their number; beyond `most` it stops. */
function skipVarints(walk: Walk, end: number, most: number): number {
  let count = 0;
  for (; walk.at < end && count <= most; count++) readVarint(walk, end);
  return count;
}

function countSurplus(walk: Walk, within: Place | undefined): void {
  if (++walk.surplus <= MOST_SURPLUS_FIELDS) return;
  throw new BadRequestError(
    within ? pathOf(within) : REQUEST,
    `holds more than ${MOST_SURPLUS_FIELDS} fields that are unknown or come twice; send each field once`,
  );
}

function skip(walk: Walk, end: number, wireType: number): void {
  if (wireType === VARINT) readVarint(walk, end);
  else if (wireType === FIXED64) walk.at += 8;
  else if (wireType === FIXED32) walk.at += 4;
  else if (wireType === DELIMITED) {
    const length = readLength(walk, end);
    walk.at += length;
  } else throw broken(walk, `a field is of wire type ${wireType}`);
  if (walk.at > end) throw broken(walk, "a field reaches beyond its message");
}

function readLength(walk: Walk, end: number): number {
  const length = readVarint(walk, end);
  if (length > end - walk.at) throw broken(walk, "a field reaches beyond its message");
  return length;
}

/** A varint of up to 64 bits; rounded beyond 2^53. */
function readVarint(walk: Walk, end: number): number {
  let value = 0;
  let scale = 1;
  for (let i = 0; i < LONGEST_VARINT; i++) {
    if (walk.at >= end) throw broken(walk, "a number is cut short");
    const byte = walk.bytes[walk.at++];
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
  throw broken(walk, "a number has more than 64 bits");
}

/** The number that a varint's bytes hold, as text. */
function exactly(varint: Uint8Array): string {
  return varint.reduceRight((value, byte) => (value << 7n) | BigInt(byte & 0x7f), 0n).toString();
}

function pathOf({ name, index, within }: Place): string {
  const own = index === undefined ? name : `${name}[${index}]`;
  return within ? `${pathOf(within)}.${own}` : own;
}

function broken({ bytes, at }: Walk, what: string): BadRequestError {
  return new BadRequestError(
    REQUEST,
    `is not a whole protobuf message (${bytes.length} bytes, ${what} at byte ${at}); it was cut short or is of another schema`,
  );
}
