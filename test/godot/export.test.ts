import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inspectTake } from "../../src/take/inspect-take.js";
import { findPngs } from "../../src/video/png-sequence.js";
import { type ServerProcess, startServerProcess } from "../fixtures/server-process.js";
import { giveCommand } from "./command-in-godot.js";
import { assembleProject, GODOT, type RenderingMethod, watchGodot } from "./godot.js";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const PATIENCE_MS = 300_000;
/** How long the server stays away. */
const AWAY_MS = 1500;
/** Of test/godot/project/burn_in.gd: a ball tells the tick by the cell that it lies in. */
const TICKS = 240;
const COLUMNS = 16;
const ROWS = 15;

/** The tick that a picture tells: the cell of the middle of what is red in it. */
async function burntInTick(file: string): Promise<number> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let count = 0;
  let [sumX, sumY] = [0, 0];
  for (let pixel = 0; pixel < info.width * info.height; pixel++) {
    const [r, g, b] = data.subarray(pixel * 3, pixel * 3 + 3);
    if (r < 160 || g > 90 || b > 90) continue;
    count++;
    sumX += (pixel % info.width) + 0.5;
    sumY += Math.floor(pixel / info.width) + 0.5;
  }
  expect(count, `${file} shows the ball`).toBeGreaterThan(10);
  const column = Math.floor((sumX / count / info.width) * COLUMNS);
  return Math.floor((sumY / count / info.height) * ROWS) * COLUMNS + column;
}

const skipped = !GODOT && !process.env.CI;

