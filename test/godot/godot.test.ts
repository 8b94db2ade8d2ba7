import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inspectTake } from "../../src/take/inspect-take.js";
import { testServer } from "../fixtures/test-server.js";
import { assembleProject, GODOT, type GodotRun, runGodot } from "./godot.js";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** More than `runGodot` grants, so that what Godot printed is told when it hangs. */
const PATIENCE_MS = 300_000;
const TICKS = 6;
/** The recorder's default, which the courtyard keeps. */
const SIZE = "256x144";

function expectSuccess({ status, output }: GodotRun): void {
  expect(status, output).toBe(0);
  expect(output).not.toMatch(/SCRIPT ERROR/);
}

const skipped = !GODOT && !process.env.CI;
if (skipped) console.warn("Skipped: the addon in a real Godot. Set PLAYBLAST_GODOT; see test/godot/engine.sh");

describe.skipIf(skipped)("the addon in a real Godot", () => {
  const folders: string[] = [];
  let project: string;
  beforeAll(async () => {
    if (!GODOT) throw new Error("PLAYBLAST_GODOT is not set; on CI these tests must run: see test/godot/engine.sh");
    project = await assembleProject(at("project"), at("golden"));
    folders.push(project);
  }, PATIENCE_MS);
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  it(
    "writes and reads the golden messages",
    async () => {
      const run = await runGodot("headless", project, "--script", "res://golden.gd");
      expectSuccess(run);
      expect(run.output).toMatch(/^[1-9]\d* passed, 0 failed$/m);
      expect(run.output).not.toMatch(/^ERROR/m);
    },
    PATIENCE_MS,
  );

  it.each(["forward_plus", "mobile", "gl_compatibility"] as const)(
    "captures planes of one tick, true to the scene, with %s",
    async (method) => {
      const run = await runGodot(method, project, "--script", "res://capture.gd");
      expectSuccess(run);
      expect(run.output).toContain(`renderer: ${method} `);
      expect(run.output).toMatch(/^[1-9]\d* passed, 0 failed$/m);
      console.log(run.output.match(/^(renderer|tick \d).*/gm)?.join("\n"));
    },
    PATIENCE_MS,
  );

  it.each(["forward_plus", "mobile", "gl_compatibility"] as const)(
    "captures every kind of surface as documented, with %s",
    async (method) => {
      const run = await runGodot(method, project, "--script", "res://surfaces.gd");
      expectSuccess(run);
      expect(run.output).toContain(`renderer: ${method}`);
      expect(run.output).toMatch(/^[1-9]\d* passed, 0 failed$/m);
    },
    PATIENCE_MS,
  );

  it.each(["forward_plus", "mobile", "gl_compatibility"] as const)(
    "captures the albedo and the surface id of every kind of material, with %s",
    async (method) => {
      const run = await runGodot(method, project, "--script", "res://materials.gd");
      expectSuccess(run);
      expect(run.output).toContain(`renderer: ${method}`);
      expect(run.output).toMatch(/^[1-9]\d* passed, 0 failed$/m);
    },
    PATIENCE_MS,
  );

  it(
    "records the courtyard through a server",
    async () => {
      const courtyard = await assembleProject(at("../../examples/godot/courtyard"));
      const takes = await mkdtemp(join(tmpdir(), "playblast-takes-"));
      folders.push(courtyard, takes);
      const running = await testServer({ takeFolder: takes });
      const server = `127.0.0.1:${running.server.webSocketPort}`;
      const run = await runGodot(
        "forward_plus",
        courtyard,
        ...["--", "--playblast-record", "courtyard", "--ticks", String(TICKS), "--server", server],
      ).finally(running.close);
      expectSuccess(run);
      expect(run.output).toContain(`recorded ${TICKS} ticks, ${TICKS} pictures came back`);
      const plane = { size: SIZE, frames: TICKS };
      expect(await inspectTake(join(takes, "courtyard.mcap"))).toMatchObject({
        client: "playblast-godot 0.1.0",
        size: SIZE,
        frameRate: 24,
        frames: TICKS,
        firstTick: 0,
        lastTick: TICKS - 1,
        holes: [],
        firstFrames: 1,
        characters: [{ id: "Walker", bones: 17 }],
        objects: ["Ball", "Sign"],
        planes: [
          { kind: "depth", format: "f16", ...plane },
          { kind: "owner_id", format: "u16", ...plane },
          { kind: "shade", format: "u8", ...plane },
          { kind: "colour", format: "u8", ...plane },
          { kind: "albedo", format: "u8", ...plane },
          { kind: "surface_id", format: "u16", ...plane },
        ],
        damage: undefined,
      });
    },
    PATIENCE_MS,
  );
});
