/** A seeded generator of whole numbers from 0 up to, not including, `below`. */
export type Random = (below: number) => number;

/** The same seed gives the same numbers (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** A field of a protobuf message, by places in its bytes. */
interface Field {
  readonly start: number;
  readonly value: number;
  readonly end: number;
  readonly wire: number;
}

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;
const MOST_DEPTH = 5;
/** More fields than this are not looked at: long messages are lists of the same. */
const MOST_FIELDS = 400;
const HUGE_VARINT = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
const ODD_NUMBERS = [Number.NaN, Infinity, -Infinity, 1e300, -1e300, 3e38, -3e38, 1e-300, -0, 2 ** 63];

/** Ways to spoil bytes. Each gives new bytes. */
const WAYS: Record<string, (bytes: Buffer, random: Random, other: Buffer) => Buffer> = {
  flipBits: (bytes, random) => {
    const out = Buffer.from(bytes);
    for (let i = random(8); i >= 0; i--) out[random(out.length)] ^= 1 << random(8);
    return out;
  },
  truncate: (bytes, random) => bytes.subarray(0, random(bytes.length)),
  editLength: (bytes, random) => {
    const field = pick(
      fieldsOf(bytes).filter(({ wire }) => wire === DELIMITED),
      random,
    );
    if (!field) return bytes;
    const length = [0, 1, 127, 128, 2 ** 14, 2 ** 31 - 1, 2 ** 32 - 1, field.end - field.value + 1][random(8)];
    return Buffer.concat([
      bytes.subarray(0, field.start),
      tagOf(bytes, field),
      varint(length),
      bytes.subarray(field.value),
    ]);
  },
  duplicate: (bytes, random) => {
    const field = pick(fieldsOf(bytes), random);
    if (!field) return bytes;
    const copies = Array.from({ length: 1 + random(40) }, () => bytes.subarray(field.start, field.end));
    return Buffer.concat([bytes.subarray(0, field.end), ...copies, bytes.subarray(field.end)]);
  },
  remove: (bytes, random) => {
    const field = pick(fieldsOf(bytes), random);
    return field ? Buffer.concat([bytes.subarray(0, field.start), bytes.subarray(field.end)]) : bytes;
  },
  splice: (bytes, random, other) => {
    const from = random(other.length);
    const part = other.subarray(from, from + 1 + random(200));
    const at = random(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at + random(part.length + 1))]);
  },
  hugeVarint: (bytes, random) => {
    const field = pick(
      fieldsOf(bytes).filter(({ wire }) => wire === VARINT),
      random,
    );
    if (!field) return bytes;
    const value = [HUGE_VARINT, varint(2 ** 32 - 1), varint(2 ** 31), varint(2 ** 53), varint(0)][random(5)];
    return Buffer.concat([bytes.subarray(0, field.value), value, bytes.subarray(field.end)]);
  },
  oddNumber: (bytes, random) => {
    const field = pick(
      fieldsOf(bytes).filter(({ wire }) => wire === FIXED32 || wire === FIXED64),
      random,
    );
    if (!field) return bytes;
    const out = Buffer.from(bytes);
    const odd = ODD_NUMBERS[random(ODD_NUMBERS.length)];
    if (field.wire === FIXED64) out.writeDoubleLE(odd, field.value);
    else out.writeFloatLE(odd, field.value);
    return out;
  },
  oddFloatInList: (bytes, random) => {
    const field = pick(
      fieldsOf(bytes).filter(
        ({ wire, value, end }) => wire === DELIMITED && end - value >= 12 && (end - value) % 4 === 0,
      ),
      random,
    );
    if (!field) return bytes;
    const out = Buffer.from(bytes);
    const odd = ODD_NUMBERS[random(ODD_NUMBERS.length)];
    out.writeFloatLE(odd, field.value + 4 * random((field.end - field.value) / 4));
    return out;
  },
};

/** Spoils a message in one way, or now and then in two or three. Says which. */
export function mutate(
  bytes: Buffer,
  random: Random,
  other: Buffer,
): { readonly bytes: Buffer; readonly ways: string[] } {
  const names = Object.keys(WAYS);
  const ways: string[] = [];
  let out = bytes;
  for (let i = Math.max(0, random(8) - 5); i >= 0; i--) {
    const way = names[random(names.length)];
    ways.push(way);
    if (out.length > 0) out = WAYS[way](out, random, other);
  }
  return { bytes: out, ways };
}

function pick<T>(things: readonly T[], random: Random): T | undefined {
  return things[random(things.length)];
}

function tagOf(bytes: Buffer, { start }: Field): Buffer {
  return bytes.subarray(start, readVarint(bytes, start, bytes.length)?.next);
}

/** The fields of a message and, where they look like messages, of what is inside them. */
function fieldsOf(bytes: Buffer): Field[] {
  const found: Field[] = [];
  const walk = (from: number, to: number, depth: number): boolean => {
    const own: Field[] = [];
    for (let at = from; at < to; ) {
      if (found.length + own.length > MOST_FIELDS) break;
      const tag = readVarint(bytes, at, to);
      if (!tag || tag.value < 8) return false;
      const wire = tag.value & 7;
      let value = tag.next;
      let end: number;
      if (wire === VARINT) end = readVarint(bytes, value, to)?.next ?? Infinity;
      else if (wire === FIXED64) end = value + 8;
      else if (wire === FIXED32) end = value + 4;
      else if (wire === DELIMITED) {
        const length = readVarint(bytes, value, to);
        if (!length) return false;
        value = length.next;
        end = value + length.value;
      } else return false;
      if (end > to) return false;
      own.push({ start: at, value, end, wire });
      at = end;
    }
    found.push(...own);
    if (depth < MOST_DEPTH) for (const { wire, value, end } of own) if (wire === DELIMITED) walk(value, end, depth + 1);
    return true;
  };
  walk(0, bytes.length, 0);
  return found;
}

function readVarint(
  bytes: Buffer,
  from: number,
  to: number,
): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  for (let at = from, scale = 1; at < to && at < from + HUGE_VARINT.length; at++, scale *= 128) {
    value += (bytes[at] & 127) * scale;
    if (bytes[at] < 128) return { value, next: at + 1 };
  }
  return undefined;
}

function varint(value: number): Buffer {
  const out: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    out.push(rest > 127 ? (rest % 128) + 128 : rest);
    if (rest <= 127) return Buffer.from(out);
  }
}
