import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import type { FrameSize } from "playblast/scene/picture";
import { parseSize } from "../size.js";
import { takeClip } from "./clips.js";
import { findTakes } from "./find-takes.js";
import { writeClip } from "./write-clip.js";

const USAGE = `Writes clips of recorded takes as training data.

  node dist/training/dataset/from-takes.js --out FOLDER [--ticks 72] [--size 256x144] TAKE...

A TAKE is an .mcap file with the engine's picture (truth or colour planes), or a folder of such files. Take NAME.mcap becomes the clip take-NAME.`;

/** What is asked of the command line. */
interface Request {
  readonly out: string;
  readonly ticks: number;
  readonly size: FrameSize;
  /** Path of each take by the name of its clip. */
  readonly takes: ReadonlyMap<string, string>;
}

/** Reads the command line, or returns undefined where help is asked for. Throws Error that says what to change. */
function readRequest(): Request | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: "string" },
      ticks: { type: "string", default: "72" },
      size: { type: "string", default: "256x144" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  if (!values.out) throw new Error("--out is missing; name the folder that clips are written to");
  const ticks = Number(values.ticks);
  if (!Number.isInteger(ticks) || ticks < 1) {
    throw new Error(`--ticks is '${values.ticks}'; expected a whole number from 1 on`);
  }
  const takes = findTakes(positionals);
  if (takes.size === 0) throw new Error("no take is given; name .mcap files or folders of them");
  return { out: values.out, ticks, size: parseSize(values.size, 16), takes };
}

let request: Request | undefined;
try {
  request = readRequest();
} catch (error) {
  console.error(`from-takes: ${(error as Error).message}\n\n${USAGE}`);
  process.exit(2);
}
if (!request) {
  console.log(USAGE);
  process.exit(0);
}
const { out, ticks, size, takes } = request;
mkdirSync(out, { recursive: true });
const start = performance.now();
let written = 0;
let done = 0;
for (const [name, path] of takes) {
  const clip = await takeClip(path, ticks, size);
  const length = await writeClip({ ...clip, name }, out);
  if (length < ticks) console.error(`${path} has ${length} ticks, fewer than ${ticks}`);
  written += length;
  const rate = (written / ((performance.now() - start) / 1000)).toFixed(1);
  console.log(`${++done}/${takes.size} clips, ${name}, ${rate} ticks/s`);
}
