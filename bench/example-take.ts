import { fileURLToPath } from "node:url";
import type { ShotMessage } from "playblast/protocol/codec";
import { readTake } from "playblast/take/take-reader";

type Of<Kind extends ShotMessage["$case"]> = Extract<ShotMessage, { $case: Kind }>["value"];

const EXAMPLE = fileURLToPath(new URL("../../examples/courtyard.take.mcap", import.meta.url));

/** The example take in memory, so that reading the file is no part of what is measured. */
export interface ExampleTake {
  readonly open: Of<"openShot">;
  readonly look: Of<"firstFrame">;
  readonly frames: readonly Of<"engineFrame">[];
}

/**
 * Reads the example take.
 *
 * @throws TakeError when it cannot be read, Error when it does not open with a look of its first frame.
 */
export async function readExampleTake(): Promise<ExampleTake> {
  let open: Of<"openShot"> | undefined;
  let look: Of<"firstFrame"> | undefined;
  const frames: Of<"engineFrame">[] = [];
  for await (const message of readTake(EXAMPLE)) {
    if (message.$case === "openShot") open = message.value;
    else if (message.$case === "firstFrame") look ??= message.value;
    else if (message.$case === "engineFrame") frames.push(message.value);
  }
  if (!open || !look || look.tick !== frames[0]?.tick)
    throw new Error(`${EXAMPLE} does not open with a first frame that shows its first tick`);
  return { open, look, frames };
}

/**
 * The messages of a take played for a number of ticks, over and over where it is shorter. Where it starts again the
 * camera jumps, within the same place, so a Cut is sent: the look and the keyframes stay, and ticks and time go on rising.
 */
export async function* playedFor({ open, look, frames }: ExampleTake, ticks: number): AsyncGenerator<ShotMessage> {
  yield { $case: "openShot", value: open };
  yield { $case: "firstFrame", value: look };
  const span = frames[frames.length - 1].tick + 1 - frames[0].tick;
  for (let i = 0; i < ticks; i++) {
    const loop = Math.floor(i / frames.length);
    const frame = frames[i % frames.length];
    if (loop > 0 && frame === frames[0]) yield { $case: "cut", value: { forgetLook: false, newPlace: false } };
    const tick = frame.tick + loop * span;
    yield { $case: "engineFrame", value: { ...frame, tick, time: frame.time + (loop * span) / open.frameRate } };
  }
}
