import { mkdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { FrameSize } from "../scene/picture.js";
import { numberedPngs, writePng } from "./png-sequence.js";
import { checkWritable, partialName } from "./whole-file.js";

/** Where numbered pictures are written. */
export interface PictureFolder {
  readonly path: string;
  /** Whether numbered pictures that are there are replaced when all new ones are; default: no. */
  readonly overwrite?: boolean;
}

/**
 * Writes pictures into a folder, each named by its tick. In a folder that holds none yet each is there as soon as it is whole, and stays
 * when the work stops. Pictures that are there are replaced all at once, at the end: two sequences never mix.
 */
export class PngFolder {
  readonly #folder: string;
  /** Where pictures are written: the folder, or one of ours in it until all are there. */
  readonly #into: string;
  readonly #isNew: boolean;

  private constructor(folder: string, into: string, isNew: boolean) {
    this.#folder = folder;
    this.#into = into;
    this.#isNew = isNew;
  }

  /**
   * Makes the folder when it is not there; that above it is.
   *
   * @throws Error when it cannot be made or written, is a file, or holds numbered pictures that may not be replaced.
   */
  static async create({ path, overwrite }: PictureFolder): Promise<PngFolder> {
    const found = await stat(path).catch(() => undefined);
    if (!found) {
      try {
        await mkdir(path);
      } catch (error) {
        throw new Error(`${path}: the folder cannot be made (${(error as Error).message})`);
      }
      return new PngFolder(path, path, true);
    }
    if (!found.isDirectory()) throw new Error(`${path}: is a file, not a folder; pass another name`);
    await checkWritable(path);
    const before = await numberedPngs(path);
    if (before.length === 0) return new PngFolder(path, path, false);
    if (!overwrite) {
      const first = basename(before[0].path);
      const names = before.length === 1 ? first : `${first} to ${basename(before[before.length - 1].path)}`;
      throw new Error(
        `${path}: holds ${before.length} numbered pictures already (${names}); pass --overwrite to replace them all, or another folder`,
      );
    }
    const into = partialName(path);
    await mkdir(into);
    return new PngFolder(path, into, false);
  }

  /** Adds the picture of a tick, 8-bit sRGB [H, W, 3]. */
  async write(tick: number, rgb: Uint8Array, size: FrameSize): Promise<void> {
    await writePng(this.#into, tick, rgb, size);
  }

  /** Replaces the pictures that were there before, where that was asked for. */
  async close(): Promise<void> {
    if (this.#into === this.#folder) return;
    for (const { path } of await numberedPngs(this.#folder)) await rm(path);
    for (const { path } of await numberedPngs(this.#into)) await rename(path, join(this.#folder, basename(path)));
    await rmdir(this.#into);
  }

  /** Removes what is not whole; pictures that are stay. Safe to call twice. */
  async abort(): Promise<void> {
    if (this.#into !== this.#folder) await rm(this.#into, { recursive: true, force: true });
    // Fails where pictures are in it, and that is right.
    else if (this.#isNew) await rmdir(this.#folder).catch(() => {});
  }
}
