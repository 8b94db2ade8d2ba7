import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ShotMessage } from "../../src/protocol/codec.js";
import { PlaneFormat, PlaneKind } from "../../src/protocol/generated/playblast/v1/plane.js";
import { readTake } from "../../src/take/take-reader.js";
import { TakeWriter } from "../../src/take/take-writer.js";
import { at, playblast } from "../fixtures/command-line.js";
import { planeOf } from "../fixtures/dialects.js";
import { engineFrame, openShot, SMALL } from "../fixtures/shot-messages.js";

const LOOK = at("examples/courtyard.look.png");
/** Two chunks and a short one. */
const TICKS = 10;
const MATERIALS: ReadonlySet<PlaneKind> = new Set([
  PlaneKind.PLANE_KIND_ALBEDO,
  PlaneKind.PLANE_KIND_SURFACE_ID,
  PlaneKind.PLANE_KIND_COLOUR,
]);

let folder: string;
let take: string;
/** The same ticks with their materials. */
let material: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "playblast-cli-"));
  take = join(folder, "short.mcap");
  material = join(folder, "material.mcap");
  const writer = await TakeWriter.create(take);
  const whole = await TakeWriter.create(material);
  let frames = 0;
  for await (const message of readTake(at("examples/courtyard.take.mcap"))) {
    if (message.$case === "engineFrame" && ++frames > TICKS) break;
    await writer.write(withoutMaterials(message));
    await whole.write(message);
  }
  await writer.close();
  await whole.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** So that the network paints: it leaves shots with materials to the look's transfer. */
function withoutMaterials(message: ShotMessage): ShotMessage {
  if (message.$case === "openShot") return { ...message, value: { ...message.value, controls: [] } };
  if (message.$case !== "engineFrame") return message;
  const planes = message.value.planes.filter(({ kind }) => !MATERIALS.has(kind));
  return { ...message, value: { ...message.value, planes } };
}

describe("playblast render, with the default model", () => {
  it("writes the same bytes for one seed, and others for another", () => {
    const render = (name: string, seed: string, from = take) => {
      const out = join(folder, name);
      const run = playblast("render", from, "--first-frame", LOOK, "--out", out, "--seed", seed, "--json");
      expect(run.status, run.stderr).toBe(0);
      expect(JSON.parse(run.stdout)).toMatchObject({ out, frames: TICKS, notices: [] });
      return readFileSync(out);
    };
    const once = render("a.mp4", "7");
    expect(render("b.mp4", "7").equals(once)).toBe(true);
    expect(render("c.mp4", "8").equals(once)).toBe(false);
    expect(render("d.mp4", "7", material).equals(render("e.mp4", "7", material))).toBe(true);
  }, 120_000);

  it("writes one PNG a tick, numbered like the timeline", () => {
    const out = join(folder, "pngs");
    expect(playblast("render", take, "--first-frame", LOOK, "--out", out).status).toBe(0);
    expect(readdirSync(out)).toEqual(
      Array.from({ length: TICKS }, (_, tick) => `${String(tick).padStart(6, "0")}.png`),
    );
  }, 60_000);

  it("says what was done to a first frame", async () => {
    const square = join(folder, "square.png");
    await sharp({ create: { width: 90, height: 90, channels: 4, background: { r: 200, g: 90, b: 30, alpha: 0.5 } } })
      .png()
      .toFile(square);
    const run = playblast("render", take, "--first-frame", square, "--out", join(folder, "square"), "--json");
    expect(run.status, run.stderr).toBe(0);
    const { frames, notices } = JSON.parse(run.stdout);
    expect(frames).toBe(TICKS);
    expect(notices.map((notice: { message: string }) => notice.message)).toEqual([
      expect.stringMatching(/not opaque in 100\.0 %/),
      expect.stringMatching(/is 90x90.*39 rows at its top and bottom were cut off\. 90x51, 384x216 or any/),
    ]);
    expect(run.stderr).toMatch(/tick 0: The first frame is 90x90/);
  }, 60_000);

  it("renders what is whole of a truncated take, when asked to", () => {
    const cut = join(folder, "cut.mcap");
    // Its chunks hold a few frames each, and the first is whole.
    writeFileSync(cut, readFileSync(at("examples/courtyard.take.mcap")).subarray(0, 2_400_000));
    const out = join(folder, "cut");
    const render = (...more: string[]) =>
      playblast("render", cut, "--first-frame", LOOK, "--out", out, "--json", ...more);
    expect(render()).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/cut\.mcap.*at byte \d+.*--allow-trunc/),
    });
    const { stdout } = render("--allow-truncated");
    const { frames } = JSON.parse(stdout);
    expect(frames).toBeGreaterThan(0);
    expect(readdirSync(out)).toHaveLength(frames);
  }, 60_000);

  it("takes several first frames, each for its tick, also from files that have an '@' in their names", () => {
    const odd = join(folder, "look@7");
    copyFileSync(LOOK, odd);
    const out = join(folder, "several");
    const looks = [LOOK, `${LOOK}@4`, `${odd}@8`].flatMap((look) => ["--first-frame", look]);
    const run = playblast("render", take, ...looks, "--out", out, "--json");
    expect(run.status, run.stderr).toBe(0);
    const { frames, notices } = JSON.parse(run.stdout) as { frames: number; notices: { message: string }[] };
    expect(frames).toBe(TICKS);
    const added = notices.flatMap(({ message }) => (/was added to the look/.test(message) ? [message] : []));
    expect(added).toEqual([expect.stringMatching(/tick 4 .* has 2 images/), expect.stringMatching(/tick 8 .* has 3 /)]);
    // A file of the full name is meant as it is, for the first tick.
    expect(playblast("render", take, "--first-frame", odd, "--out", join(folder, "odd")).status).toBe(0);
  }, 60_000);

  it("says what is wrong with the ticks of first frames", () => {
    const fails = (...looks: string[]) => {
      const given = looks.flatMap((look) => ["--first-frame", look]);
      const run = playblast("render", take, ...given, "--out", join(folder, "none.mp4"));
      expect(run.status).not.toBe(0);
      return run.stderr;
    };
    expect(fails(LOOK, `${LOOK}@99`)).toMatch(
      /--first-frame .*look\.png@99: take .* has no tick 99; its ticks are 0 to 9/,
    );
    expect(fails(LOOK, `${LOOK}@0`)).toMatch(/@0: tick 0 has .*look\.png already; pass one picture a tick/);
    expect(fails(`${LOOK}@5`)).toMatch(/no picture shows tick 0, the take's first.*until 5; pass one.*FILE@0/);
    expect(fails(LOOK, "nowhere.png@5")).toMatch(/--first-frame nowhere\.png: there is no such file/);
    expect(fails(LOOK, "@5")).toMatch(/--first-frame @5: there is no such file/);
  }, 60_000);

  it("says what is wrong with a take, a first frame, a size or a model", async () => {
    const fails = (...args: string[]) => {
      const run = playblast("render", ...args, "--out", join(folder, "none.mp4"));
      expect(run.status).not.toBe(0);
      return run.stderr;
    };
    expect(fails(join(folder, "missing.mcap"))).toMatch(/missing\.mcap: there is no such file/);
    expect(fails(LOOK)).toMatch(/is damaged|holds no open_shot/);
    const idle = join(folder, "idle.mcap");
    const writer = await TakeWriter.create(idle);
    for await (const message of readTake(take)) if (message.$case !== "engineFrame") await writer.write(message);
    await writer.close();
    expect(fails(idle, "--first-frame", LOOK)).toMatch(/idle\.mcap holds no engine frames/);
    expect(fails(take, "--first-frame", "nowhere.png")).toMatch(/--first-frame nowhere\.png/);
    const bad = (name: string, bytes: Uint8Array) => {
      const file = join(folder, name);
      writeFileSync(file, bytes);
      return fails(take, "--first-frame", file);
    };
    expect(fails(take, "--first-frame", folder)).toMatch(/--first-frame .*: is not a file; pass a PNG/);
    expect(bad("empty.png", Buffer.alloc(0))).toMatch(/--first-frame .*empty\.png: is empty \(0 bytes\); send a PNG/);
    expect(bad("half.png", readFileSync(LOOK).subarray(0, 9000))).toMatch(
      /half\.png: is a damaged png file of 9000 bytes/,
    );
    expect(fails(take, "--size", "big")).toMatch(/WIDTHxHEIGHT/);
    expect(fails(take, "--first-frame", LOOK, "--model", "nothing")).toMatch(/model 'nothing' has no card/);
    expect(readdirSync(folder)).not.toContain("none.mp4");
  }, 60_000);
});

