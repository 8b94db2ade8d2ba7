import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ShotMessage } from "../../src/protocol/codec.js";
import type { EngineFrame } from "../../src/protocol/generated/playblast/v1/engine_frame.js";
import type { OpenShot } from "../../src/protocol/generated/playblast/v1/open_shot.js";
import { PlaneKind } from "../../src/protocol/generated/playblast/v1/plane.js";
import { TakeWriter } from "../../src/take/take-writer.js";
import { playblast } from "../fixtures/command-line.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";

let folder: string;
let take: string;
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "playblast-refused-"));
});
beforeEach(() => {
  take = join(folder, `take-${count++}.mcap`);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function write(messages: readonly ShotMessage[]): Promise<void> {
  const writer = await TakeWriter.create(take);
  for (const message of messages) await writer.write(message);
  await writer.close();
}

/** A take of eight ticks, recorded before its messages were checked, some of them spoilt. */
async function writeSpoilt(spoilt: Record<number, (frame: EngineFrame) => void>, open: OpenShot = openShot()) {
  const frames = Array.from({ length: 8 }, (_, tick): ShotMessage => {
    const frame = engineFrame(tick);
    spoilt[tick]?.(frame);
    return { $case: "engineFrame", value: frame };
  });
  await write([{ $case: "openShot", value: open }, { $case: "firstFrame", value: firstFrame(0) }, ...frames]);
}

const nan = (frame: EngineFrame) => {
  frame.objects[0].transform!.position = { x: Number.NaN, y: 0, z: 0 };
};

describe("playblast inspect finds what a server refuses", () => {
  it.each([
    ["a number that is none", nan, "engine_frame.objects[0].transform.position", /NaN/],
    [
      "a missing camera",
      (f: EngineFrame) => {
        f.camera = undefined;
      },
      "engine_frame.camera",
      /is missing/,
    ],
    [
      "an id that nobody declared",
      (f: EngineFrame) => {
        f.characters[0].id = "ghost";
      },
      "engine_frame.characters[0].id",
      /'ghost'/,
    ],
    [
      "a plane with too few bytes",
      (f: EngineFrame) => {
        f.planes[0].data = f.planes[0].data.subarray(4);
      },
      "engine_frame.planes[0].data",
      /has 2044 bytes/,
    ],
    [
      "an owner id that nobody declared",
      (f: EngineFrame) => void f.planes.find(({ kind }) => kind === PlaneKind.PLANE_KIND_OWNER_ID)!.data.fill(0x11),
      "engine_frame.planes[1].data",
      /owner id 4369/,
    ],
    [
      "a tick that came before",
      (f: EngineFrame) => {
        f.tick = 1;
      },
      "engine_frame.tick",
      /is 1 after 2/,
    ],
  ])(
    "%s",
    async (_, spoil, field, reason) => {
      await writeSpoilt({ 3: spoil });
      const run = playblast("inspect", take, "--json");
      expect(run.status).toBe(1);
      const summary = JSON.parse(run.stdout);
      expect(summary).toMatchObject({ frames: 7, refusedCount: 1, refused: [{ message: "engine_frame", field }] });
      expect(summary.refused[0].reason).toMatch(reason);
      expect(run.stderr).toMatch(
        /^error: take .*: a server refuses 1 of its messages, first tick \d \(engine_frame\): .*--allow-truncated/,
      );
      const text = playblast("inspect", take);
      expect(text.status).toBe(1);
      expect(text.stdout).toMatch(/^refused +tick \d \(engine_frame\): engine_frame\./m);
    },
    60_000,
  );

  it("a first frame that is no picture, and a second open_shot", async () => {
    await write([
      { $case: "openShot", value: openShot() },
      {
        $case: "firstFrame",
        value: { image: { $case: "encoded", value: Buffer.from("no picture") }, tick: 0, newLook: false },
      },
      { $case: "firstFrame", value: firstFrame(0) },
      { $case: "engineFrame", value: engineFrame(0) },
      { $case: "openShot", value: openShot() },
    ]);
    const { stdout, status } = playblast("inspect", take, "--json");
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      frames: 1,
      firstFrames: 1,
      refused: [
        { index: 1, message: "first_frame", tick: 0, field: "first_frame.encoded" },
        { index: 4, message: "open_shot", field: "open_shot" },
      ],
    });
  });

  it("an open_shot that no server takes, of which nothing can be rendered", async () => {
    await writeSpoilt({}, openShot("export", { frameRate: -1 }));
    const run = playblast("inspect", take);
    expect(run).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /has an open_shot that no server accepts \(open_shot\.frame_rate: is -1.*record it again/,
      ),
    });
  });
});

