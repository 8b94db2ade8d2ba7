import { Progress } from "playblast/cli/progress";
import { playTake } from "playblast/client/play-take";
import { playedFor, readExampleTake } from "./example-take.js";
import { withLocalServer } from "./local-server.js";
import type { Section } from "./report.js";

/** Ticks of the whole run; at 24 a second three and a half minutes of a scene. */
export const MEMORY_TICKS = 5000;
const SAMPLES = 10;
/** Memory of the last sample over that of the first: 5 % of slack for the allocator's own ups and downs. */
const MOST_GROWTH = 1.05;
const BYTES_A_MB = 1 << 20;

/**
 * Resident memory of a server, its model and a client in this process while one shot goes on and on, with one step a
 * chunk. The looped take stays in one place, so the cache's keyframes are kept at each cut: the case that holds most.
 */
export async function benchMemory(ticks = MEMORY_TICKS): Promise<Section[]> {
  const take = await readExampleTake();
  const every = Math.max(1, Math.floor(ticks / SAMPLES));
  const samples: { readonly tick: number; readonly megabytes: number }[] = [];
  const progress = new Progress("memory", ticks);
  let done = 0;
  await withLocalServer(async (client) => {
    for await (const answer of playTake(client, playedFor(take, ticks), { mode: "export", seed: 1, steps: 1 })) {
      if (answer.$case !== "generatedFrame") continue;
      progress.update(++done);
      if (done % every === 0) samples.push({ tick: done, megabytes: residentMegabytes() });
    }
    progress.end();
  });
  if (done !== ticks) throw new Error(`${done} of ${ticks} ticks came back generated; an export drops none`);
  const collected = globalThis.gc ? "after a collection in the main thread" : "without a collection (no --expose-gc)";
  const [first] = samples;
  const last = samples[samples.length - 1];
  return [
    {
      name: "memory",
      method: `resident, ${collected}, one shot of ${ticks} ticks, once`,
      figures: [
        ...samples.map(({ tick, megabytes }) => ({ name: `tick ${tick}`, value: megabytes, unit: "MB" })),
        {
          name: `tick ${last.tick} against ${first.tick}`,
          value: last.megabytes / first.megabytes,
          unit: "",
          goal: { most: MOST_GROWTH },
        },
      ],
    },
  ];
}

function residentMegabytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss / BYTES_A_MB;
}