describe("playblast inspect", () => {
  it("says what a take holds", () => {
    const { stdout } = playblast("inspect", take, "--json");
    expect(JSON.parse(stdout)).toMatchObject({ frames: TICKS, size: "384x216", firstTick: 0, holes: [], controls: [] });
  });

  it("names the controls that a take declares, and the planes that come", async () => {
    const declared = join(folder, "declared.mcap");
    const writer = await TakeWriter.create(declared);
    const controls = [PlaneKind.PLANE_KIND_ALBEDO, PlaneKind.PLANE_KIND_SURFACE_ID];
    await writer.write({ $case: "openShot", value: openShot("live", { controls }) });
    const { width, height } = SMALL;
    const planes = [
      planeOf(controls[0], PlaneFormat.PLANE_FORMAT_U8, new Uint8Array(width * height * 3).fill(9), SMALL),
      planeOf(controls[1], PlaneFormat.PLANE_FORMAT_U16, new Uint16Array(width * height), SMALL),
    ];
    const frame = engineFrame(0);
    await writer.write({ $case: "engineFrame", value: { ...frame, planes: [...frame.planes, ...planes] } });
    await writer.write({ $case: "engineFrame", value: engineFrame(1) });
    await writer.close();
    const { stdout, stderr, status } = playblast("inspect", declared);
    expect(stdout).toMatch(/controls +albedo, surface_id\n/);
    expect(stdout).toMatch(/plane albedo +u8 32x16, 1 frames\nplane surface_id +u16 32x16, 1 frames/);
    // The second frame lacks what the take promises.
    expect([status, stderr]).toEqual([1, expect.stringMatching(/tick 1 .*planes: lacks ALBEDO and SURFACE_ID/)]);
    expect(JSON.parse(playblast("inspect", declared, "--json").stdout).controls).toEqual(["albedo", "surface_id"]);
  });
});

describe("playblast", () => {
  it.each(["demo", "serve", "render", "video", "inspect", "doctor"])("explains %s with --help", (command) => {
    const { status, stdout } = playblast(command, "--help");
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`Usage: playblast ${command}`));
    expect(stdout).toMatch(/--json/);
  });

  it("says what works on this machine", () => {
    const { stdout } = playblast("doctor", "--json");
    const findings = JSON.parse(stdout) as { what: string; ok: boolean }[];
    expect(findings.find(({ what }) => what === "model")).toMatchObject({ ok: true });
    expect(findings).toContainEqual({ what: "cpu", ok: true, detail: "runs model 'default'" });
  }, 60_000);
});