describe("playblast render", () => {
  it("says which message a server refuses, and renders the rest when asked to", async () => {
    await writeSpoilt({ 0: nan, 5: nan });
    const out = join(folder, "rest");
    const strict = playblast("render", take, "--out", out);
    expect(strict.status).toBe(1);
    expect(strict.stderr).toMatch(
      /refuses 2 of its messages, first tick 0 .*engine_frame\.objects\[0\]\.transform\.position: is \(NaN/,
    );
    expect(strict.stderr).not.toMatch(/defect/);
    const rest = playblast("render", take, "--out", out, "--allow-truncated", "--json");
    expect(rest.status, rest.stderr).toBe(0);
    expect(JSON.parse(rest.stdout)).toMatchObject({
      frames: 6,
      notices: [
        {
          message: expect.stringMatching(
            /^2 of the take's messages \(ticks 0, 5\) are left out because a server refuses/,
          ),
        },
        { message: expect.stringMatching(/first frame of tick 0, which is left out, is shown here/), tick: 1 },
      ],
    });
    expect(readdirSync(out).filter((name) => name.endsWith(".png"))).toEqual(
      [1, 2, 3, 4, 6, 7].map((tick) => `${String(tick).padStart(6, "0")}.png`),
    );
  }, 120_000);

  it("shows a server's own error, not that frames were dropped", async () => {
    await write([
      { $case: "openShot", value: openShot() },
      { $case: "firstFrame", value: firstFrame(3) },
      ...[0, 1, 2, 4, 5].map((tick): ShotMessage => ({ $case: "engineFrame", value: engineFrame(tick) })),
    ]);
    const run = playblast("render", take, "--out", join(folder, "none"));
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/error: first_frame\.tick: is 3, but the next frame was 4/);
  }, 60_000);
});

describe("what a take says of itself is printed, not obeyed", () => {
  const evil = "evil\u001b]0;owned\u0007\u001b[2J\u009b31m\u202egnp.exe\r\nframes         9999";
  const printed = "evil\\u001b]0;owned\\u0007\\u001b[2J\\u009b31m\\u202egnp.exe\\u000d\\u000aframes         9999";
  const obeyed = /[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/u;

  it("by inspect and render, in text, in JSON and in errors", async () => {
    const open = openShot("export", { clientName: evil });
    open.scene!.objects[0].id = evil;
    const rename = (frame: EngineFrame) => {
      frame.objects[0].id = `${evil}?`;
    };
    await writeSpoilt({ 0: rename, 1: rename }, open);
    const text = playblast("inspect", take);
    expect(text.stdout).toContain(`client         ${printed}`);
    expect(text.stdout).toContain(`objects        ${printed}`);
    const json = playblast("inspect", take, "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ client: `${evil} 0`, objects: [evil] });
    const render = playblast("render", take, "--out", join(folder, "evil"));
    for (const output of [text.stdout, text.stderr, json.stdout, json.stderr, render.stderr])
      for (const line of output.split("\n")) expect(line).not.toMatch(obeyed);
    expect(render.stderr).toContain("\\u001b]0;owned");
  }, 60_000);
});
