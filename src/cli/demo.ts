import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import pino from "pino";
import { PlayblastClient } from "../client/client.js";
import { playTake } from "../client/play-take.js";
import { DropReason, type StageTimings } from "../protocol/generated/playblast/v1/generated_frame.js";
import type { Plane } from "../protocol/generated/playblast/v1/plane.js";
import { NoticeKind } from "../protocol/generated/playblast/v1/shot_event.js";
import { planeName, readPicture, recordedPlane } from "../protocol/plane.js";
import type { FrameSize } from "../scene/picture.js";
import { startServer } from "../server/start-server.js";
import { inspectTake } from "../take/inspect-take.js";
import { readTake } from "../take/take-reader.js";
import { findFfmpeg } from "../video/ffmpeg.js";
import { frameRateOf } from "../video/frame-rate.js";
import { sideBySide, writeContactSheet } from "../video/sheet.js";
import { TickedVideo } from "../video/ticked-video.js";
import { checkWritable } from "../video/whole-file.js";
import { readFirstFrameFile } from "./first-frame-file.js";
import { interruptible } from "./interrupt.js";
import { printable, printableJson } from "./printable.js";
import { Progress } from "./progress.js";

const EXAMPLE = fileURLToPath(new URL("../../examples/courtyard.take.mcap", import.meta.url));
const LOOK = fileURLToPath(new URL("../../examples/courtyard.look.png", import.meta.url));
const SHEET_ROWS = 6;

interface DemoOptions {
  readonly take: string;
  readonly firstFrame: string;
  readonly out: string;
  readonly json?: boolean;
}

/** One tick of the demo: what was sent and what came back. */
interface Tick {
  readonly tick: number;
  engine?: Uint8Array;
  warp?: Uint8Array;
  generated?: Uint8Array;
}

/** `playblast demo`: an example take, live through a real server, as videos and a contact sheet. */
export function demoCommand(): Command {
  return new Command("demo")
    .description("stream an example take live through a server and write what it generates")
    .option("--take <file>", "a take (.mcap)", EXAMPLE)
    .option("--first-frame <file>", "picture that sets the look", LOOK)
    .option("--out <folder>", "where the videos go", "out")
    .option("--json", "print JSON")
    .action((options: DemoOptions) => interruptible((signal) => demo(options, signal)));
}

async function demo(options: DemoOptions, signal: AbortSignal): Promise<void> {
  for (const file of [options.take, options.firstFrame]) {
    if (!existsSync(file))
      throw new Error(`${file} is missing; get it back with the repository, or pass --take and --first-frame`);
  }
  const firstFrame = await readFirstFrameFile(options.firstFrame);
  await mkdir(options.out, { recursive: true }).catch((error: Error) => {
    throw new Error(`--out ${options.out}: the folder cannot be made (${error.message}); pass another`);
  });
  await checkWritable(options.out);
  findFfmpeg();
  const take = await inspectTake(options.take);
  const server = await startServer({ port: 0, webSocketPort: 0, log: pino({ level: "silent" }) });
  const client = new PlayblastClient(`127.0.0.1:${server.port}`);
  const ticks = new Map<number, Tick>();
  const tickOf = (tick: number): Tick => {
    const known = ticks.get(tick) ?? { tick };
    ticks.set(tick, known);
    return known;
  };
  const drops = new Map<string, number>();
  const timings: StageTimings[] = [];
  const coverage: number[] = [];
  let size: FrameSize = { width: 0, height: 0 };
  let first = 0;
  let last = 0;
  let model = "";
  const progress = new Progress("generating", take.frames);
  try {
    await warmUp(client, options.take, firstFrame, signal);
    const answers = playTake(client, readTake(options.take), {
      mode: "live",
      firstFrames: [{ encoded: firstFrame }],
      seed: 1,
      controlPreview: true,
      signal,
      onOpen: (shot) => {
        size = shot.ready.frameSize as FrameSize;
        model = `${shot.ready.model} on ${shot.ready.provider}, ${shot.ready.steps} step(s)`;
      },
      onMessage: (message) => {
        if (message.$case !== "engineFrame") return;
        if (first === 0) first = performance.now();
        tickOf(message.value.tick).engine = enginePicture(message.value.planes, size);
      },
    });
    for await (const answer of answers) {
      if (answer.$case === "notice") {
        // How many frames were dropped is in the report.
        if (answer.value.kind === NoticeKind.NOTICE_KIND_SLOW) continue;
        progress.note(`tick ${answer.value.tick}: ${answer.value.message}`);
      }
      if (answer.$case === "controlPreview") tickOf(answer.value.tick).warp = answer.value.filledWarp;
      else if (answer.$case === "frameDropped") {
        const reason = (DropReason[answer.value.reason] ?? "unknown").replace("DROP_REASON_", "").toLowerCase();
        drops.set(reason, (drops.get(reason) ?? 0) + 1);
      } else if (answer.$case === "generatedFrame") {
        tickOf(answer.value.tick).generated = answer.value.image;
        last = performance.now();
        coverage.push(answer.value.coveragePercent);
        if (answer.value.timings) timings.push(answer.value.timings);
        progress.update(timings.length);
      }
    }
  } finally {
    progress.end();
    client.close();
    await server.close();
  }
  if (timings.length === 0) throw new Error("nothing was generated; run playblast doctor");
  // Encoding waits until now: it would take the cores that the model runs on.
  const files = await writeFiles(options.out, [...ticks.values()], size, take.frameRate, signal);
  const report = {
    model,
    frameSize: `${size.width}x${size.height}`,
    sent: ticks.size,
    generated: timings.length,
    dropped: Object.fromEntries(drops),
    fps: (timings.length - 1) / ((last - first) / 1000),
    possibleFps: 1000 / mean(timings.map((t) => busyOf(t))),
    latencyMs: Object.fromEntries(
      (["queueMs", "decodeMs", "conditioningMs", "diffusionMs", "encodeMs", "totalMs"] as const).map((stage) => {
        const values = timings.map((t) => t[stage]);
        return [stage.replace("Ms", ""), { p50: quantile(values, 0.5), p95: quantile(values, 0.95) }];
      }),
    ),
    notModelShare: mean(timings.map((t) => 1 - t.diffusionMs / busyOf(t))),
    coveragePercent: mean(coverage),
    files,
  };
  if (options.json) console.log(printableJson(report, 2));
  else print(report);
}