describe.skipIf(skipped)("a scripted export", () => {
  const folders: string[] = [];
  let project: string;
  let takes: string;
  let server: ServerProcess;
  const exportTo = (out: string, watch: Parameters<typeof watchGodot>[0], ...options: string[]) =>
    exportShot("res://burn_in.tscn#Counting", out, watch, ["--fixed-fps", "24"], ...options);
  const exportShot = (
    shot: string,
    out: string,
    watch: Parameters<typeof watchGodot>[0],
    engine: string[],
    ...options: string[]
  ) =>
    watchGodot(
      watch,
      "forward_plus",
      project,
      ...[...engine, "--", "--playblast-export", shot, `/mnt/${out}`],
      ...["--playblast-server", `127.0.0.1:${server.port}`, ...options],
    );

  beforeAll(async () => {
    if (!GODOT) throw new Error("PLAYBLAST_GODOT is not set; on CI these tests must run: see test/godot/engine.sh");
    project = await assembleProject(at("project"), at("golden"));
    takes = await mkdtemp(join(tmpdir(), "playblast-takes-"));
    server = await startServerProcess(0, "--takes", takes);
    folders.push(project, takes);
  }, PATIENCE_MS);
  afterAll(async () => {
    await server?.kill();
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  it(
    "has every tick in its own picture, also when the server is killed in the middle",
    async () => {
      let killed: Promise<void> | undefined;
      const onLine = (line: string) => {
        const done = Number(/(\d+) of 240 pictures/.exec(line)?.[1] ?? 0);
        if (killed || done < 60) return;
        killed = server
          .kill()
          .then(() => new Promise((resolve) => setTimeout(resolve, AWAY_MS)))
          .then(async () => {
            server = await startServerProcess(server.port, "--takes", takes);
          });
      };
      const run = await exportTo("whole", { onLine }, "--playblast-record-as", "counting");
      await killed;
      expect(run.status, run.output).toBe(0);
      expect(killed, "the server was killed").toBeDefined();
      expect(run.output).toContain("The server went away");
      expect(run.output).not.toMatch(/SCRIPT ERROR/);
      const { pictures, holes } = await findPngs(join(project, "whole"));
      expect(pictures.map(({ tick }) => tick)).toEqual([...Array(TICKS).keys()]);
      expect(holes).toEqual([]);
      for (const { tick, path } of pictures) expect(await burntInTick(path)).toBe(tick);
      // The take that was being written is cut short, and the shot was sent again from its start.
      expect(await inspectTake(join(takes, "counting-2.mcap"))).toMatchObject({
        frames: TICKS,
        holes: [],
        objects: ["Ball"],
      });
    },
    PATIENCE_MS,
  );

  it(
    "goes on after Godot was killed, to the same pictures",
    async () => {
      const ticks = ["--playblast-ticks", "48"];
      const crash = new AbortController();
      const first = await exportTo(
        "resumed",
        { signal: crash.signal, onLine: (line) => /[1-9]\d* of 48/.test(line) && crash.abort() },
        ...ticks,
      );
      expect(first.status).not.toBe(0);
      const second = await exportTo("resumed", {}, ...ticks);
      expect(second.status, second.output).toBe(0);
      expect(second.output).toMatch(/Going on with an export that was interrupted: \d+ of 48/);
      const { pictures } = await findPngs(join(project, "resumed"));
      expect(pictures).toHaveLength(48);
      for (const { path } of pictures) {
        const whole = await readFile(path.replace("resumed", "whole"));
        expect(whole.equals(await readFile(path)), path).toBe(true);
      }
    },
    PATIENCE_MS,
  );

  it(
    "of a scene that plays by itself is the same each time, and a change of camera is a cut",
    async () => {
      const step = ["--fixed-fps", "24"];
      const first = await exportShot("res://falling.tscn", "fall", {}, step, "--playblast-record-as", "fall");
      expect(first.status, first.output).toBe(0);
      const again = await exportShot("res://falling.tscn", "again", {}, step);
      expect(again.status, again.output).toBe(0);
      const { pictures } = await findPngs(join(project, "fall"));
      expect(pictures).toHaveLength(24);
      for (const { path } of pictures) {
        expect((await readFile(path)).equals(await readFile(path.replace("fall", "again"))), path).toBe(true);
      }
      const take = await inspectTake(join(takes, "fall.mcap"));
      expect(take).toMatchObject({ frames: 24, cuts: 1, objects: ["Crate"], characters: [] });
    },
    PATIENCE_MS,
  );

  it(
    "of a scene that plays by itself needs a fixed time step, and says so",
    async () => {
      const run = await exportShot("res://falling.tscn", "loose", {}, []);
      expect(run.output).toContain("Start Godot with --fixed-fps 24");
      expect(run.status).toBe(1);
    },
    PATIENCE_MS,
  );

  it(
    "to a video joins the pictures by the playblast command, and leaves nothing else behind",
    async () => {
      const command = await giveCommand(project);
      await mkdir(join(project, "node_modules/.bin"), { recursive: true });
      await symlink(command, join(project, "node_modules/.bin/playblast"));
      await writeFile(join(project, "film.mp4"), "of the export before");
      const run = await exportTo("film.mp4", {}, "--playblast-ticks", "24", "--playblast-json");
      expect(run.status, run.output).toBe(0);
      expect(run.output).toContain('{"error":"","ok":true,"out":"/mnt/film.mp4"}');
      const count = spawnSync(process.execPath, [at("../../scripts/count-frames.mjs"), join(project, "film.mp4")]);
      expect(String(count.stdout).trim()).toBe("24");
      expect((await readdir(project)).filter((name) => name.startsWith("film"))).toEqual(["film.mp4"]);
    },
    PATIENCE_MS,
  );

  it.each<[string, RenderingMethod, string[], RegExp, ...string[]]>([
    ["no such shot", "headless", ["res://burn_in.tscn#Nobody"], /no PlayblastShot named Nobody; it has: Counting/],
    ["no such scene", "headless", ["res://nowhere.tscn"], /no scene res:\/\/nowhere.tscn/],
    ["no display", "headless", ["Counting"], /Godot draws nothing with --headless/],
    ["no server", "mobile", ["Counting"], /No server answers at 127.0.0.1:1\b/, "--playblast-server", "127.0.0.1:1"],
    ["an unreadable first frame", "headless", ["Counting"], /x.png cannot be read/, "--playblast-first-frame", "x.png"],
    ["a name of another kind", "headless", ["Counting", "/mnt/a.avi"], /an export is an .mp4 file, or a folder/],
    [
      "a number that is none",
      "headless",
      ["Counting"],
      /-ticks is many; it must be a num/,
      "--playblast-ticks",
      "many",
    ],
    ["an unknown option", "headless", ["Counting"], /--playblast-tick is no option/, "--playblast-tick", "3"],
    ["too few words", "headless", ["Counting", "--playblast-json"], /needs a shot and a place/],
  ])(
    "says what to do about %s",
    async (_, method, [shot, out = "/mnt/never"], message, ...options) => {
      const run = await watchGodot({}, method, project, "--", "--playblast-export", shot, out, ...options);
      expect(run.output).toMatch(message);
      expect(run.status, run.output).toBe(1);
    },
    PATIENCE_MS,
  );
});
