import { spawnSync } from "node:child_process";
import { Progress } from "playblast/cli/progress";
import type { PlayblastClient } from "playblast/client/client";
import { playTake } from "playblast/client/play-take";
import type { FrameSize } from "playblast/scene/picture";
import { type ExampleTake, playedFor, readExampleTake } from "./example-take.js";
import { withLocalServer } from "./local-server.js";
import type { Section } from "./report.js";

const LARGE: FrameSize = { width: 1920, height: 1088 };
const SMALL: FrameSize = { width: 256, height: 144 };
const SHOTS = 100;
/** Cost is in the size: one frame is conditioned and remembered, and the network runs on a whole chunk of it. */
const TICKS = 1;
/** The process of a large shot has ended by then, and what it held in this one is collected. */
const SETTLED_MS = 1000;
const MOST_MORE_MB = 300;
const BYTES_A_MB = 1e6;
const BYTES_A_KIB = 1024;

/**
 * Resident memory of a server and its models' processes before, between and after exports of 1920x1088 that are opened and closed one
 * after another. Server and client are in this process. The first figure is taken after a small shot, so that everything is loaded.
 *
 * @param shots Default: 100, which takes a quarter of an hour and more on two cores.
 */
export async function benchLargeShots(shots = SHOTS): Promise<Section[]> {
  const take = await readExampleTake();
  return withLocalServer(async (client) => {
    await exported(client, take, SMALL);
    const start = await settledMegabytes();
    const progress = new Progress("large shots", shots);
    let between = start;
    for (let shot = 1; shot <= shots; shot++) {
      await exported(client, take, LARGE);
      between = Math.max(between, await settledMegabytes());
      progress.update(shot);
    }
    progress.end();
    await exported(client, take, SMALL);
    const end = await settledMegabytes();
    return [
      {
        name: "memory after large shots",
        method: `resident, of this process and those it started, ${SETTLED_MS / 1000} s after a shot; ${shots} exports of ${TICKS} tick(s) at ${LARGE.width}x${LARGE.height}`,
        figures: [
          { name: "at the start", value: start, unit: "MB" },
          { name: "most between two shots", value: between, unit: "MB" },
          { name: "at the end", value: end, unit: "MB" },
          { name: "more than at the start", value: end - start, unit: "MB", goal: { most: MOST_MORE_MB } },
        ],
      },
    ];
  });
}

async function exported(client: PlayblastClient, take: ExampleTake, size: FrameSize): Promise<void> {
  const answers = playTake(client, playedFor(take, TICKS), { mode: "export", size, seed: 1, steps: 1 });
  for await (const _ of answers);
}

async function settledMegabytes(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  globalThis.gc?.();
  return (process.memoryUsage().rss + childrenBytes()) / BYTES_A_MB;
}

/** Resident bytes of the processes that this one started; `ps` counts itself, a few megabytes. */
function childrenBytes(): number {
  const { stdout } = spawnSync("ps", ["-A", "-o", "ppid=,rss="], { encoding: "utf8" });
  const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  return rows.reduce((sum, [parent, kib]) => sum + (parent === process.pid ? kib * BYTES_A_KIB : 0), 0);
}
