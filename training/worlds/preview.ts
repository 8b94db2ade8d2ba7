import { parseArgs } from "node:util";
import { BACKGROUND_DEPTH } from "playblast/scene/engine-frame";
import { encodeSrgb } from "playblast/scene/srgb";
import { writeSheet } from "../evaluate/sheet.js";
import { renderTick } from "./render.js";
import { makeWorld } from "./world.js";

const USAGE = `Writes a contact sheet of training worlds: truth at three ticks, light, depth, owner ids.

  node dist/training/worlds/preview.js --out FILE.png [--first 0] [--count 8]`;

const { values } = parseArgs({
  options: {
    out: { type: "string" },
    first: { type: "string", default: "0" },
    count: { type: "string", default: "8" },
    help: { type: "boolean", default: false },
  },
});
if (values.help || !values.out) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}
const size = { width: 256, height: 144 };
const columns: Map<number, Uint8Array>[] = Array.from({ length: 6 }, () => new Map());
const seeds = Array.from({ length: Number(values.count) }, (_, i) => Number(values.first) + i);
const start = performance.now();
for (const seed of seeds) {
  const world = makeWorld(seed);
  const frames = [0, 24, 47].map((tick) => renderTick(world, tick, size));
  for (const [i, frame] of frames.entries()) columns[i].set(seed, frame.truth as Uint8Array);
  const last = frames[2];
  const { shade, depth, ownerId } = last;
  if (!shade || !depth || !ownerId) throw new Error("worlds render all planes");
  columns[3].set(
    seed,
    Uint8Array.from(shade, (value) => 255 * Math.min(1, encodeSrgb(Math.min(1, value)))),
  );
  const grey = (value: (pixel: number) => number[]) =>
    Uint8Array.from({ length: shade.length }, (_, i) => value((i / 3) | 0)[i % 3]);
  columns[4].set(
    seed,
    grey((p) => Array(3).fill(depth[p] >= BACKGROUND_DEPTH ? 255 : 255 * (1 - 2 / (2 + depth[p])))),
  );
  columns[5].set(
    seed,
    grey((p) => [(ownerId[p] * 67) & 255, (ownerId[p] * 131) & 255, (ownerId[p] * 29) & 255]),
  );
}
await writeSheet(values.out, seeds, columns, size);
console.log(`${((3 * seeds.length) / ((performance.now() - start) / 1000)).toFixed(1)} ticks/s`);
