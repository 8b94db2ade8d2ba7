import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PlayblastClient, type ShotError } from "playblast/client/client";
import type { OpenShot } from "playblast/protocol/generated/playblast/v1/open_shot";
import { afterAll, describe, expect, it } from "vitest";
import { BYSTANDER_SIZE, Bystander } from "../../bench/load/bystander.js";
import { floorFrame, openFloor } from "../../bench/load/floor-scene.js";
import type { LiveReport } from "../../bench/load/live-shot.js";
import { COMMAND_LINE, ServerProcess } from "../../bench/load/server-process.js";
import { seeded } from "./attacks/mutate.js";
import { LONG, pause } from "./attacks/target.js";
import { say } from "./ground.js";

const FAILED_PRECONDITION = 9;
const CRASHES = LONG ? 20 : 3;
const LEAST_MS = 2000;
const SPREAD_MS = 4000;
const MOST_LOST_MS = 1000;
/** From the sending of a tick to its place in the take, and how late a timer may be on a busy machine. */
const SLACK_MS = 500;

const folder = mkdtempSync(join(tmpdir(), "playblast-crash-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the built command line to its end without holding up this process. */
async function run(...args: string[]) {
  const child = spawn(process.execPath, [COMMAND_LINE, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (text) => {
    stdout += text;
  });
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const [status] = await once(child, "close");
  return { status: status as number | null, stdout, stderr };
}

/** Records a live shot into `takes` and kills the server after a while. */
async function crashed(takes: string, afterMs: number): Promise<{ readonly report: LiveReport; readonly at: number }> {
  const server = await ServerProcess.start({ takes });
  const bystander = await Bystander.start(server.address, { recordAs: "shot" });
  await pause(afterMs);
  const at = Date.now();
  await server.kill();
  const report = await bystander.report();
  bystander.kill();
  return { report, at };
}

/** Records a tick under a name. Gives the code that it was refused with, or 0. */
async function recordAgain(server: ServerProcess, name: string): Promise<number> {
  const client = new PlayblastClient(server.address);
  try {
    const { value } = openFloor("live", BYSTANDER_SIZE, { recordAs: name }) as { readonly value: OpenShot };
    const shot = await client.openShot(value);
    await shot.send(floorFrame(0, BYSTANDER_SIZE));
    await shot.close();
    for await (const _ of shot);
    return 0;
  } catch (error) {
    return (error as ShotError).code;
  } finally {
    client.close();
  }
}

/** The crash's take, wherever it is now. */
function takeIn(takes: string): string {
  const [file] = readdirSync(takes);
  return join(takes, file);
}

describe("kill -9 in the middle of a recording", () => {
  const random = seeded(13);
  it.each(Array.from({ length: CRASHES }, (_, i) => [i, LEAST_MS + random(SPREAD_MS)]))(
    "crash %i, after %i ms, loses a second at most",
    async (i, afterMs) => {
      const takes = join(folder, `crash-${i}`);
      const { report, at } = await crashed(takes, afterMs);
      const take = takeIn(takes);
      const inspected = await run("inspect", take, "--json");
      const found = inspected.stdout ? JSON.parse(inspected.stdout) : { frames: 0, lastTick: -1 };
      const missing = report.times.find(({ tick }) => tick > found.lastTick);
      const lostMs = missing ? at - missing.at : 0;
      say("kill -9", `after ${afterMs} ms`, [
        `${report.times.length} ticks sent`,
        `${found.frames} in the take`,
        `${lostMs.toFixed(0)} ms lost`,
      ]);
      // A take without its end is said to be truncated, after what it holds.
      expect(inspected.stdout, inspected.stderr).not.toBe("");
      expect(found.frames).toBe(found.lastTick + 1);
      expect(lostMs).toBeLessThanOrEqual(MOST_LOST_MS + SLACK_MS + report.ownStall);
      const out = join(takes, "rendered");
      const rendered = await run("render", take, "--allow-truncated", "--out", out, "--json");
      expect(rendered).toMatchObject({ status: 0 });
      expect(JSON.parse(rendered.stdout)).toMatchObject({ frames: found.frames });
    },
  );

  it("leaves a take that the next recording of its name does not touch", async () => {
    const takes = join(folder, "again");
    await crashed(takes, LEAST_MS);
    const before = spawnSync(process.execPath, [COMMAND_LINE, "inspect", takeIn(takes), "--json"], {
      encoding: "utf8",
    });
    const { frames } = JSON.parse(before.stdout || '{"frames":-1}');
    expect(frames).toBeGreaterThan(0);
    const server = await ServerProcess.start({ takes });
    // The name may be refused, as the old take has it, or taken once more beside the old take.
    const refusal = await recordAgain(server, "shot");
    expect([0, FAILED_PRECONDITION]).toContain(refusal);
    await server.terminate();
    const held: number[] = [];
    for (const file of readdirSync(takes)) {
      const { stdout } = await run("inspect", join(takes, file), "--json");
      if (stdout) held.push(JSON.parse(stdout).frames);
    }
    expect(held).toContain(frames);
  });
});
