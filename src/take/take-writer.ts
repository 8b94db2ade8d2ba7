import { type FileHandle, open, rename } from "node:fs/promises";
import zstd from "@foxglove/wasm-zstd";
import { McapWriter } from "@mcap/core";
import type { ShotMessage } from "../protocol/codec.js";
import { protocolDescriptor } from "./schemas.js";
import { TAKE_CHANNELS } from "./take-messages.js";

/** Bytes before compression after which a chunk is written: a crash loses at most this much. */
const CHUNK_BYTES = 4 * 1024 * 1024;
const NANOSECONDS = 1e9;

/**
 * Records a shot stream as MCAP: a channel a kind of message, protobuf schemas inside, zstd chunks. Written under
 * `NAME.partial`, which can be read up to its last chunk, and renamed when closed.
 */
export class TakeWriter {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #mcap: McapWriter;
  readonly #channels: ReadonlyMap<ShotMessage["$case"], number>;
  #queue: Promise<void> = Promise.resolve();
  #sequence = 0;
  #closed: Promise<void> | undefined;

  private constructor(
    path: string,
    file: FileHandle,
    mcap: McapWriter,
    channels: ReadonlyMap<ShotMessage["$case"], number>,
  ) {
    this.path = path;
    this.#file = file;
    this.#mcap = mcap;
    this.#channels = channels;
  }

  /** Starts a take. Throws where the file cannot be made. */
  static async create(path: string, level = 3): Promise<TakeWriter> {
    await zstd.isLoaded;
    const file = await open(`${path}.partial`, "w");
    let position = 0n;
    const mcap = new McapWriter({
      writable: {
        write: async (data) => {
          await file.write(data);
          position += BigInt(data.byteLength);
        },
        position: () => position,
      },
      chunkSize: CHUNK_BYTES,
      compressChunk: (data) => ({ compression: "zstd", compressedData: zstd.compress(data, level) }),
    });
    await mcap.start({ profile: "playblast", library: "playblast" });
    const data = protocolDescriptor();
    const channels = new Map<ShotMessage["$case"], number>();
    for (const [kind, { topic, schema }] of Object.entries(TAKE_CHANNELS)) {
      const schemaId = await mcap.registerSchema({ name: schema, encoding: "protobuf", data });
      const id = await mcap.registerChannel({ schemaId, topic, messageEncoding: "protobuf", metadata: new Map() });
      channels.set(kind as ShotMessage["$case"], id);
    }
    return new TakeWriter(path, file, mcap, channels);
  }

  /** Adds a message; resolves when it is in the current chunk. `arrival` is in seconds since 1970. */
  write(message: ShotMessage, arrival = Date.now() / 1000): Promise<void> {
    const data = TAKE_CHANNELS[message.$case].codec.encode(message.value).finish();
    const logTime = BigInt(Math.round(arrival * NANOSECONDS));
    const sceneTime = message.$case === "engineFrame" ? message.value.time : undefined;
    const publishTime = sceneTime === undefined ? logTime : BigInt(Math.round(Math.max(0, sceneTime) * NANOSECONDS));
    const channelId = this.#channels.get(message.$case) as number;
    this.#queue = this.#queue.then(() =>
      this.#mcap.addMessage({ channelId, sequence: this.#sequence++, logTime, publishTime, data }),
    );
    return this.#queue;
  }

  /** Ends the take and gives it its name. Safe to call twice. */
  close(): Promise<void> {
    this.#closed ??= this.#queue.then(async () => {
      await this.#mcap.end();
      await this.#file.sync();
      await this.#file.close();
      await rename(`${this.path}.partial`, this.path);
    });
    return this.#closed;
  }
}
