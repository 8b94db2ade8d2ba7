import { spawnSync } from "node:child_process";
import { chmodSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import ffmpeg from "fluent-ffmpeg";

/** A run of ffmpeg that is being put together. */
export type FfmpegCommand = ffmpeg.FfmpegCommand;

/** Where an ffmpeg was found. */
export type FfmpegSource = "PLAYBLAST_FFMPEG" | "PATH" | "npm";

/** An ffmpeg that runs and encodes H.264. */
export interface Ffmpeg {
  readonly path: string;
  readonly source: FfmpegSource;
  readonly version: string;
  /** Last year of its copyright line: about when it was built. Undefined when it says none. */
  readonly year: number | undefined;
  /** What its build was configured with decides. */
  readonly license: string;
  /** Whether it may be passed on at all. */
  readonly isRedistributable: boolean;
}

const ENCODER = "libx264";
const OWNER_RUNS = 0o100;

/**
 * Finds ffmpeg: PLAYBLAST_FFMPEG alone where it is set; otherwise on the PATH, and last the old build that npm brings.
 *
 * @throws Error saying how to get one when none runs.
 */
export function findFfmpeg(): Ffmpeg {
  const wanted = process.env.PLAYBLAST_FFMPEG;
  const places: [FfmpegSource, () => string | undefined][] = wanted
    ? [["PLAYBLAST_FFMPEG", () => wanted]]
    : [
        ["PATH", () => "ffmpeg"],
        ["npm", installedPath],
      ];
  const tried: string[] = [];
  for (const [source, find] of places) {
    const path = find();
    if (path === undefined) {
      tried.push(`npm: no build for ${process.platform}-${process.arch}`);
      continue;
    }
    const said = outputOf(path, "-version");
    const version = /version (\S+)/.exec(said)?.[1];
    if (version && outputOf(path, "-encoders").includes(ENCODER)) {
      return { path, source, version, year: yearOf(said), ...licenseOf(said) };
    }
    tried.push(`${source}: ${path} ${version ? `has no ${ENCODER}` : "does not run"}`);
  }
  const remedy = wanted
    ? "Set PLAYBLAST_FFMPEG to the path of one, or unset it"
    : "Install ffmpeg so that it is on the PATH, or set PLAYBLAST_FFMPEG to its path";
  throw new Error(`no ffmpeg with ${ENCODER} was found (${tried.join("; ")}). ${remedy}`);
}

/**
 * Begins a run of the ffmpeg that was found.
 *
 * @throws Error when there is none.
 */
export function ffmpegCommand(): FfmpegCommand {
  return ffmpeg().setFfmpegPath(findFfmpeg().path);
}

/** The binary that npm brings for this machine; undefined where there is none. */
function installedPath(): string | undefined {
  const name = `@ffmpeg-installer/${process.platform}-${process.arch}`;
  let path: string;
  try {
    const description = createRequire(import.meta.url).resolve(`${name}/package.json`);
    path = join(dirname(description), process.platform === "win32" ? "ffmpeg.exe" : "ffmpeg");
  } catch {
    return undefined;
  }
  // Its package makes it executable in an install script, which npm runs only where it is allowed to.
  const { mode } = statSync(path);
  if (process.platform !== "win32" && (mode & OWNER_RUNS) === 0) {
    try {
      chmodSync(path, mode | 0o111);
    } catch {
      // Somebody else's file: it is then said not to run.
    }
  }
  return path;
}

function outputOf(path: string, option: string): string {
  return spawnSync(path, ["-hide_banner", option], { encoding: "utf8" }).stdout ?? "";
}

function yearOf(said: string): number | undefined {
  const year = /Copyright \(c\) (?:\d{4}-)?(\d{4})/.exec(said)?.[1];
  return year === undefined ? undefined : Number(year);
}

/** By which of its parts an ffmpeg is licensed; see https://ffmpeg.org/legal.html. */
function licenseOf(said: string): { license: string; isRedistributable: boolean } {
  const has = (flag: string) => said.includes(`--enable-${flag}`);
  if (has("nonfree")) return { license: "not redistributable (--enable-nonfree)", isRedistributable: false };
  const version3 = has("version3");
  const license = has("gpl") ? `GPL ${version3 ? 3 : 2} or later` : `LGPL ${version3 ? "3" : "2.1"} or later`;
  return { license, isRedistributable: true };
}
