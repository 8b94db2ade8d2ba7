import type { Readable, Writable } from "node:stream";
import { Deserializer, Serializer } from "node:v8";

/** Kinds of array that may cross; the order is part of what is sent, and both ends run this same file. */
const ARRAYS = [
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
] as const;
/** Arrays of so many bytes travel as they are, without being copied into the message's head. */
const APART_FROM_BYTES = 4096;
/** Bytes of the head and number of the arrays apart, each an unsigned 32-bit number. */
const PREFIX_BYTES = 8;

/** What node:v8 documents of its classes for values that it does not serialise itself; its types leave it out. */
interface HostObjectHooks {
  _setTreatArrayBufferViewsAsHostObjects(treat: boolean): void;
}

/**
 * Sends a plain value with typed arrays in it to another process. Large arrays are handed to the pipe uncopied, so a caller must not write
 * into them afterwards, and a chunk of large frames does not stop the event loop as one copy of all of it would.
 */
export function sendTo(pipe: Writable, value: unknown): void {
  const apart: Buffer[] = [];
  const writer = new ViewSerializer(apart);
  writer.writeHeader();
  writer.writeValue(value);
  const head = writer.releaseBuffer();
  const prefix = Buffer.alloc(PREFIX_BYTES + 4 * apart.length);
  prefix.writeUInt32LE(head.length, 0);
  prefix.writeUInt32LE(apart.length, 4);
  apart.forEach((bytes, i) => {
    prefix.writeUInt32LE(bytes.length, PREFIX_BYTES + 4 * i);
  });
  pipe.cork();
  pipe.write(prefix);
  pipe.write(head);
  for (const bytes of apart) pipe.write(bytes);
  pipe.uncork();
}

/** Calls `onValue` with each value that was sent with `sendTo` at the other end. */
export function receiveFrom(pipe: Readable, onValue: (value: unknown) => void): void {
  const parts = readParts(onValue);
  let part = parts.next().value;
  let filled = 0;
  pipe.on("data", (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(part.length - filled, bytes.length - at);
      bytes.copy(part, filled, at, at + count);
      at += count;
      filled += count;
      if (filled < part.length) continue;
      part = parts.next().value;
      filled = 0;
    }
  });
}

/** Yields the parts of message after message to be filled, none of them empty. */
function* readParts(onValue: (value: unknown) => void): Generator<Buffer, never> {
  for (;;) {
    const prefix = Buffer.alloc(PREFIX_BYTES);
    yield prefix;
    const lengths = Buffer.alloc(4 * prefix.readUInt32LE(4));
    if (lengths.length > 0) yield lengths;
    const head = Buffer.alloc(prefix.readUInt32LE(0));
    yield head;
    const apart: Buffer[] = [];
    for (let at = 0; at < lengths.length; at += 4) {
      // A memory of its own: the array that is made of it starts at its first byte.
      const bytes = Buffer.allocUnsafeSlow(lengths.readUInt32LE(at));
      yield bytes;
      apart.push(bytes);
    }
    const reader = new ViewDeserializer(head, apart);
    reader.readHeader();
    onValue(reader.readValue());
  }
}

class ViewSerializer extends Serializer {
  readonly #apart: Buffer[];

  constructor(apart: Buffer[]) {
    super();
    this.#apart = apart;
    (this as unknown as HostObjectHooks)._setTreatArrayBufferViewsAsHostObjects(true);
  }

  /** Called by node:v8 for each typed array. */
  _writeHostObject(view: ArrayBufferView): void {
    const kind = view instanceof Uint8Array ? 0 : ARRAYS.indexOf(view.constructor as (typeof ARRAYS)[number]);
    if (kind < 0) throw new TypeError(`a ${view.constructor.name} cannot be sent to a render process`);
    const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
    const apart = bytes.length >= APART_FROM_BYTES;
    this.writeUint32(kind);
    this.writeUint32(apart ? 1 : 0);
    if (apart) {
      this.#apart.push(bytes);
      return;
    }
    this.writeUint32(bytes.length);
    this.writeRawBytes(bytes);
  }
}

class ViewDeserializer extends Deserializer {
  readonly #apart: Buffer[];

  constructor(head: Buffer, apart: Buffer[]) {
    super(head);
    this.#apart = apart;
  }

  /** Called by node:v8 for each typed array, in the order of writing. */
  _readHostObject(): ArrayBufferView {
    const Kind = ARRAYS[this.readUint32()];
    const bytes =
      this.readUint32() === 1 ? (this.#apart.shift() as Buffer) : Uint8Array.from(this.readRawBytes(this.readUint32()));
    return new Kind(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength / Kind.BYTES_PER_ELEMENT);
  }
}
