import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { at } from "../fixtures/command-line.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "playblast-licenses-"));
  for (const file of ["package-lock.json", "THIRD_PARTY_LICENSES.md"]) copyFileSync(at(file), join(folder, file));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) =>
  spawnSync(process.execPath, [at("scripts/licenses.mjs"), ...args], { cwd: folder, encoding: "utf8" });

/** Changes the lock file as an update of a package would. */
function change(name: string, entry: object): void {
  const path = join(folder, "package-lock.json");
  const lock = JSON.parse(readFileSync(path, "utf8"));
  lock.packages[`node_modules/${name}`] = { ...lock.packages[`node_modules/${name}`], ...entry };
  writeFileSync(path, JSON.stringify(lock));
}

it("the list of licences is what the lock file installs", () =>
  expect(run("--check")).toMatchObject({ status: 0, stderr: "" }));

it("a changed version asks for a new list, which then holds it", () => {
  change("ws", { version: "99.0.0" });
  const { status, stderr } = run("--check");
  expect(status).toBe(1);
  expect(stderr).toMatch(/does not list what package-lock\.json installs; write it again/);
  expect(run().status).toBe(0);
  expect(readFileSync(join(folder, "THIRD_PARTY_LICENSES.md"), "utf8")).toContain("| ws | 99.0.0 | MIT |");
  expect(run("--check").status).toBe(0);
});

it.each([
  ["a package without a licence", "new-one", { version: "1.0.0" }],
  ["a package of the AGPL", "new-one", { version: "1.0.0", license: "AGPL-3.0-only" }],
  ["a package that was looked at and changed its licence", "@img/sharp-libvips-linux-x64", { license: "SSPL-1.0" }],
])("%s is refused, also in a new list", (_, name, entry) => {
  change(name, entry);
  run();
  const { status, stderr } = run("--check");
  expect(status).toBe(1);
  expect(stderr).toContain(`${name} `);
  expect(stderr).toMatch(/licence .* has not been looked at/);
});

it("what only developers install is not in it", () => {
  change("only-here", { version: "1.0.0", dev: true });
  expect(run("--check").status).toBe(0);
});