/** Loads the model and runs a chunk or two, live as the shot that counts, so that this one waits for neither. */
async function warmUp(
  client: PlayblastClient,
  take: string,
  firstFrame: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  async function* start() {
    let frames = 0;
    for await (const message of readTake(take)) {
      yield message;
      if (message.$case === "engineFrame" && ++frames === 8) return;
    }
  }
  for await (const _ of playTake(client, start(), { mode: "live", firstFrames: [{ encoded: firstFrame }], signal }));
}

/** What the engine drew, where a take has it. */
function enginePicture(planes: readonly Plane[], size: FrameSize): Uint8Array | undefined {
  const plane = recordedPlane(planes);
  return plane && readPicture(plane, planeName(plane.kind), size).rgb;
}

function busyOf(t: StageTimings): number {
  return t.decodeMs + t.conditioningMs + t.diffusionMs + t.encodeMs;
}

async function writeFiles(
  folder: string,
  ticks: Tick[],
  size: FrameSize,
  frameRate: number,
  signal: AbortSignal,
): Promise<string[]> {
  ticks.sort((a, b) => a.tick - b.tick);
  const black = new Uint8Array(size.width * size.height * 3);
  let generated = ticks.find((tick) => tick.generated)?.generated ?? black;
  let warp = ticks.find((tick) => tick.warp)?.warp ?? black;
  const isRepainted = ticks.some(differs);
  // A dropped tick repeats the picture before it, so that the length is right.
  const rows = ticks.map((tick) => {
    generated = tick.generated ?? generated;
    warp = tick.warp ?? warp;
    const engine = tick.engine ?? black;
    return isRepainted ? [engine, warp, generated] : [engine, generated];
  });
  const wide = { width: size.width * rows[0].length, height: size.height };
  const videoAt = (path: string) =>
    new TickedVideo({ path, container: "mp4", overwrite: true }, frameRateOf(frameRate), "hold", signal);
  const files = { plain: join(folder, "demo.mp4"), beside: join(folder, "side-by-side.mp4") };
  const [plain, beside] = [videoAt(files.plain), videoAt(files.beside)];
  const progress = new Progress("encoding", rows.length);
  try {
    for (const [i, row] of rows.entries()) {
      await plain.write(ticks[i].tick, row[row.length - 1], size);
      await beside.write(ticks[i].tick, sideBySide(row, size), wide);
      progress.update(i + 1);
    }
    await Promise.all([plain.close(), beside.close()]);
  } catch (error) {
    await Promise.all([plain.abort(), beside.abort()]);
    throw error;
  } finally {
    progress.end();
  }
  const sheet = join(folder, "contact-sheet.png");
  const picked = Array.from(
    { length: SHEET_ROWS },
    (_, i) => rows[Math.round((i * (rows.length - 1)) / (SHEET_ROWS - 1))],
  );
  await writeContactSheet(sheet, picked, size);
  return [files.plain, files.beside, sheet];
}

/** Whether a network changed the filled warp; it leaves what the look's transfer paints as it is. */
function differs({ warp, generated }: Tick): boolean {
  return warp !== undefined && generated !== undefined && Buffer.compare(warp, generated) !== 0;
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(q * (sorted.length - 1))];
}

interface Report {
  readonly model: string;
  readonly frameSize: string;
  readonly sent: number;
  readonly generated: number;
  readonly dropped: Record<string, number>;
  readonly fps: number;
  readonly possibleFps: number;
  readonly latencyMs: Record<string, { readonly p50: number; readonly p95: number }>;
  readonly notModelShare: number;
  readonly coveragePercent: number;
  readonly files: readonly string[];
}

function print(report: Report): void {
  const dropped =
    Object.entries(report.dropped)
      .map(([reason, count]) => `${count} (${reason})`)
      .join(", ") || "0";
  const rows: [string, string][] = [
    ["model", `${report.model}, ${report.frameSize}`],
    ["ticks sent", String(report.sent)],
    ["generated", String(report.generated)],
    ["dropped", dropped],
    ["FPS", `${report.fps.toFixed(1)} (up to ${report.possibleFps.toFixed(1)} when frames come faster)`],
    ...Object.entries(report.latencyMs).map(([stage, { p50, p95 }]): [string, string] => [
      `${stage} ms`,
      `${p50.toFixed(1)} median, ${p95.toFixed(1)} at 95 %`,
    ]),
    ["not the model", `${(report.notModelShare * 100).toFixed(0)} % of the busy time`],
    ["coverage", `${report.coveragePercent.toFixed(1)} % of pixels known to the world cache`],
    ...report.files.map((file): [string, string] => ["wrote", file]),
  ];
  for (const [name, value] of rows) console.log(`${name.padEnd(16)} ${printable(value)}`);
}
