import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { parseSize } from "../size.js";
import { worldClip } from "./clips.js";
import { writeClip } from "./write-clip.js";

const USAGE = `Writes clips of procedurally made worlds as training data.

  node dist/training/dataset/from-worlds.js --out FOLDER [--first 0] [--clips 100] [--ticks 48] [--size 256x144]

Seeds from 1000000 on are held out: use them for evaluation only.`;

const { values } = parseArgs({
  options: {
    out: { type: "string" },
    first: { type: "string", default: "0" },
    clips: { type: "string", default: "100" },
    ticks: { type: "string", default: "48" },
    size: { type: "string", default: "256x144" },
    help: { type: "boolean", default: false },
  },
});
if (values.help || !values.out) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}
const size = parseSize(values.size, 16);
const ticks = Number(values.ticks);
mkdirSync(values.out, { recursive: true });
let written = 0;
const start = performance.now();
for (let i = 0; i < Number(values.clips); i++) {
  const seed = Number(values.first) + i;
  written += await writeClip(worldClip(seed, ticks, size), values.out);
  console.log(`${i + 1}/${values.clips} clips, ${(written / ((performance.now() - start) / 1000)).toFixed(1)} ticks/s`);
}
