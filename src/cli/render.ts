import { mkdir } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import pino from "pino";
import { PlayblastClient } from "../client/client.js";
import { playTake } from "../client/play-take.js";
import { loadModel } from "../diffusion/model-card.js";
import { startServer } from "../server/start-server.js";
import { inspectTake } from "../take/inspect-take.js";
import { readTake } from "../take/take-reader.js";
import { writePng } from "../video/png-sequence.js";
import { VideoWriter } from "../video/video-writer.js";
import { readFirstFrameFile } from "./first-frame-file.js";
import { interruptible } from "./interrupt.js";
import { Progress } from "./progress.js";

interface RenderOptions {
  readonly out: string;
  readonly firstFrame?: string;
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
    .requiredOption("--out <path>", "an .mp4 file, or a folder for numbered PNGs")
    .option("--first-frame <file>", "picture that sets the look (PNG, JPEG or WebP); default: the take's own")
    .option("--seed <number>", "the same seed gives the same file", wholeNumber, 1)
    .option("--steps <number>", "denoising passes a chunk; default: the model's", wholeNumber)
    .option("--model <id or card>", "model to paint with; default: the default model")
    .option("--size <WxH>", "frame size; default: the take's", parseSize)
    .option("--allow-truncated", "render what is whole of a damaged take")
    .option("--json", "print JSON")
    .action((take: string, options: RenderOptions) => interruptible((signal) => render(take, options, signal)));
}

async function render(path: string, options: RenderOptions, signal: AbortSignal): Promise<void> {
  const firstFrame = options.firstFrame === undefined ? undefined : await readFirstFrameFile(options.firstFrame);
  const take = await inspectTake(path);
  if (take.damage && !options.allowTruncated) throw new Error(take.damage);
  if (take.frames === 0) throw new Error(`take ${path} holds no engine frames, so there is nothing to render`);
  if (!firstFrame && take.firstFrames === 0)
    throw new Error(`take ${path} brings no first frame; pass --first-frame FILE to set the look`);
  const asVideo = extname(options.out) === ".mp4";
  await mkdir(asVideo ? dirname(options.out) : options.out, { recursive: true });
  // What is wrong with a model's files is told here; a server's clients do not hear it.
  loadModel(options.model ?? "");
  const server = await startServer({ port: 0, webSocketPort: 0, model: options.model, log: pino({ level: "silent" }) });
  const client = new PlayblastClient(`127.0.0.1:${server.port}`);
  const progress = new Progress("rendering", take.frames);
  const started = performance.now();
  let video: VideoWriter | undefined;
  let frames = 0;
  const notices: { tick: number; message: string }[] = [];
  try {
    const answers = playTake(client, readTake(path, { allowTruncated: options.allowTruncated }), {
      ...options,
      model: undefined,
      mode: "export",
      firstFrame,
      signal,
    });
    for await (const answer of answers) {
      if (answer.$case === "frameDropped")
        throw new Error(`tick ${answer.value.tick} was dropped in an export; this is a defect, please report it`);
      if (answer.$case === "notice") {
        const { tick, message } = answer.value;
        notices.push({ tick, message });
        progress.note(`tick ${tick}: ${message}`);
      }
      if (answer.$case !== "generatedFrame") continue;
      const { image, tick, size } = answer.value;
      if (!size) throw new Error(`tick ${tick} came without a size`);
      if (asVideo) {
        video ??= new VideoWriter(options.out, size, take.frameRate);
        await video.write(image);
      } else await writePng(options.out, tick, image, size);
      progress.update(++frames);
    }
    await video?.close();
    progress.end();
  } catch (error) {
    progress.end();
    await video?.abort();
    throw error;
  } finally {
    client.close();
    await server.close();
  }
  const seconds = (performance.now() - started) / 1000;
  if (options.json) console.log(JSON.stringify({ out: options.out, frames, seconds, notices }));
  else console.log(`${options.out}: ${frames} frames in ${seconds.toFixed(1)} s`);
}
