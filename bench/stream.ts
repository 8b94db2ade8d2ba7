import type { PlayblastClient } from "playblast/client/client";
import { playTake } from "playblast/client/play-take";
import type { StageTimings } from "playblast/protocol/generated/playblast/v1/generated_frame";
import type { FrameSize } from "playblast/scene/picture";
import { type ExampleTake, playedFor, readExampleTake } from "./example-take.js";
import { watchIdleLoop } from "./idle-loop.js";
import { withLocalServer } from "./local-server.js";
import { RESOLUTION_MS, watchLoop } from "./loop-delay.js";
import { median } from "./median.js";
import type { Section } from "./report.js";

const WARM_UP_TICKS = 24;
const PLAYS = 3;
/** Frame sizes that are measured, with the frames a second and the share of busy time outside of the model that each is to reach. */
const SIZES: readonly { readonly size: FrameSize; readonly leastFps: number; readonly mostNotModel: number }[] = [
  { size: { width: 256, height: 144 }, leastFps: 24, mostNotModel: 40 },
  { size: { width: 512, height: 288 }, leastFps: 20, mostNotModel: 40 },
];
const MOST_DELAY_MS = 20;
const STAGES = ["decodeMs", "conditioningMs", "diffusionMs", "encodeMs"] as const;

/** One play of the take. */
interface Play {
  readonly fps: number;
  readonly timings: readonly StageTimings[];
}

/**
 * The example take through a real server over gRPC, lossless, as fast as it goes; and the delays of the event loop
 * meanwhile. Server and client share this process's main thread, so the client's work is in the delays too.
 */
export async function benchStream(ticks: number | undefined): Promise<Section[]> {
  const take = await readExampleTake();
  const length = ticks ?? take.frames.length;
  return withLocalServer(async (client) => {
    const sections: Section[] = [];
    for (const { size } of SIZES) await play(client, take, WARM_UP_TICKS, size);
    const stopIdle = await watchIdleLoop();
    const stop = watchLoop();
    for (const { size, leastFps, mostNotModel } of SIZES) {
      const plays: Play[] = [];
      for (let i = 0; i < PLAYS; i++) plays.push(await play(client, take, length, size));
      const timings = plays.flatMap((each) => each.timings);
      const total = STAGES.map((stage) => timings.reduce((sum, each) => sum + each[stage], 0));
      const busy = total.reduce((a, b) => a + b);
      const model = total[STAGES.indexOf("diffusionMs")];
      const fps = median(plays.map((each) => each.fps));
      sections.push({
        name: `end to end at ${size.width}x${size.height}`,
        method: `median FPS and mean times of ${PLAYS} plays of ${length} ticks after ${WARM_UP_TICKS}, export`,
        figures: [
          { name: "generated a second", value: fps, unit: "FPS", goal: { least: leastFps } },
          { name: "time a frame", value: 1000 / fps, unit: "ms" },
          { name: "busy a frame", value: busy / timings.length, unit: "ms" },
          ...STAGES.map((stage, i) => ({
            name: `  ${stage.replace("Ms", "")}`,
            value: total[i] / timings.length,
            unit: "ms",
          })),
          {
            name: "busy with other than the model",
            value: 100 * (1 - model / busy),
            unit: "%",
            goal: { most: mostNotModel },
          },
        ],
      });
    }
    const main = stop();
    const idle = await stopIdle();
    return [
      ...sections,
      {
        name: "event loop",
        method: `delays of the main thread during the same plays, the timer's own ${RESOLUTION_MS} ms included`,
        figures: [
          { name: "at 99 %", value: main.p99, unit: "ms" },
          { name: "longest", value: main.longest, unit: "ms", goal: { most: MOST_DELAY_MS } },
          { name: "longest of a thread that is idle", value: idle.longest, unit: "ms" },
        ],
      },
    ];
  });
}

/** FPS from the first frame sent to the last generated one received. */
async function play(client: PlayblastClient, take: ExampleTake, ticks: number, size: FrameSize): Promise<Play> {
  let first: number | undefined;
  let last = 0;
  const timings: StageTimings[] = [];
  const answers = playTake(client, playedFor(take, ticks), {
    mode: "export",
    seed: 1,
    size,
    onMessage: ({ $case }) => {
      if ($case === "engineFrame") first ??= performance.now();
    },
  });
  for await (const answer of answers) {
    if (answer.$case !== "generatedFrame" || !answer.value.timings) continue;
    timings.push(answer.value.timings);
    last = performance.now();
  }
  if (first === undefined || timings.length !== ticks)
    throw new Error(`${timings.length} of ${ticks} ticks came back generated; an export drops none`);
  return { fps: ticks / ((last - first) / 1000), timings };
}
