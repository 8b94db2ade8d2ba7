import { readFileSync, writeFileSync } from "node:fs";
import { Progress } from "playblast/cli/progress";
import { PlayblastClient } from "playblast/client/client";
import { playTake } from "playblast/client/play-take";
import { findModel } from "playblast/diffusion/model-card";
import type { ShotMessage } from "playblast/protocol/codec";
import type { FrameSize } from "playblast/scene/picture";
import { shotBytes, sizeName } from "playblast/shot/memory";
import { type ExampleTake, readExampleTake } from "./example-take.js";
import { processTree, residentMegabytes } from "./load/process-tree.js";
import { ServerProcess } from "./load/server-process.js";
import type { Section } from "./report.js";

const SIZES: readonly FrameSize[] = [
  { width: 832, height: 480 },
  { width: 1920, height: 1088 },
];
/** Of the shot with which the model is loaded. */
const SMALL: FrameSize = { width: 64, height: 36 };
/** Seven chunks: each begins with a cut to another part of the take, so that the world cache has all the keyframes that it keeps. */
const TICKS = 28;
const CHUNK = 4;
/** Of the take's frames, from one to the next: far enough that each chunk shows something new. */
const STRIDE = 4;
/** What is measured over what is said, either way. */
const TOLERANCE = 0.2;
/** Of one shot, whatever its size, in MB. */
const MOST_MB = 1500;
/** Of all processes of a server that is far from the goal: it is killed. */
const KILLED_AT_MB = 6000;
const BYTES_A_MB = 1 << 20;
const SETTLE_MS = 1000;

/**
 * Memory of one export of the example take at video sizes, brought to them by the server: peak resident memory of the server's process and of
 * the model's, above what each had before the shot, beside what `playblast doctor` says. Linux only.
 */
export async function benchShotMemory(ticks = TICKS): Promise<Section[]> {
  const take = await readExampleTake();
  const sections: Section[] = [];
  for (const size of SIZES) sections.push(await measure(take, size, ticks));
  return sections;
}

async function measure(take: ExampleTake, size: FrameSize, ticks: number): Promise<Section> {
  const server = await ServerProcess.start({ mostMegabytes: KILLED_AT_MB });
  const client = new PlayblastClient(server.address);
  const progress = new Progress(sizeName(size), ticks);
  try {
    // The model is loaded by the first shot that asks for it.
    for await (const _ of playTake(client, cutEachChunk(take, CHUNK), { mode: "export", size: SMALL }));
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const [own, model] = processTree(server.pid);
    const before = [own, model].map(residentMegabytes);
    for (const pid of [own, model]) forgetPeak(pid);
    let done = 0;
    let peaks = [0, 0];
    for await (const answer of playTake(client, cutEachChunk(take, ticks), {
      mode: "export",
      seed: 1,
      steps: 1,
      size,
    })) {
      if (answer.$case !== "generatedFrame") continue;
      progress.update(++done);
      // The model's process may be gone with the last of them.
      peaks = [own, model].map((pid, i) => Math.max(peaks[i], peakMegabytes(pid)));
    }
    progress.end();
    if (done !== ticks) throw new Error(`${done} of ${ticks} ticks came back generated; an export drops none`);
    const [serverPeak, modelPeak] = peaks.map((peak, i) => peak - before[i]);
    const said = shotBytes(size, findModel("").model.memory) / BYTES_A_MB;
    const total = serverPeak + modelPeak;
    return {
      name: `memory of a shot at ${sizeName(size)}`,
      method: `peak resident memory above that of the idle processes, export of ${ticks} ticks with a cut each ${CHUNK}, once`,
      figures: [
        { name: "server", value: serverPeak, unit: "MB" },
        { name: "model's process", value: modelPeak, unit: "MB" },
        { name: "both", value: total, unit: "MB", goal: { most: MOST_MB } },
        { name: "both a pixel", value: (total * BYTES_A_MB) / (size.width * size.height), unit: "bytes" },
        { name: "as doctor says", value: said, unit: "MB" },
        { name: "both against that", value: total / said, unit: "", goal: { most: 1 + TOLERANCE } },
        { name: "that against both", value: said / total, unit: "", goal: { most: 1 / (1 - TOLERANCE) } },
      ],
    };
  } finally {
    client.close();
    await server.kill();
  }
}

/** Ticks from all over a take, with a cut before each chunk that keeps the look and the keyframes. */
async function* cutEachChunk({ open, look, frames }: ExampleTake, ticks: number): AsyncGenerator<ShotMessage> {
  yield { $case: "openShot", value: open };
  yield { $case: "firstFrame", value: look };
  for (let i = 0; i < ticks; i++) {
    if (i > 0 && i % CHUNK === 0) yield { $case: "cut", value: { forgetLook: false, newPlace: false } };
    const tick = frames[0].tick + i;
    yield {
      $case: "engineFrame",
      value: { ...frames[(i * STRIDE) % frames.length], tick, time: tick / open.frameRate },
    };
  }
}

/** Lets the kernel count a process's peak anew. */
function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** The most resident memory that a process had since `forgetPeak`, in MB. */
function peakMegabytes(pid: number): number {
  const found = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return found ? Number(found[1]) / 1024 : 0;
}
