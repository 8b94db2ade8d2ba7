import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import zstd from "@foxglove/wasm-zstd";
import { McapStreamReader } from "@mcap/core";
import type { ShotMessage } from "../protocol/codec.js";
import { TAKE_CHANNELS } from "./take-messages.js";

/** A take that cannot be read, or not to its end. */
export class TakeError extends Error {
  readonly path: string;
  /** Bytes of the file that were whole. */
  readonly byte: number;

  /** @param what What is wrong with it and what to do. */
  constructor(path: string, byte: number, what: string) {
    super(`take ${path}: ${what}`);
    this.name = "TakeError";
    this.path = path;
    this.byte = byte;
  }
}

/**
 * The messages of a take in the order in which they came, never holding more than a chunk in memory.
 *
 * @param options.allowTruncated End quietly where a truncated or damaged take ends.
 * @throws TakeError after the last whole message of a truncated or damaged take, and when there is none or no such file.
 */
export async function* readTake(
  path: string,
  options: { readonly allowTruncated?: boolean } = {},
): AsyncGenerator<ShotMessage> {
  const file = await stat(path).catch(() => undefined);
  if (!file) throw new TakeError(path, 0, "there is no such file; check the path");
  if (!file.isFile()) throw new TakeError(path, 0, "is not a file; pass one take (.mcap)");
  if (file.size === 0) throw new TakeError(path, 0, "is empty (0 bytes); record it again");
  await zstd.isLoaded;
  const reader = new McapStreamReader({
    decompressHandlers: { zstd: (data, size) => zstd.decompress(data, Number(size)) },
  });
  const kindOfTopic = new Map(
    Object.entries(TAKE_CHANNELS).map(([kind, { topic }]) => [topic, kind as ShotMessage["$case"]]),
  );
  const kinds = new Map<number, ShotMessage["$case"]>();
  let read = 0;
  let whole = 0;
  const broken = (what: string) => {
    const byte = Math.max(0, read - reader.bytesRemaining());
    const remedy =
      whole === 0
        ? "Nothing before is whole: record the take again"
        : "What comes before is whole: render it with --allow-truncated, or record the take again";
    return new TakeError(path, byte, `${what} at byte ${byte}. ${remedy}`);
  };
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
          if (!kind) continue;
          const message = { $case: kind, value: TAKE_CHANNELS[kind].codec.decode(record.data) } as ShotMessage;
          whole++;
          yield message;
        }
      }
    }
  } catch (error) {
    if (options.allowTruncated && whole > 0) return;
    throw broken(`is damaged (${(error as Error).message})`);
  }
  if (!reader.done() && !(options.allowTruncated && whole > 0)) throw broken("is truncated");
}
