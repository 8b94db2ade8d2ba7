import { Progress } from "playblast/cli/progress";
import { PlayblastClient } from "playblast/client/client";
import type { OpenShot } from "playblast/protocol/generated/playblast/v1/open_shot";
import type { Section } from "../report.js";
import { floorFrame, floorLook, openFloor } from "./floor-scene.js";
import type { Form } from "./form.js";
import { ServerProcess } from "./server-process.js";

const SIZE = { width: 1920, height: 1088 };
const SHOTS: Record<Form, number> = { short: 2, long: 100 };
const MOST_LEFT = 300;
/** Until what a closed shot held has been given back. */
const SETTLE_MS = 3000;

/** Memory that is left of large shots when they have closed: each opens, takes its look, paints one tick and closes. */
export async function benchLargeShots(form: Form): Promise<Section[]> {
  const shots = SHOTS[form];
  const server = await ServerProcess.start();
  const client = new PlayblastClient(server.address);
  const progress = new Progress("large shots", shots);
  try {
    await paintOne(client, { width: 64, height: 36 });
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const start = server.megabytes();
    server.takePeakMegabytes();
    let done = 0;
    while (done < shots && !server.end) {
      const painted = await paintOne(client, SIZE).catch(() => 0);
      if (painted === 0) break;
      progress.update(++done);
    }
    progress.end();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    // A server that was killed for its memory has none, which is no good figure.
    const left = server.end ? Infinity : server.megabytes() - start;
    return [
      {
        name: "large shots",
        method: `resident memory of the server and its processes, ${shots} shots of 1920x1088 one after another, a tick each, once`,
        figures: [
          { name: "before", value: start, unit: "MB" },
          { name: "shots that were painted", value: done, unit: "", goal: { least: shots } },
          { name: "at most meanwhile", value: server.takePeakMegabytes(), unit: "MB" },
          { name: "left afterwards", value: left, unit: "MB", goal: { most: MOST_LEFT } },
        ],
      },
    ];
  } finally {
    client.close();
    await server.kill();
  }
}

/** Pictures that came of a shot of one tick. */
async function paintOne(client: PlayblastClient, size: { readonly width: number; readonly height: number }) {
  const { value } = openFloor("export", size) as { readonly value: OpenShot };
  const shot = await client.openShot(value);
  await shot.post(floorLook(0, size));
  await shot.send(floorFrame(0, size));
  await shot.close();
  let pictures = 0;
  for await (const answer of shot) if (answer.$case === "generatedFrame") pictures++;
  return pictures;
}
