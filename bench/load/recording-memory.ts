import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Progress } from "playblast/cli/progress";
import { PlayblastClient } from "playblast/client/client";
import type { OpenShot } from "playblast/protocol/generated/playblast/v1/open_shot";
import { inspectTake } from "playblast/take/inspect-take";
import type { Section } from "../report.js";
import { floorFrame, floorLook, openFloor } from "./floor-scene.js";
import type { Form } from "./form.js";
import { ServerProcess } from "./server-process.js";

const SIZE = { width: 64, height: 36 };
const TICKS: Record<Form, number> = { short: 2000, long: 10_000 };
/** Ticks in which caches fill and code is compiled: no part of the slope. */
const FIRST: Record<Form, number> = { short: 1000, long: 2000 };
const EVERY = 50;
const MOST_SLOPE = 1;
const PER = 1000;
/** Until a take has its name, after its shot has closed. */
const NAMED_MS = 10_000;
const POLL_MS = 50;

/** Memory of a server while it records one long shot: the slope of a straight line through what was resident. */
export async function benchRecordingMemory(form: Form): Promise<Section[]> {
  const ticks = TICKS[form];
  const takes = mkdtempSync(join(tmpdir(), "playblast-load-"));
  const server = await ServerProcess.start({ takes });
  const client = new PlayblastClient(server.address);
  const progress = new Progress("recording", ticks);
  const samples: { readonly tick: number; readonly megabytes: number }[] = [];
  try {
    const { value } = openFloor("export", SIZE, { recordAs: "long" }) as { readonly value: OpenShot };
    const shot = await client.openShot(value);
    await shot.post(floorLook(0, SIZE));
    const sending = (async () => {
      for (let tick = 0; tick < ticks; tick++) await shot.send(floorFrame(tick, SIZE));
      await shot.close();
    })();
    let done = 0;
    for await (const answer of shot) {
      if (answer.$case !== "generatedFrame") continue;
      progress.update(++done);
      if (done % EVERY === 0) samples.push({ tick: done, megabytes: server.megabytes() });
    }
    await sending;
    progress.end();
    const later = samples.filter(({ tick }) => tick > FIRST[form]);
    return [
      {
        name: "recording",
        method: `resident memory of the server and its processes, one recorded export of ${ticks} ticks at 64x36, once`,
        figures: [
          { name: `at tick ${later[0].tick}`, value: later[0].megabytes, unit: "MB" },
          { name: `at tick ${ticks}`, value: samples[samples.length - 1].megabytes, unit: "MB" },
          {
            name: `slope a ${PER} ticks after the first ${FIRST[form]}`,
            value: slope(later) * PER,
            unit: "MB",
            goal: { most: MOST_SLOPE },
          },
          { name: "ticks answered", value: done, unit: "", goal: { least: ticks } },
          {
            name: "ticks in the take",
            value: await framesIn(join(takes, "long.mcap")),
            unit: "",
            goal: { least: ticks },
          },
        ],
      },
    ];
  } finally {
    client.close();
    await server.kill();
    rmSync(takes, { recursive: true });
  }
}

/** Engine frames in a take that is about to get its name; 0 when it does not. */
async function framesIn(take: string): Promise<number> {
  for (let waited = 0; !existsSync(take) && waited < NAMED_MS; waited += POLL_MS)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  return existsSync(take) ? (await inspectTake(take)).frames : 0;
}

/** Of the least-squares line, in MB a tick. */
function slope(samples: readonly { readonly tick: number; readonly megabytes: number }[]): number {
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const x = mean(samples.map(({ tick }) => tick));
  const y = mean(samples.map(({ megabytes }) => megabytes));
  const across = samples.reduce((sum, { tick, megabytes }) => sum + (tick - x) * (megabytes - y), 0);
  return across / samples.reduce((sum, { tick }) => sum + (tick - x) ** 2, 0);
}
