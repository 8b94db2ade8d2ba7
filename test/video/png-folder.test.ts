import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { PngFolder } from "../../src/video/png-folder.js";

const size = { width: 4, height: 2 };
const picture = (value: number) => new Uint8Array(size.width * size.height * 3).fill(value);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "playblast-pngs-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("two that write into one folder do not replace each other's pictures", async () => {
  const path = join(folder, "shot");
  const first = await PngFolder.create({ path });
  const second = await PngFolder.create({ path });
  await first.write(0, picture(10), size);
  const before = await readFile(join(path, "000000.png"));
  await expect(second.write(0, picture(200), size)).rejects.toThrow(/000000\.png.*got this name meanwhile/);
  await first.close();
  expect(await readFile(join(path, "000000.png"))).toEqual(before);
  expect((await readdir(path)).filter((name) => /^\d+\.png$/.test(name))).toEqual(["000000.png"]);
});
