import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { playblast } from "../fixtures/command-line.js";
import type { RecordingOutcome } from "./attacks/recordings.js";
import { Ground } from "./ground.js";

const INVALID_ARGUMENT = 3;
const FAILED_PRECONDITION = 9;

const ground = new Ground();
/** One that can write files of 64 KiB only. */
const fullDisk = new Ground({ largestFileKib: 64 });
afterAll(async () => {
  await ground.close();
  await fullDisk.close();
});

/** The shot went on without its recording, every tick answered, and a notice said so. */
function expectWentOn({ sent, ending }: RecordingOutcome): void {
  expect(ending).toMatchObject({ code: 0 });
  expect(ending.generated + ending.dropped).toBe(sent);
  expect(ending.notices.join("\n")).toMatch(/record|take/i);
}

describe("a recording that fails ends nothing but itself", () => {
  it("when the take folder is removed", async () => {
    expectWentOn(await ground.attack("takeFolderRemoved"));
  });

  it("when the file of the take is removed", async () => {
    expectWentOn(await ground.attack("partialRemoved"));
  });

  it("when the disk is full", async () => {
    expectWentOn(await fullDisk.attack("fullDisk"));
  });
});

describe("a recording takes nothing from anybody", () => {
  it("when two shots record under one name", async () => {
    const { first, second, sent } = await ground.attack("sameName");
    expect(first).toMatchObject({ code: 0 });
    expect(second).toMatchObject({ code: FAILED_PRECONDITION, field: "open_shot.record_as" });
    const { status, stdout } = playblast("inspect", join(ground.takes, "same-name.mcap"), "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ frames: sent });
  });

  it("when links lie where its files would be", async () => {
    const { outcomes } = await ground.attack("symlinkedTake");
    for (const { link, unharmed, ending } of outcomes) {
      expect({ link, unharmed }).toEqual({ link, unharmed: true });
      expect([0, FAILED_PRECONDITION]).toContain(ending.code);
    }
  });
});

it("a refused frame leaves a take that can be rendered", async () => {
  const { good, ending } = await ground.attack("refusedFrame");
  expect(ending).toMatchObject({ code: INVALID_ARGUMENT, field: "engine_frame.characters[0].positions[1]" });
  const take = join(ground.takes, "refused-frame.mcap");
  await expect.poll(() => existsSync(take), { timeout: 10_000 }).toBe(true);
  const inspected = playblast("inspect", take, "--json");
  expect(inspected.status).toBe(0);
  expect(JSON.parse(inspected.stdout)).toMatchObject({ frames: good });
  const rendered = playblast("render", take, "--out", join(ground.takes, "rendered"), "--json");
  expect(rendered.stderr).not.toMatch(/error/);
  expect(JSON.parse(rendered.stdout)).toMatchObject({ frames: good });
});
