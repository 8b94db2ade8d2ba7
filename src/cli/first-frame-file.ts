import { readFile, stat } from "node:fs/promises";
import { decodeFirstFrame } from "../protocol/first-frame.js";

/**
 * Reads the file of a first frame and decodes it once, so that a bad one is refused before anything starts.
 *
 * @param path As the user gave it to `--first-frame`.
 * @throws Error that names the option, the file, what is wrong with it and what to do.
 */
export async function readFirstFrameFile(path: string): Promise<Buffer> {
  const option = `--first-frame ${path}`;
  const file = await stat(path).catch(() => undefined);
  if (!file) throw new Error(`${option}: there is no such file; pass a PNG, JPEG or WebP file`);
  if (!file.isFile()) throw new Error(`${option}: is not a file; pass a PNG, JPEG or WebP file`);
  const bytes = await readFile(path);
  await decodeFirstFrame(bytes, option);
  return bytes;
}
