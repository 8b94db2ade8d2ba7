/**
 * Brings a checkout to where it runs: installs what the lock file names when that is not installed, and builds when a
 * source is newer than the build. Run before `npm run demo`, `npm test` and `npm run check`; does nothing when nothing is to do.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const INSTALLED = "node_modules/.package-lock.json";
const BUILT = "dist/.built";
const SOURCES = ["src", "proto", "training", "bench", "tsconfig.json", "package.json", "buf.gen.yaml"];
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 12)) {
  console.error(`Playblast needs Node 20.12 or newer; this is ${process.version}.`);
  process.exit(1);
}
if (!existsSync(INSTALLED) || changed("package-lock.json") > changed(INSTALLED)) {
  console.error("Installing packages ...");
  npm(
    ["ci", "--no-audit", "--no-fund", "--loglevel=error"],
    "Packages could not be installed; is the npm registry within reach?",
  );
}
if (!existsSync(BUILT) || Math.max(...SOURCES.map(newest)) > changed(BUILT)) {
  console.error("Building ...");
  npm(["run", "-s", "build:all", "--loglevel=error"], "The build failed; the first error above says where.");
}

function npm(args, failure) {
  // On Windows npm is a batch file, which only a shell runs.
  const { status } = spawnSync("npm", args, { stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  if (status !== 0) {
    console.error(failure);
    process.exit(status ?? 1);
  }
}

function changed(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

/** Newest change of a file, or of any source file in a folder. */
function newest(path) {
  if (!existsSync(path) || path.endsWith("generated")) return 0;
  if (!statSync(path).isDirectory()) return changed(path);
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}
