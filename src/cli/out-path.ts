import { lstat, realpath, stat } from "node:fs/promises";
import { dirname, extname, resolve, sep } from "node:path";
import { findFfmpeg } from "../video/ffmpeg.js";
import type { PictureFolder } from "../video/png-folder.js";
import type { Container, VideoFile } from "../video/video-writer.js";
import { checkWritable } from "../video/whole-file.js";

const CONTAINERS: Readonly<Record<string, Container>> = { ".mp4": "mp4", ".mov": "mov" };
const VIDEOS = Object.keys(CONTAINERS).join(" or ");

/** Where a command writes: a video, or a folder of numbered pictures. */
export type Out = { readonly video: VideoFile } | { readonly folder: PictureFolder };

/**
 * Says what a path that a user gave as a video or a folder names, before any work: a name without an ending, one with a slash behind it, or
 * a folder that is there is a folder.
 *
 * @throws Error when nothing can be written there, or something is there and may not be replaced.
 */
export async function outAt(path: string, overwrite = false): Promise<Out> {
  if (path === "") throw new Error(`no path was given; pass a name that ends in ${VIDEOS}, or a folder`);
  const isFolder = extname(path) === "" || endsInSlash(path) || (await isDirectory(path));
  if (!isFolder || containerOf(path)) {
    return { video: await videoAt(path, overwrite, ", or a folder: a name without an ending, or with / behind it") };
  }
  await checkParent(path);
  return { folder: { path, overwrite } };
}

/**
 * The video that a path names, before any work.
 *
 * @param alternative What else could be given, for the error about its ending.
 * @throws Error when no video can be written there, or a file is there and may not be replaced.
 */
export async function videoAt(path: string, overwrite = false, alternative = ""): Promise<VideoFile> {
  const container = containerOf(path);
  if (!container) {
    const ending = extname(path);
    throw new Error(
      `${path}: ${ending ? `ends in ${ending}` : "has no ending"}; pass a name that ends in ${VIDEOS}${alternative}`,
    );
  }
  await checkParent(path);
  if (await lstat(path).catch(() => undefined)) {
    const file = await stat(path).catch(() => undefined);
    if (file && !file.isFile()) throw new Error(`${path}: is not a file; choose another name`);
    if (!overwrite) throw new Error(`${path}: is there already; pass --overwrite to replace it, or another name`);
  }
  await checkWritable(dirname(await realpath(path).catch(() => path)));
  findFfmpeg();
  return { path, container, overwrite };
}

function containerOf(path: string): Container | undefined {
  return endsInSlash(path) ? undefined : CONTAINERS[extname(path).toLowerCase()];
}

function endsInSlash(path: string): boolean {
  return path.endsWith("/") || path.endsWith(sep);
}

async function checkParent(path: string): Promise<void> {
  const parent = dirname(resolve(path));
  const found = await stat(parent).catch(() => undefined);
  if (!found) throw new Error(`${path}: folder ${parent} is missing; make it first`);
  if (!found.isDirectory()) throw new Error(`${path}: ${parent} is a file, not a folder; choose another name`);
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
