import { parseArgs } from "node:util";
import { BACKGROUND_DEPTH } from "playblast/scene/engine-frame";
import { encodeSrgbFast } from "playblast/scene/srgb";
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
let spent = 0;
for (const seed of seeds) {
  const start = performance.now();
  const world = makeWorld(seed);
  const frames = [0, 24, 47].map((tick) => renderTick(world, tick, size));
  spent += performance.now() - start;
  for (const [i, frame] of frames.entries()) columns[i].set(seed, frame.truth as Uint8Array);
  const { shade, depth, ownerId } = frames[2];
  if (!shade || !depth || !ownerId) throw new Error("worlds render all planes");
  const near = new Uint8Array(shade.length);
  const owners = new Uint8Array(shade.length);
  for (let p = 0; p < depth.length; p++) {
    near.fill(depth[p] >= BACKGROUND_DEPTH ? 255 : 255 * (1 - 2 / (2 + depth[p])), p * 3, p * 3 + 3);
    owners.set([ownerId[p] * 67, ownerId[p] * 131, ownerId[p] * 29], p * 3);
  }
  columns[3].set(
    seed,
    Uint8Array.from(shade, (value) => 255 * encodeSrgbFast(value)),
  );
  columns[4].set(seed, near);
  columns[5].set(seed, owners);
}
await writeSheet(values.out, seeds, columns, size);
console.log(`${((3 * seeds.length) / (spent / 1000)).toFixed(1)} ticks/s, making the worlds included`);
