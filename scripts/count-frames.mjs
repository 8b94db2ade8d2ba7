/** Prints how many pictures a video holds: node scripts/count-frames.mjs FILE */
import { spawnSync } from "node:child_process";
import { findFfmpeg } from "playblast/video/ffmpeg";

const [file] = process.argv.slice(2);
const { stderr } = spawnSync(findFfmpeg().path, ["-hide_banner", "-i", file, "-map", "0:v", "-f", "null", "-"], {
  encoding: "utf8",
});
const counts = [...stderr.matchAll(/frame=\s*(\d+)/g)];
if (counts.length === 0) {
  console.error(`${file}: ffmpeg found no video in it`);
  process.exit(1);
}
console.log(counts[counts.length - 1][1]);
