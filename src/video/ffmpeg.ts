import { spawnSync } from "node:child_process";
import installed from "@ffmpeg-installer/ffmpeg";

/** An ffmpeg that runs. */
export interface Ffmpeg {
  readonly path: string;
  readonly version: string;
}

/**
 * Finds ffmpeg: PLAYBLAST_FFMPEG, then the PATH, then the binary that comes with Playblast.
 *
 * @throws Error saying how to get one when none runs.
 */
export function findFfmpeg(): Ffmpeg {
  const wanted = process.env.PLAYBLAST_FFMPEG;
  const tried: string[] = [];
  for (const path of wanted ? [wanted] : ["ffmpeg", installed.path]) {
    const run = spawnSync(path, ["-hide_banner", "-version"], { encoding: "utf8" });
    const version = /version (\S+)/.exec(run.stdout ?? "")?.[1];
    const encoders = version ? spawnSync(path, ["-hide_banner", "-encoders"], { encoding: "utf8" }).stdout : "";
    if (version && encoders.includes("libx264")) return { path, version };
    tried.push(version ? `${path} (no libx264)` : path);
  }
  throw new Error(
    `no ffmpeg with libx264 runs (tried ${tried.join(", ")}). Install ffmpeg, or set PLAYBLAST_FFMPEG to its path`,
  );
}
