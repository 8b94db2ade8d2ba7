import type { FileHandle } from "node:fs/promises";
import zstd from "@foxglove/wasm-zstd";
import { MCAP_MAGIC, McapStreamReader, type McapTypes, Opcode } from "@mcap/core";
import { LIMITS } from "../protocol/limits.js";

/** Bytes that a file is read in. */
const BLOCK_BYTES = 1 << 20;
/** Room for the other messages of a chunk that ends with the largest one: the chunks of common writers have 1 to 8 MiB. */
const CHUNK_ROOM = 8 * 1024 * 1024;
/**
 * Bytes that a chunk may have, compressed or not. There is no limit on their ratio: a frame that shows nothing but sky
 * compresses ten thousand times, and what a chunk costs is its size, which is known before it is decompressed.
 */
const MOST_CHUNK_BYTES = LIMITS.maxMessageBytes + CHUNK_ROOM;
/** Bytes that another record that is read may have. Channels have 100, schemas with the whole protocol 20,000. */
const MOST_RECORD_BYTES = 1024 * 1024;
/** Channels that a take may have: ours has seven, and a reader keeps them all. */
const MOST_CHANNELS = 256;
/** Opcode and length before a record's content. */
const RECORD_HEAD = 9;
/** Characters of a library's message that are shown: it may quote the file. */
const MOST_QUOTED = 200;

/** What of a file can be read comes out; then this says why no more does. */
export class McapDamage extends Error {
  /** Where in the file it is. */
  readonly byte: number;

  constructor(byte: number, what: string) {
    super(what);
    this.name = "McapDamage";
    this.byte = byte;
  }
}

type ReadRecord = Extract<McapTypes.TypedMcapRecord, { type: "Schema" | "Channel" | "Message" }>;

/**
 * The schemas, channels and messages of an MCAP file in the order in which they lie there, through its chunks. Holds one
 * chunk at a time: every size that the file declares is checked against a limit and the file's own before memory is taken for it.
 * Attachments, metadata, indexes and records of unknown kinds are passed over unread.
 *
 * @param size Of the file in bytes; what is appended meanwhile is not read.
 * @throws McapDamage after the last whole record of a truncated or damaged file.
 */
export async function* readRecords(file: FileHandle, size: number): AsyncGenerator<ReadRecord> {
  await zstd.isLoaded;
  let at = 0;
  const blocks = new Blocks(file);
  const parser = new McapStreamReader({
    noMagicPrefix: true,
    decompressHandlers: {
      zstd: (data, declared) => {
        if (declared > MOST_CHUNK_BYTES)
          throw new Error(`a chunk declares ${declared} bytes, allowed are ${MOST_CHUNK_BYTES}`);
        return zstd.decompress(data, Number(declared));
      },
    },
  });
  const channels = new Set<number>();
  let ended = false;
  const magic = async (end: "begin" | "end") => {
    if (size - at < MCAP_MAGIC.length) throw new McapDamage(at, "is truncated");
    const bytes = await blocks.read(at, MCAP_MAGIC.length);
    if (!MCAP_MAGIC.every((byte, i) => bytes[i] === byte))
      throw new McapDamage(at, `is damaged (it does not ${end} as an MCAP file does)`);
    at += MCAP_MAGIC.length;
  };
  await magic("begin");
  for (;;) {
    if (size - at < RECORD_HEAD) throw new McapDamage(at, "is truncated");
    const head = await blocks.read(at, RECORD_HEAD);
    const opcode = head.readUInt8(0);
    const length = head.readBigUInt64LE(1);
    if (opcode === 0) throw new McapDamage(at, "is damaged (a record of kind 0, which there is not)");
    const wanted = !ended && READ.has(opcode);
    const most = opcode === Opcode.CHUNK || opcode === Opcode.MESSAGE ? MOST_CHUNK_BYTES : MOST_RECORD_BYTES;
    if (wanted && length > most)
      throw new McapDamage(
        at,
        `is damaged (a record (${nameOf(opcode)}) declares ${length} bytes, allowed are ${most})`,
      );
    if (length > size - at - RECORD_HEAD)
      throw new McapDamage(
        at,
        `is truncated (a record (${nameOf(opcode)}) declares ${length} bytes, ${size - at - RECORD_HEAD} are there)`,
      );
    const next = at + RECORD_HEAD + Number(length);
    if (opcode === Opcode.FOOTER) {
      at = next;
      await magic("end");
      if (at < size) throw new McapDamage(at, `is damaged (${size - at} bytes come after its end)`);
      return;
    }
    // What comes after the data repeats schemas and channels for readers that jump.
    if (opcode === Opcode.DATA_END) ended = true;
    if (wanted) {
      try {
        parser.append(await blocks.read(at, next - at));
        for (let record = parser.nextRecord(); record; record = parser.nextRecord()) {
          if (record.type === "Channel" && channels.add(record.id).size > MOST_CHANNELS)
            throw new Error(`it has more than ${MOST_CHANNELS} channels`);
          if (record.type === "Schema" || record.type === "Channel" || record.type === "Message") yield record;
        }
      } catch (error) {
        throw new McapDamage(at, `is damaged (${(error as Error).message.slice(0, MOST_QUOTED)})`);
      }
    }
    at = next;
  }
}

/** Records that matter to a take. */
const READ: ReadonlySet<number> = new Set([Opcode.HEADER, Opcode.SCHEMA, Opcode.CHANNEL, Opcode.MESSAGE, Opcode.CHUNK]);

function nameOf(opcode: number): string {
  return Opcode[opcode]?.toLowerCase().replaceAll("_", " ") ?? `of kind ${opcode}`;
}

/** A file's bytes, read in blocks. */
class Blocks {
  readonly #file: FileHandle;
  #block: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Bytes that are there; they may change with the next read. */
  async read(at: number, length: number): Promise<Buffer> {
    const from = at - this.#start;
    if (from >= 0 && from + length <= this.#block.length) return this.#block.subarray(from, from + length);
    const block = Buffer.allocUnsafe(Math.max(length, BLOCK_BYTES));
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#file.read(block, filled, block.length - filled, at + filled);
      if (bytesRead === 0) throw new McapDamage(at + filled, "became shorter while it was read");
      filled += bytesRead;
    }
    this.#block = block.subarray(0, filled);
    this.#start = at;
    return this.#block.subarray(0, length);
  }
}
