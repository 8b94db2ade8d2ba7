import { type FileHandle, open } from "node:fs/promises";
import type { ShotMessage } from "../protocol/codec.js";
import { BadRequestError } from "../protocol/errors.js";
import { McapDamage, readRecords } from "./mcap-records.js";
import { decodeEntry, TAKE_CHANNELS, type TakeEntry, wireName } from "./take-messages.js";

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

/** How a take is read. */
export interface ReadOptions {
  /** End quietly where a truncated or damaged take ends. */
  readonly allowTruncated?: boolean;
}

const KIND_OF_TOPIC = new Map(
  Object.entries(TAKE_CHANNELS).map(([kind, { topic }]) => [topic, kind as ShotMessage["$case"]]),
);

/**
 * The messages of a take in the order in which they came, never holding more than a chunk in memory.
 *
 * @throws TakeError after the last whole message of a truncated or damaged take, at a message that no server would decode,
 * and when there is none or no such file.
 */
export async function* readTake(path: string, options: ReadOptions = {}): AsyncGenerator<ShotMessage> {
  let index = 0;
  for await (const entry of readEntries(path, options)) {
    yield decode(path, entry, index++);
  }
}

function decode(path: string, entry: TakeEntry, index: number): ShotMessage {
  try {
    return decodeEntry(entry);
  } catch (error) {
    if (!(error instanceof BadRequestError)) throw error;
    const which = `message ${index}, ${wireName(entry.kind)}`;
    throw new TakeError(
      path,
      0,
      `is damaged (${which}: ${error.message}). Render it with --allow-truncated, which leaves such messages out, or record it again`,
    );
  }
}

/**
 * The messages of a take, not decoded; see `readTake`.
 *
 * @throws TakeError after the last whole message of a truncated or damaged take, and when there is none or no such file.
 */
export async function* readEntries(path: string, options: ReadOptions = {}): AsyncGenerator<TakeEntry> {
  const { file, size } = await openTake(path);
  const kinds = new Map<number, ShotMessage["$case"]>();
  let whole = 0;
  try {
    for await (const record of readRecords(file, size)) {
      if (record.type === "Channel") {
        const kind = KIND_OF_TOPIC.get(record.topic);
        if (kind) kinds.set(record.id, kind);
      } else if (record.type === "Message") {
        const kind = kinds.get(record.channelId);
        if (!kind) continue;
        whole++;
        yield { kind, data: record.data };
      }
    }
  } catch (error) {
    if (!(error instanceof McapDamage)) throw error;
    if (options.allowTruncated && whole > 0) return;
    const remedy =
      whole === 0
        ? "Nothing before is whole: record the take again"
        : "What comes before is whole: render it with --allow-truncated, or record the take again";
    throw new TakeError(path, error.byte, `${error.message} at byte ${error.byte}. ${remedy}`);
  } finally {
    await file.close();
  }
}

async function openTake(path: string): Promise<{ file: FileHandle; size: number }> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    throw new TakeError(
      path,
      0,
      error.code === "ENOENT" ? "there is no such file; check the path" : `cannot be opened (${error.message})`,
    );
  });
  const about = await file.stat();
  const refusal = !about.isFile()
    ? "is not a file; pass one take (.mcap)"
    : about.size === 0
      ? "is empty (0 bytes); record it again"
      : undefined;
  if (!refusal) return { file, size: about.size };
  await file.close();
  throw new TakeError(path, 0, refusal);
}
