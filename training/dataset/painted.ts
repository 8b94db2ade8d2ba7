import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import type { EngineFrame } from "playblast/scene/engine-frame";
import { parseSize } from "../size.js";
import { planChunks } from "./chunk-plan.js";
import { takeClip, worldClip } from "./clips.js";
import { findTakes } from "./find-takes.js";
import { paintClip } from "./paint-clip.js";
import { writePainted } from "./write-painted.js";

const USAGE = `Writes clips in random looks, as a network is fed them, as training data: of procedurally made worlds, then of recorded takes.

  node dist/training/dataset/painted.js --out FOLDER [--first 0] [--clips 100] [--looks 1] [--ticks 96] [--stride 3]
      [--size 256x144] [--minutes M] [TAKES]

Of every world and take --looks clips are made, each in a look of its own. One chunk of four frames in --stride is written; of the others only what
memory keeps is conditioned. After --minutes no further clip is begun. TAKES are .mcap files with truth planes, or folders of them.
Seeds from 1000000 on are held out: use them for evaluation only.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string" },
    first: { type: "string", default: "0" },
    clips: { type: "string", default: "100" },
    looks: { type: "string", default: "1" },
    ticks: { type: "string", default: "96" },
    stride: { type: "string", default: "3" },
    size: { type: "string", default: "256x144" },
    minutes: { type: "string", default: "Infinity" },
    help: { type: "boolean", default: false },
  },
});
if (values.help || !values.out) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}
const { out } = values;
const size = parseSize(values.size, 16);
const [first, worlds, looks, ticks, stride] = [
  values.first,
  values.clips,
  values.looks,
  values.ticks,
  values.stride,
].map(Number);
const end = performance.now() + 60_000 * Number(values.minutes);
const takes = [...findTakes(positionals).values()];
mkdirSync(out, { recursive: true });
const start = performance.now();
let written = 0;
for (let i = 0; i < worlds + takes.length && performance.now() < end; i++) {
  const seed = first + i;
  const plan = planChunks(ticks, stride, seed % stride);
  const planned = new Set(plan.map(({ index }) => index));
  const wanted = (index: number) => planned.has(index);
  const clip =
    i < worlds ? worldClip(seed, ticks, size, wanted) : await takeClip(takes[i - worlds], ticks, size, wanted);
  const frames: EngineFrame[] = [];
  for await (const frame of clip.frames) frames.push(frame);
  // A take may end within a chunk.
  const held = plan.slice(0, plan.slice(0, frames.length).findLastIndex(({ remembered }) => remembered) + 1);
  for (let look = 0; look < looks; look++) {
    const name = `${clip.name}-look-${look}`;
    written += writePainted(paintClip({ ...clip, name }, frames.slice(0, held.length), held, seed * looks + look), out);
  }
  const rate = (written / ((performance.now() - start) / 1000)).toFixed(1);
  console.log(`${i + 1}/${worlds + takes.length} ${clip.name}, ${rate} ticks/s`);
}
