import type { PlayblastClient } from "playblast/client/client";
import { playTake } from "playblast/client/play-take";
import type { FrameSize } from "playblast/scene/picture";
import { type ExampleTake, playedFor, readExampleTake } from "./example-take.js";
import { withLocalServer } from "./local-server.js";
import type { Section } from "./report.js";

const SIZE: FrameSize = { width: 256, height: 144 };
const EXPORT_SIZE: FrameSize = { width: 1280, height: 720 };
const SHOTS = 8;
/** Ticks a second that live shots send together: more than two cores generate, and not so much more that reading them is what limits. */
const OFFERED = 48;
/** Long enough that one chunk more or less is a few percent of a shot's frames. */
const SECONDS = 40;
const WARM_UP_SECONDS = 3;
/** Far more than an export generates in the time. */
const EXPORT_TICKS = 400;
const LEAST_SUM = 0.9;
const LEAST_EVENNESS = 0.9;
const LEAST_BESIDE_EXPORT = 0.5;

/**
 * What live shots get of one model when they are many, and beside an export of large pictures: over gRPC, with server and clients in this
 * process and the model in its own. What one shot gets alone is measured before and after, in the same run, and the mean is compared with.
 *
 * @param seconds Length of each measurement.
 */
export async function benchSharing(seconds = SECONDS): Promise<Section[]> {
  const take = await readExampleTake();
  return withLocalServer(async (client) => {
    await live(client, take, 1, WARM_UP_SECONDS);
    const [before] = await live(client, take, 1, seconds);
    const together = await live(client, take, SHOTS, seconds);
    const stop = new AbortController();
    const exporting = exportUntil(client, take, stop.signal);
    const [beside] = await live(client, take, 1, seconds);
    stop.abort();
    const exported = await exporting;
    const [after] = await live(client, take, 1, seconds);
    const alone = (before + after) / 2;
    const sum = together.reduce((a, b) => a + b);
    return [
      {
        name: "live shots together",
        method: `${SHOTS} at ${sizeName(SIZE)} for ${seconds} s, ${OFFERED} ticks a second offered in all, against one alone`,
        figures: [
          { name: "one alone, before and after", value: alone, unit: "FPS" },
          { name: `${SHOTS} in all`, value: sum, unit: "FPS" },
          { name: "in all against one alone", value: sum / alone, unit: "", goal: { least: LEAST_SUM } },
          {
            name: "the least served against the best",
            value: Math.min(...together) / Math.max(...together),
            unit: "",
            goal: { least: LEAST_EVENNESS },
          },
        ],
      },
      {
        name: "live beside an export",
        method: `${sizeName(SIZE)} live beside an export at ${sizeName(EXPORT_SIZE)} for ${seconds} s`,
        figures: [
          { name: "live beside the export", value: beside, unit: "FPS" },
          { name: "against alone", value: beside / alone, unit: "", goal: { least: LEAST_BESIDE_EXPORT } },
          { name: "frames exported meanwhile", value: exported, unit: "" },
        ],
      },
    ];
  });
}

/** Generated frames a second of so many live shots at a time, each from its first picture on. */
async function live(client: PlayblastClient, take: ExampleTake, shots: number, seconds: number): Promise<number[]> {
  const rate = OFFERED / shots;
  // The rate of the take is the pace at which it is played.
  const paced = { ...take, open: { ...take.open, frameRate: rate } };
  const one = async () => {
    const stop = new AbortController();
    let first: number | undefined;
    let count = 0;
    const options = { mode: "live", size: SIZE, seed: 1, steps: 1, signal: stop.signal } as const;
    try {
      for await (const answer of playTake(client, playedFor(paced, rate * seconds * 10), options)) {
        if (answer.$case !== "generatedFrame") continue;
        const now = performance.now();
        first ??= now;
        if (now - first > seconds * 1000) {
          // Ends the sending too, which would go on behind a mere break.
          stop.abort();
          break;
        }
        count++;
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
    return count / seconds;
  };
  return Promise.all(Array.from({ length: shots }, one));
}

/** Exports until it is told to stop; gives the number of frames that came. */
async function exportUntil(client: PlayblastClient, take: ExampleTake, signal: AbortSignal): Promise<number> {
  let count = 0;
  const options = { mode: "export", size: EXPORT_SIZE, seed: 1, steps: 1, signal } as const;
  try {
    for await (const answer of playTake(client, playedFor(take, EXPORT_TICKS), options))
      if (answer.$case === "generatedFrame") count++;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return count;
}

function sizeName({ width, height }: FrameSize): string {
  return `${width}x${height}`;
}
