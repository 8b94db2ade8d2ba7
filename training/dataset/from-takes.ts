import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import type { FrameSize } from "playblast/scene/picture";
import { parseSize } from "../size.js";
import { takeClip } from "./clips.js";
import { writeClip } from "./write-clip.js";

const USAGE = `Writes clips of recorded takes as training data.

  node dist/training/dataset/from-takes.js --out FOLDER [--ticks 72] [--size 256x144] TAKE...

A TAKE is an .mcap file with truth planes, or a folder of such files. Take NAME.mcap becomes the clip take-NAME.`;

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
  return { out: values.out, ticks, size: parseSize(values.size, 16), takes: namedTakes(positionals) };
}

function namedTakes(paths: readonly string[]): ReadonlyMap<string, string> {
  const takes = new Map<string, string>();
  for (const path of paths.flatMap(takesAt)) {
    const name = `take-${basename(path, ".mcap")}`;
    const other = takes.get(name);
    if (other) throw new Error(`${other} and ${path} would both become the clip ${name}; rename one of them`);
    takes.set(name, path);
  }
  if (takes.size === 0) throw new Error("no take is given; name .mcap files or folders of them");
  return takes;
}

function takesAt(path: string): string[] {
  if (!existsSync(path)) throw new Error(`there is no take ${path}`);
  if (!statSync(path).isDirectory()) {
    if (!path.endsWith(".mcap")) throw new Error(`${path} is no take; expected an .mcap file or a folder of them`);
    return [path];
  }
  const names = readdirSync(path).filter((name) => name.endsWith(".mcap"));
  if (names.length === 0) throw new Error(`folder ${path} holds no .mcap file`);
  return names.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).map((name) => join(path, name));
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
