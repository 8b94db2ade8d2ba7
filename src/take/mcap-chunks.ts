import { crc32 } from "@foxglove/crc";
import zstd from "@foxglove/wasm-zstd";
import { McapChunkBuilder, McapRecordBuilder, type McapTypes, Opcode } from "@mcap/core";

/** Bytes before compression after which a chunk is complete: large enough to compress well. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/** A file of at most so many bytes has no chunk: magic and header alone. */
export const EMPTY_BYTES = 64;

/** A message as it goes into a chunk. Times are in nanoseconds. */
export interface RawMessage {
  readonly channelId: number;
  readonly logTime: bigint;
  readonly publishTime: bigint;
  readonly data: Uint8Array;
}

/**
 * Writes an MCAP file of zstd chunks from start to end, synchronously: for a thread of its own. `@mcap/core`'s writer
 * closes a chunk by its size only; this one also when `flush` says so. Await `zstd.isLoaded` before the first message.
 * Whatever `write` throws comes out of the call that wrote, and nothing is to be called afterwards.
 */
export class McapChunks {
  /** Chunks that were written whole. */
  chunks = 0;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #level: number;
  #chunk = new McapChunkBuilder({});
  #records = new McapRecordBuilder({ padRecords: false });
  readonly #schemas: McapTypes.Schema[] = [];
  readonly #channels: McapTypes.Channel[] = [];
  readonly #written = new Set<number>();
  readonly #indexes: McapTypes.ChunkIndex[] = [];
  readonly #counts = new Map<number, bigint>();
  #messages = 0n;
  #first: bigint | undefined;
  #last = 0n;
  #position = 0n;

  /**
   * @param write Appends all of the bytes to the file, or throws.
   * @param level Of zstd, 1 to 22.
   */
  constructor(write: (bytes: Uint8Array) => void, level: number) {
    this.#write = write;
    this.#level = level;
    this.#records.writeMagic();
    this.#records.writeHeader({ profile: "playblast", library: "playblast" });
    this.#put();
  }

  /** Declares a channel and its schema; gives the channel's id. It is written before its first message. */
  channel(topic: string, schema: { readonly name: string; readonly data: Uint8Array }): number {
    const schemaId = this.#schemas.length + 1;
    const id = this.#channels.length;
    this.#schemas.push({ id: schemaId, encoding: "protobuf", name: schema.name, data: schema.data });
    this.#channels.push({ id, schemaId, topic, messageEncoding: "protobuf", metadata: new Map() });
    return id;
  }

  /** Adds a message to the chunk, and writes the chunk when it is full. */
  add(message: RawMessage): void {
    const { channelId, logTime } = message;
    if (!this.#written.has(channelId)) {
      this.#chunk.addSchema(this.#schemas[channelId]);
      this.#chunk.addChannel(this.#channels[channelId]);
      this.#written.add(channelId);
    }
    this.#chunk.addMessage({ ...message, sequence: Number(this.#messages & 0xffffffffn) });
    this.#messages++;
    this.#counts.set(channelId, (this.#counts.get(channelId) ?? 0n) + 1n);
    if (this.#first === undefined || logTime < this.#first) this.#first = logTime;
    if (logTime > this.#last) this.#last = logTime;
    if (this.#chunk.byteLength >= CHUNK_BYTES) this.flush();
  }

  /** Writes the chunk as it is, if it holds a message. */
  flush(): void {
    if (this.#chunk.numMessages === 0) return;
    const plain = this.#chunk.buffer;
    const records = zstd.compress(plain, this.#level);
    const { messageStartTime, messageEndTime } = this.#chunk;
    const start = this.#position;
    this.#records.writeChunk({
      messageStartTime,
      messageEndTime,
      uncompressedSize: BigInt(plain.length),
      uncompressedCrc: crc32(plain),
      compression: "zstd",
      records,
    });
    const chunkLength = BigInt(this.#records.length);
    const messageIndexOffsets = new Map<number, bigint>();
    for (const index of this.#chunk.indices) {
      messageIndexOffsets.set(index.channelId, start + BigInt(this.#records.length));
      this.#records.writeMessageIndex(index);
    }
    const messageIndexLength = BigInt(this.#records.length) - chunkLength;
    this.#put();
    this.chunks++;
    this.#indexes.push({
      messageStartTime,
      messageEndTime,
      chunkStartOffset: start,
      chunkLength,
      messageIndexOffsets,
      messageIndexLength,
      compression: "zstd",
      compressedSize: BigInt(records.length),
      uncompressedSize: BigInt(plain.length),
    });
    if (plain.length < 2 * CHUNK_BYTES) this.#chunk.reset();
    else {
      // Builders never give memory back, and one large message need not be paid for until the end.
      this.#chunk = new McapChunkBuilder({});
      this.#records = new McapRecordBuilder({ padRecords: false });
    }
  }

  /** Writes the last chunk and the summary. The file is whole then. */
  end(): void {
    this.flush();
    this.#records.writeDataEnd({ dataSectionCrc: 0 });
    this.#put();
    const summaryStart = this.#position;
    const written = this.#channels.filter(({ id }) => this.#written.has(id));
    const groups: [Opcode, () => void][] = [
      [Opcode.SCHEMA, () => written.forEach(({ id }) => void this.#records.writeSchema(this.#schemas[id]))],
      [Opcode.CHANNEL, () => written.forEach((channel) => void this.#records.writeChannel(channel))],
      [Opcode.STATISTICS, () => void this.#records.writeStatistics(this.#statistics(written.length))],
      [Opcode.CHUNK_INDEX, () => this.#indexes.forEach((index) => void this.#records.writeChunkIndex(index))],
    ];
    const offsets = groups.map(([groupOpcode, writeGroup]) => {
      const groupStart = summaryStart + BigInt(this.#records.length);
      writeGroup();
      return { groupOpcode, groupStart, groupLength: summaryStart + BigInt(this.#records.length) - groupStart };
    });
    const summaryOffsetStart = summaryStart + BigInt(this.#records.length);
    for (const offset of offsets) if (offset.groupLength > 0n) this.#records.writeSummaryOffset(offset);
    // A checksum of 0 says that there is none; the chunks have their own.
    this.#records.writeFooter({ summaryStart, summaryOffsetStart, summaryCrc: 0 });
    this.#records.writeMagic();
    this.#put();
  }

  #statistics(channelCount: number): McapTypes.Statistics {
    return {
      messageCount: this.#messages,
      schemaCount: channelCount,
      channelCount,
      attachmentCount: 0,
      metadataCount: 0,
      chunkCount: this.chunks,
      messageStartTime: this.#first ?? 0n,
      messageEndTime: this.#last,
      channelMessageCounts: this.#counts,
    };
  }

  #put(): void {
    const bytes = this.#records.buffer;
    this.#write(bytes);
    this.#position += BigInt(bytes.length);
    this.#records.reset();
  }
}
