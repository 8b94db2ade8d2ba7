import { Command, InvalidArgumentError } from "commander";
import pino from "pino";
import { PlayblastClient } from "../client/client.js";
import { playTake } from "../client/play-take.js";
import { startServer } from "../server/start-server.js";
import { acceptedMessages } from "../take/accepted-messages.js";
import { inspectTake } from "../take/inspect-take.js";
import { readTake } from "../take/take-reader.js";
import { frameRateOf, frameRateText, secondsOf } from "../video/frame-rate.js";
import { PngFolder } from "../video/png-folder.js";
import { type GapRule, gapBefore, type TickRange, ticksOf } from "../video/tick-gaps.js";
import { TickedVideo } from "../video/ticked-video.js";
import { checkFirstFrameTicks, collectFirstFrame, readFirstFrames } from "./first-frame-option.js";
import { checkGaps, gapNote, gapsOption } from "./gaps.js";
import { leftOut, refusedTake } from "./inspect.js";
import { interruptible } from "./interrupt.js";
import { outAt } from "./out-path.js";
import { printable, printableJson } from "./printable.js";
import { Progress } from "./progress.js";
import { clockMessage, SceneClock } from "./scene-clock.js";

interface RenderOptions {
  readonly out: string;
  readonly overwrite?: boolean;
  readonly gaps: GapRule;
  readonly firstFrame?: readonly string[];
  readonly seed: number;
  readonly steps?: number;
  readonly model?: string;
  readonly size?: { width: number; height: number };
  readonly allowTruncated?: boolean;
  readonly json?: boolean;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("expected a whole number, 0 or more");
  return value;
}

function parseSize(text: string): { width: number; height: number } {
  const match = /^(\d+)x(\d+)$/.exec(text);
  if (!match) throw new InvalidArgumentError("expected WIDTHxHEIGHT, as 512x288");
  return { width: Number(match[1]), height: Number(match[2]) };
}

/** `playblast render TAKE`: lossless export of a take through the gRPC door of a server of its own. */
export function renderCommand(): Command {
  return new Command("render")
    .description("generate every frame of a take, none lost")
    .argument("<take>", "a take (.mcap)")
    .requiredOption("--out <path>", "an .mp4 or .mov file, or a folder for numbered PNGs")
    .option("--overwrite", "replace the file or the folder's numbered PNGs when the new ones are whole")
    .option(
      "--first-frame <file[@tick]>",
      "picture that sets the look (PNG, JPEG or WebP) and the tick that it shows, the take's first where none is named; again for another view of the same look; default: the take's own",
      collectFirstFrame,
    )
    .option("--seed <number>", "the same seed gives the same file", wholeNumber, 1)
    .option("--steps <number>", "denoising passes a chunk; default: the model's", wholeNumber)
    .option("--model <id or card>", "model to paint with; default: the default model")
    .option("--size <WxH>", "frame size; default: the take's", parseSize)
    .addOption(gapsOption())
    .option("--allow-truncated", "render what is whole of a damaged take")
    .option("--json", "print JSON")
    .action((take: string, options: RenderOptions) => interruptible((signal) => render(take, options, signal)));
}

async function render(path: string, options: RenderOptions, signal: AbortSignal): Promise<void> {
  const out = await outAt(options.out, options.overwrite);
  const firstFrames = await readFirstFrames(options.firstFrame ?? []);
  const take = await inspectTake(path);
  if (take.damage && !options.allowTruncated) throw new Error(take.damage);
  const refusal = refusedTake(take);
  if (refusal && !options.allowTruncated) throw new Error(refusal);
  if (take.frames === 0) throw new Error(`take ${path} holds no engine frames, so there is nothing to render`);
  checkFirstFrameTicks(firstFrames, take);
  if (firstFrames.length === 0 && take.firstFrames === 0)
    throw new Error(`take ${path} brings no first frame; pass --first-frame FILE to set the look`);
  const frameRate = frameRateOf(take.frameRate);
  if ("video" in out) checkGaps(`take ${path}`, take.holes, options.gaps, frameRate);
  // What is wrong with a model is told here; a server's clients do not hear all of it.
  const log = pino({ level: "silent" });
  const server = await startServer({ port: 0, webSocketPort: 0, model: options.model, loadModel: true, log });
  const client = new PlayblastClient(`127.0.0.1:${server.port}`);
  const progress = new Progress("rendering", take.frames);
  const started = performance.now();
  let writer: TickedVideo | PngFolder | undefined;
  let frames = 0;
  let dropped: number | undefined;
  let last: number | undefined;
  const gaps: TickRange[] = [];
  const clock = new SceneClock(frameRate);
  const notices: { tick: number; message: string }[] = [];
  const note = (tick: number, message: string) => {
    notices.push({ tick, message });
    progress.note(`tick ${tick}: ${message}`);
  };
  try {
    writer =
      "video" in out ? new TickedVideo(out.video, frameRate, options.gaps, signal) : await PngFolder.create(out.folder);
    if (refusal) note(take.refused[0].tick ?? 0, leftOut(take));
    const { allowTruncated } = options;
    const messages = refusal
      ? acceptedMessages(path, {
          allowTruncated,
          onRefused: () => {},
          onMoved: (from, to) => note(to, `the first frame of tick ${from}, which is left out, is shown here`),
        })
      : readTake(path, { allowTruncated });
    const answers = playTake(client, messages, {
      ...options,
      model: undefined,
      mode: "export",
      firstFrames,
      signal,
      onMessage: (message) => {
        if (message.$case === "cut") clock.cut();
        else if (message.$case === "engineFrame") clock.see(message.value.tick, message.value.time);
      },
    });
    for await (const answer of answers) {
      // A shot that fails answers what waits like this first; its own error says more.
      if (answer.$case === "frameDropped") dropped ??= answer.value.tick;
      if (answer.$case === "notice") note(answer.value.tick, answer.value.message);
      if (answer.$case !== "generatedFrame") continue;
      const { image, tick, size } = answer.value;
      if (!size) throw new Error(`tick ${tick} came without a size`);
      const gap = gapBefore(tick, last);
      if (gap) gaps.push(gap);
      last = tick;
      await writer.write(tick, image, size);
      progress.update(++frames);
    }
    if (dropped !== undefined)
      throw new Error(`tick ${dropped} was dropped in an export; this is a defect, please report it`);
    await writer.close();
    progress.end();
  } catch (error) {
    progress.end();
    await writer?.abort();
    throw error;
  } finally {
    client.close();
    await server.close();
  }
  const seconds = (performance.now() - started) / 1000;
  const { worst } = clock;
  if (worst) note(worst.tick, clockMessage(worst, frameRate));
  const isVideo = "video" in out;
  const gapMessage = isVideo ? gapNote(gaps, options.gaps) : undefined;
  if (gapMessage) progress.note(gapMessage);
  const held = isVideo && options.gaps === "hold" ? ticksOf(gaps) : 0;
  const duration = isVideo ? secondsOf(frames + held, frameRate) : undefined;
  const rate = frameRateText(frameRate);
  if (options.json) {
    console.log(printableJson({ out: options.out, frames, held, gaps, frameRate: rate, duration, seconds, notices }));
  } else {
    const what = duration === undefined ? "pictures" : `frames, ${duration.toFixed(2)} s of video,`;
    console.log(`${printable(options.out)}: ${frames} ${what} in ${seconds.toFixed(1)} s`);
  }
}
