/// <reference path="./fs-native-extensions.d.ts" />
import { constants } from "node:fs";
import { type FileHandle, link, lstat, open, readdir, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { tryLock } from "fs-native-extensions";

/** What a take's name ends in as long as it is being recorded. */
export const PARTIAL = ".partial";
/** The locked byte lies far behind any take's end, so that on Windows, where locks bind everybody, takes can be read meanwhile. */
const LOCK_OFFSET = 2 ** 40;
/** What `link` says where a file system has no hard links. */
const NO_LINKS = new Set(["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK", "EINVAL", "UNKNOWN", "EISDIR"]);

/** A take cannot be made under a name, because something of that name is there. */
export class NameTakenError extends Error {
  /** What is there. */
  readonly path: string;

  constructor(path: string, remedy: string) {
    super(`${path} exists already; ${remedy}`);
    this.name = "NameTakenError";
    this.path = path;
  }
}

/** A file that a take is being written to, owned by its lock. */
export interface PartialFile {
  /** The take's name, without `.partial`. */
  readonly path: string;
  readonly handle: FileHandle;
  /** False where the file system has no locks: nobody can tell then whether the file is still being written. */
  readonly locked: boolean;
}

/**
 * Makes and locks `path.partial`. Overwrites nothing and follows no link; names that differ in case only are the same
 * name, as they are on Windows and macOS.
 *
 * @throws NameTakenError when the take or its partial file exists.
 */
export async function createPartial(path: string): Promise<PartialFile> {
  const partial = path + PARTIAL;
  const taken = await sameName(path);
  if (taken) throw taken.endsWith(PARTIAL) ? beingWritten(taken) : alreadyThere(taken);
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  const handle = await open(partial, flags).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "EEXIST" ? beingWritten(partial) : error;
  });
  const lock = tryOwn(handle);
  if (lock === "taken") {
    await handle.close();
    throw beingWritten(partial);
  }
  return { path, handle, locked: lock === "own" };
}

/** Opens and locks a partial file that was left behind; undefined when somebody writes it, or nobody can tell. */
export async function adoptPartial(partial: string): Promise<PartialFile | undefined> {
  const handle = await open(partial, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
  if (tryOwn(handle) === "own") return { path: partial.slice(0, -PARTIAL.length), handle, locked: true };
  await handle.close();
  return undefined;
}

/**
 * Gives a written partial file its name, or the next free one where somebody took that meanwhile: the file and its
 * folder are on the disk then. Closes it.
 *
 * @returns The name it got.
 * @throws Error when the file is gone or cannot be named; what it holds stays.
 */
export async function publishPartial(file: PartialFile): Promise<string> {
  const partial = file.path + PARTIAL;
  try {
    await file.handle.sync();
    if (!(await isStill(partial, file.handle)))
      throw new Error(`${partial} was removed or replaced while it was being written`);
    const path = await nameFile(partial, freeNames(file.path, ""));
    await syncFolder(dirname(path));
    return path;
  } finally {
    await file.handle.close();
  }
}

/** Removes a partial file that holds nothing, and closes it. */
export async function discardPartial(file: PartialFile): Promise<void> {
  try {
    const partial = file.path + PARTIAL;
    if (await isStill(partial, file.handle)) await unlink(partial);
  } finally {
    await file.handle.close();
  }
}

/** `take.mcap`, then `take-2.mcap`, `take-3.mcap` ...; with a word, `take.mcap`, `take-word.mcap`, `take-word-2.mcap` ... */
export function* freeNames(path: string, word: string): Generator<string> {
  yield path;
  const dot = path.lastIndexOf(".");
  const stem = path.slice(0, dot);
  const suffix = path.slice(dot);
  if (word) yield `${stem}-${word}${suffix}`;
  for (let i = 2; ; i++) yield `${stem}${word && `-${word}`}-${i}${suffix}`;
}

/**
 * Moves a file to the first of the names that is free; never onto another file.
 *
 * @returns The name.
 */
export async function nameFile(from: string, names: Iterable<string>): Promise<string> {
  for (const name of names) {
    try {
      await link(from, name);
      await unlink(from);
      return name;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "";
      if (code === "EEXIST") continue;
      if (!NO_LINKS.has(code)) throw error;
    }
    // Without hard links an empty file of ours keeps the name until the rename.
    const reserved = await open(name, "wx").catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    if (!reserved) continue;
    await reserved.close();
    await rename(from, name);
    return name;
  }
  throw new Error(`no free name for ${from}`);
}

/** Puts a folder's list of names on the disk, where a system can do that. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders, and has nothing to sync there.
  if (process.platform === "win32") return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function tryOwn(handle: FileHandle): "own" | "taken" | "unknown" {
  try {
    return tryLock(handle.fd, LOCK_OFFSET, 1) ? "own" : "taken";
  } catch {
    return "unknown";
  }
}

async function isStill(path: string, handle: FileHandle): Promise<boolean> {
  const there = await lstat(path, { bigint: true }).catch(() => undefined);
  const ours = await handle.stat({ bigint: true });
  return there?.ino === ours.ino && there.dev === ours.dev;
}

/** The take or partial file in the folder that a name would clash with. */
async function sameName(path: string): Promise<string | undefined> {
  const folder = dirname(path);
  const wanted = basename(path).toLowerCase();
  const names = await readdir(folder);
  const clash = names.find((name) => [wanted, wanted + PARTIAL].includes(name.toLowerCase()));
  return clash && join(folder, clash);
}

function alreadyThere(path: string): NameTakenError {
  return new NameTakenError(path, "choose another name or move the old take");
}

function beingWritten(partial: string): NameTakenError {
  return new NameTakenError(
    partial,
    "somebody records under this name, or a crash left it: choose another name, or start the server anew, which recovers it",
  );
}
