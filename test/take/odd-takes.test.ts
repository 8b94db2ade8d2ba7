import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type PlayOptions, playTake } from "../../src/client/play-take.js";
import type { ShotAnswer, ShotMessage } from "../../src/protocol/codec.js";
import type { EngineFrame } from "../../src/protocol/generated/playblast/v1/engine_frame.js";
import { PlaneKind } from "../../src/protocol/generated/playblast/v1/plane.js";
import { NoticeKind } from "../../src/protocol/generated/playblast/v1/shot_event.js";
import { inspectTake } from "../../src/take/inspect-take.js";
import { readTake, TakeError } from "../../src/take/take-reader.js";
import { TakeWriter } from "../../src/take/take-writer.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";
import { warpModelHost } from "../fixtures/warp-model-host.js";

let folder: string;
let take: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "playblast-odd-take-"));
  take = join(folder, "odd.mcap");
});
afterEach(() => rm(folder, { recursive: true }));

async function write(messages: ShotMessage[]): Promise<void> {
  const writer = await TakeWriter.create(take);
  for (const message of messages) await writer.write(message);
  await writer.close();
}

/** A take of some ticks whose frames were changed. */
async function writeTicks(ticks: number[], change = (frame: EngineFrame) => frame, open = openShot()): Promise<void> {
  await write([
    { $case: "openShot", value: open },
    { $case: "firstFrame", value: firstFrame(ticks[0]) },
    ...ticks.map((tick): ShotMessage => ({ $case: "engineFrame", value: change(engineFrame(tick)) })),
  ]);
}

/** Renders the take by the real conditioning. */
async function render(options: Partial<PlayOptions> = {}) {
  const { client, close } = await testServer({ openModel: async () => warpModelHost() });
  try {
    const answers: ShotAnswer[] = [];
    for await (const answer of playTake(client, readTake(take), { mode: "export", ...options })) answers.push(answer);
    return {
      ticks: answers.flatMap((a) => (a.$case === "generatedFrame" ? [a.value.tick] : [])),
      coverage: answers.flatMap((a) => (a.$case === "generatedFrame" ? [a.value.coveragePercent] : [])),
      notices: answers.flatMap((a) => (a.$case === "notice" ? [a.value] : [])),
      closed: answers.at(-1),
    };
  } finally {
    await close();
  }
}

const without = (kind: PlaneKind) => (frame: EngineFrame) => ({
  ...frame,
  planes: frame.planes.filter((plane) => plane.kind !== kind),
});

describe("a take renders", () => {
  it("without depth, and says once what is missing", async () => {
    await writeTicks([0, 1, 2, 3, 4, 5], without(PlaneKind.PLANE_KIND_DEPTH));
    const { ticks, notices } = await render();
    expect(ticks).toEqual([0, 1, 2, 3, 4, 5]);
    expect(notices).toEqual([
      {
        kind: NoticeKind.NOTICE_KIND_DEPTH_MISSING,
        message: expect.stringMatching(/Tick 0 came without a DEPTH plane.*rotation alone.*Send depth/),
        tick: 0,
      },
    ]);
  });

  it("without owner ids, from boxes and bones", async () => {
    await writeTicks([0, 1, 2, 3, 4], without(PlaneKind.PLANE_KIND_OWNER_ID));
    const { ticks, notices, coverage } = await render();
    expect(ticks).toEqual([0, 1, 2, 3, 4]);
    expect(notices).toEqual([]);
    expect(Math.min(...coverage)).toBeGreaterThan(80);
  });

  it("without characters, and without anything that moves", async () => {
    const bare = without(PlaneKind.PLANE_KIND_OWNER_ID);
    const empty = openShot("export", { scene: { characters: [], objects: [], near: 0.1, far: 100 } });
    await writeTicks([0, 1, 2, 3, 4], (frame) => ({ ...bare(frame), characters: [], objects: [] }), empty);
    const { ticks, coverage } = await render();
    expect(ticks).toEqual([0, 1, 2, 3, 4]);
    expect(Math.min(...coverage)).toBeGreaterThan(70);
  });

  it("with holes in its ticks: every one that is there, and no other", async () => {
    const there = [3, 4, 9, 10, 11, 30];
    await writeTicks(there);
    const { ticks, notices, closed } = await render();
    expect(ticks).toEqual(there);
    expect(notices).toEqual([]);
    expect(closed).toMatchObject({ $case: "shotClosed", value: { received: 6, generated: 6, dropped: 0 } });
  });

  it("with a look of the caller's until a cut forgets it, then with its own", async () => {
    await write([
      { $case: "openShot", value: openShot() },
      { $case: "firstFrame", value: firstFrame(0) },
      { $case: "engineFrame", value: engineFrame(0) },
      { $case: "cut", value: { forgetLook: true, newPlace: true } },
      { $case: "firstFrame", value: firstFrame(1) },
      { $case: "engineFrame", value: engineFrame(1) },
    ]);
    const look = await sharp({ create: { width: 32, height: 16, channels: 3, background: "#802040" } })
      .png()
      .toBuffer();
    expect((await render({ firstFrames: [{ encoded: look }] })).ticks).toEqual([0, 1]);
  });
});

describe("a take says why it cannot be read", () => {
  it("when its frames come without open_shot", async () => {
    await write([
      { $case: "engineFrame", value: engineFrame(0) },
      { $case: "engineFrame", value: engineFrame(1) },
    ]);
    await expect(inspectTake(take)).rejects.toThrow(
      /odd\.mcap: begins with engine_frame, not with open_shot.*record it/,
    );
    await expect(render()).rejects.toThrow(/does not begin with open_shot/);
  });

  it("when it holds nothing at all", async () => {
    await write([]);
    await expect(inspectTake(take)).rejects.toThrow(/holds no open_shot.*record it again/);
    await writeFile(take, "");
    await expect(inspectTake(take)).rejects.toThrow(/is empty \(0 bytes\); record it again/);
    await expect(inspectTake(folder)).rejects.toThrow(/is not a file; pass one take/);
  });

  it("without advice that does not help: nothing is whole, or there is no such file", async () => {
    await writeTicks([0, 1]);
    await writeFile(take, (await readFile(take)).subarray(0, 60));
    for (const allowTruncated of [false, true]) {
      const error = await (async () => {
        for await (const _ of readTake(take, { allowTruncated }));
      })().catch((e: unknown) => e);
      expect(error).toBeInstanceOf(TakeError);
      expect((error as Error).message).toMatch(/truncated.*Nothing before is whole: record the take again/);
    }
    const missing = await inspectTake(join(folder, "none.mcap")).catch((e: Error) => e.message);
    expect(missing).toMatch(/none\.mcap: there is no such file; check the path$/);
  });
});
