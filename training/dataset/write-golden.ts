import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { writeGolden } from "./golden.js";

// Writes test/training/golden anew: after a change of the conditioning, of its controls or of the example take that is meant.
const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const golden = at("test/training/golden");
const folder = mkdtempSync(join(tmpdir(), "playblast-golden-"));
await writeGolden(at("examples/courtyard.take.mcap"), folder);
rmSync(golden, { recursive: true, force: true });
let bytes = 0;
for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.includes("."))) {
  const path = join(golden, `${name}.gz`);
  mkdirSync(dirname(path), { recursive: true });
  const data = gzipSync(readFileSync(join(folder, name)), { level: 9 });
  writeFileSync(path, data);
  bytes += data.length;
}
rmSync(folder, { recursive: true });
console.log(`${golden}: ${(bytes / 1000).toFixed(0)} kB`);
