/**
 * Writes a take anew as small as its format allows: zstd at a level that cannot keep up with recording; and only its first ticks where a
 * number is given. The messages stay the same.
 *
 *     node scripts/repack-take.mjs TAKE.mcap OUT.mcap [TICKS]
 */
import { readTake } from "playblast/take/take-reader";
import { TakeWriter } from "playblast/take/take-writer";

/** The levels beyond save nothing more on planes. */
const LEVEL = 19;

const [take, out, ticks = "Infinity"] = process.argv.slice(2);
if (!take || !out || !(Number(ticks) > 0)) {
  console.error("usage: node scripts/repack-take.mjs TAKE.mcap OUT.mcap [TICKS]");
  process.exit(2);
}
const writer = await TakeWriter.create(out, LEVEL);
let frames = 0;
for await (const message of readTake(take)) {
  if (message.$case === "engineFrame" && ++frames > Number(ticks)) break;
  await writer.write(message);
}
await writer.close();
