import { randomBytes } from "node:crypto";
import { link, lstat, realpath, rename, rm, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What file systems without hard links answer. */
const WITHOUT_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EINVAL", "UNKNOWN"]);

/** A file that is written under another name, and gets its own when it is whole. */
export interface WholeFile {
  /** What it is called in the end. */
  readonly path: string;
  /** What to write to. In the same folder, so that renaming moves no bytes. */
  readonly partial: string;
  /** Whether a file of its name is replaced. */
  readonly overwrite: boolean;
}

/** A name of ours in a folder, for what is not whole. */
export function partialName(folder: string): string {
  return join(folder, `playblast-${randomBytes(6).toString("hex")}.partial`);
}

/**
 * Makes the empty file that is written to. A link is followed: the file that it names is the one that is replaced.
 *
 * @throws Error when the folder is missing or cannot be written.
 */
export async function beginFile(path: string, overwrite: boolean): Promise<WholeFile> {
  const target = await realpath(path).catch(() => path);
  return { path: target, partial: await makeEmpty(dirname(target)), overwrite };
}

/**
 * Finds before any work whether files can be written into a folder.
 *
 * @throws Error when they cannot.
 */
export async function checkWritable(folder: string): Promise<void> {
  await rm(await makeEmpty(folder));
}

async function makeEmpty(folder: string): Promise<string> {
  const partial = partialName(folder);
  try {
    await writeFile(partial, "", { flag: "wx" });
  } catch (error) {
    throw new Error(`folder ${folder} cannot be written: ${(error as Error).message}`);
  }
  return partial;
}

/**
 * Gives a whole file its name.
 *
 * @throws Error when it cannot, such as when another file has got that name meanwhile and may not be replaced. What was written then
 * stays, and the error says where.
 */
export async function finishFile({ path, partial, overwrite }: WholeFile): Promise<void> {
  try {
    if (overwrite) await rename(partial, path);
    else await renameNew(partial, path);
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}; what was written is whole in ${partial}`);
  }
}

/** Renames a file, but over no other. */
async function renameNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (await lstat(to).catch(() => undefined)) throw new Error("something else has got this name meanwhile");
    // A file system without hard links.
    if (!WITHOUT_LINKS.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return rename(from, to);
  }
  await unlink(from);
}

/** Throws away what was written. Safe to call twice. */
export async function dropFile({ partial }: WholeFile): Promise<void> {
  await rm(partial, { force: true });
}

/**
 * Writes a file that is whole or not there.
 *
 * @param write Gets the path to write to.
 * @param overwrite Whether a file of its name is replaced; default: yes. Otherwise it is an error, as in `finishFile`.
 */
export async function writeWhole(
  path: string,
  write: (partial: string) => Promise<unknown>,
  overwrite = true,
): Promise<void> {
  const file = await beginFile(path, overwrite);
  try {
    await write(file.partial);
  } catch (error) {
    await dropFile(file);
    throw error;
  }
  await finishFile(file);
}
