import { createReadStream } from "node:fs";
import { access } from "node:fs/promises";
import zstd from "@foxglove/wasm-zstd";
import { McapStreamReader } from "@mcap/core";
import type { ShotMessage } from "../protocol/codec.js";
import { TAKE_CHANNELS } from "./take-messages.js";

/** A take that cannot be read to its end. */
export class TakeError extends Error {
  readonly path: string;
  /** Bytes of the file that were whole. */
  readonly byte: number;

  constructor(path: string, byte: number, what: string) {
    super(
      `take ${path}: ${what} at byte ${byte}. What comes before is whole: render it with --allow-truncated, or record the take again`,
    );
    this.name = "TakeError";
    this.path = path;
    this.byte = byte;
  }
}

/**
 * The messages of a take in the order in which they came, never holding more than a chunk in memory.
 *
 * @param options.allowTruncated End quietly where a truncated or damaged take ends.
 * @throws TakeError after the last whole message of a truncated or damaged take, and when there is no such file.
 */
export async function* readTake(
  path: string,
  options: { readonly allowTruncated?: boolean } = {},
): AsyncGenerator<ShotMessage> {
  try {
    await access(path);
  } catch {
    throw new TakeError(path, 0, "there is no such file");
  }
  await zstd.isLoaded;
  const reader = new McapStreamReader({
    decompressHandlers: { zstd: (data, size) => zstd.decompress(data, Number(size)) },
  });
  const kindOfTopic = new Map(
    Object.entries(TAKE_CHANNELS).map(([kind, { topic }]) => [topic, kind as ShotMessage["$case"]]),
  );
  const kinds = new Map<number, ShotMessage["$case"]>();
  let read = 0;
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: 1 << 20 })) {
      read += bytes.length;
      reader.append(bytes);
      for (let record = reader.nextRecord(); record; record = reader.nextRecord()) {
        if (record.type === "Channel") {
          const kind = kindOfTopic.get(record.topic);
          if (kind) kinds.set(record.id, kind);
        } else if (record.type === "Message") {
          const kind = kinds.get(record.channelId);
          if (kind) yield { $case: kind, value: TAKE_CHANNELS[kind].codec.decode(record.data) } as ShotMessage;
        }
      }
    }
  } catch (error) {
    if (options.allowTruncated) return;
    throw new TakeError(path, Math.max(0, read - reader.bytesRemaining()), `is damaged (${(error as Error).message})`);
  }
  if (!reader.done() && !options.allowTruncated)
    throw new TakeError(path, read - reader.bytesRemaining(), "is truncated");
}
