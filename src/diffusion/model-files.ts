import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { ModelFile } from "./card-fields.js";
import { ModelError, REMEDY } from "./model-error.js";

/** A file of a model and where it lies. */
export interface FoundFile extends ModelFile {
  readonly path: string;
  readonly bytes: number;
}

/** Read at a time: files of several gigabytes are checked without being held. */
const READ_BYTES = 1024 * 1024;

/**
 * Reads a file of a model whole.
 *
 * @throws ModelError when its bytes are not those of the card.
 */
export async function readModelFile(file: FoundFile): Promise<Buffer> {
  const parts: Buffer[] = [];
  await eachPart(file, (part) => parts.push(part));
  return Buffer.concat(parts);
}

/**
 * Checks a file of a model against its card, without holding it.
 *
 * @throws ModelError when its bytes are not those of the card.
 */
export async function checkModelFile(file: FoundFile): Promise<void> {
  await eachPart(file, () => {});
}

async function eachPart({ path, sha256 }: FoundFile, take: (part: Buffer) => void): Promise<void> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path, { highWaterMark: READ_BYTES })) {
    hash.update(part as Buffer);
    take(part as Buffer);
  }
  const digest = hash.digest("hex");
  if (digest !== sha256)
    throw new ModelError(`${path} is corrupt: sha256 is ${digest}, the card says ${sha256}. ${REMEDY}`, false);
}
