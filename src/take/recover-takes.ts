import { constants, writeSync } from "node:fs";
import { type FileHandle, open, readdir, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import zstd from "@foxglove/wasm-zstd";
import { EMPTY_BYTES, McapChunks } from "./mcap-chunks.js";
import { McapDamage, readRecords } from "./mcap-records.js";
import {
  adoptPartial,
  discardPartial,
  freeNames,
  nameFile,
  PARTIAL,
  type PartialFile,
  syncFolder,
} from "./partial-file.js";

/** Of zstd, for a take that is written anew. */
const LEVEL = 3;

/** What became of a file that a crash had left behind. */
export interface Recovery {
  /** The file. It is there no more where a take was made of it, or it held nothing. */
  readonly partial: string;
  /** The take that was made of it, or undefined. */
  readonly take: string | undefined;
  /** Messages in the take. */
  readonly messages: number;
  /** Why there is no take. */
  readonly problem: string | undefined;
}

/** The partial files in a folder, whoever owns them. */
export async function partialsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name.endsWith(`.mcap${PARTIAL}`)).map((name) => join(folder, name));
}

/**
 * Makes takes of the partial files in a folder that nobody writes any more: whole and indexed, up to the last whole chunk,
 * under a free name. A partial file is removed when its take is on the disk. Compresses on the calling thread.
 */
export async function* recoverTakes(folder: string): AsyncGenerator<Recovery> {
  await zstd.isLoaded;
  for (const partial of await partialsIn(folder)) {
    try {
      const file = await adoptPartial(partial);
      if (file) yield { partial, ...(await recover(file)) };
    } catch (error) {
      yield { partial, take: undefined, messages: 0, problem: (error as Error).message };
    }
  }
}

/** Closes the file. */
async function recover(file: PartialFile): Promise<Omit<Recovery, "partial">> {
  const { size } = await file.handle.stat();
  if (size <= EMPTY_BYTES) {
    await discardPartial(file);
    return { take: undefined, messages: 0, problem: "it held nothing, and was removed" };
  }
  // Nobody else writes this: only the owner of the partial file's lock does.
  const rewritten = join(dirname(file.path), `.${basename(file.path)}.recovering`);
  await unlink(rewritten).catch(() => {});
  const to = await open(rewritten, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL);
  let messages: number;
  try {
    messages = await copyWhole(file.handle, size, to);
    await to.sync();
  } catch (error) {
    await unlink(rewritten).catch(() => {});
    await file.handle.close();
    throw error;
  } finally {
    await to.close();
  }
  if (messages === 0) {
    await unlink(rewritten);
    await file.handle.close();
    return { take: undefined, messages, problem: "none of it is whole; move it away to use its name again" };
  }
  const take = await nameFile(rewritten, freeNames(file.path, "recovered"));
  await syncFolder(dirname(take));
  await discardPartial(file);
  return { take, messages, problem: undefined };
}

/** Writes what is whole of one file to another; gives the number of messages. */
async function copyWhole(from: FileHandle, size: number, to: FileHandle): Promise<number> {
  const mcap = new McapChunks((bytes) => {
    for (let at = 0; at < bytes.length; ) at += writeSync(to.fd, bytes, at);
  }, LEVEL);
  const schemas = new Map<number, { name: string; data: Uint8Array }>();
  const channels = new Map<number, number>();
  let messages = 0;
  try {
    for await (const record of readRecords(from, size)) {
      if (record.type === "Schema") schemas.set(record.id, record);
      else if (record.type === "Channel") {
        const schema = schemas.get(record.schemaId);
        if (schema && !channels.has(record.id)) channels.set(record.id, mcap.channel(record.topic, schema));
      } else {
        const channelId = channels.get(record.channelId);
        if (channelId === undefined) continue;
        mcap.add({ channelId, logTime: record.logTime, publishTime: record.publishTime, data: record.data });
        messages++;
      }
    }
  } catch (error) {
    // What a crash tore off.
    if (!(error instanceof McapDamage)) throw error;
  }
  mcap.end();
  return messages;
}
