import { existsSync, statSync } from "node:fs";
import { dirname, extname } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { LIMITS } from "../protocol/limits.js";
import { findPngs, readPng } from "../video/png-sequence.js";
import { VideoWriter } from "../video/video-writer.js";
import { interruptible } from "./interrupt.js";
import { printable, printableJson } from "./printable.js";
import { Progress } from "./progress.js";
import { tickRanges } from "./tick-ranges.js";

const FRAME_RATE = 24;
/** Holes that an error names; the others it counts. */
const MOST_NAMED = 8;

interface VideoOptions {
  readonly frameRate: number;
  readonly json?: boolean;
}

function parseFrameRate(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= LIMITS.maxFrameRate))
    throw new InvalidArgumentError(`expected a number above 0, up to ${LIMITS.maxFrameRate}`);
  return value;
}

/** `playblast video FOLDER OUT`: numbered PNGs, such as `render` writes, as an mp4 with one frame a picture. */
export function videoCommand(): Command {
  return new Command("video")
    .description("join numbered PNGs into an mp4, one frame a picture")
    .argument("<folder>", "a folder of PNGs named by their ticks (000000.png), as render writes them")
    .argument("<out>", "an .mp4 file")
    .option("--frame-rate <number>", "pictures a second", parseFrameRate, FRAME_RATE)
    .option("--json", "print JSON")
    .action((folder: string, out: string, options: VideoOptions) =>
      interruptible((signal) => video(folder, out, options, signal)),
    );
}

async function video(folder: string, out: string, { frameRate, json }: VideoOptions, signal: AbortSignal) {
  checkOut(out);
  const { pictures, size, holes } = await findPngs(folder);
  const firstTick = pictures[0].tick;
  const lastTick = pictures[pictures.length - 1].tick;
  if (holes.length > 0) {
    const more = holes.length > MOST_NAMED ? ` and at ${holes.length - MOST_NAMED} more places` : "";
    const missing = `${tickRanges(holes.slice(0, MOST_NAMED))}${more}`;
    throw new Error(
      `${folder}: pictures are missing between ${firstTick} and ${lastTick}: ${missing}; write them, or number the others without a hole`,
    );
  }
  const progress = new Progress("encoding", pictures.length);
  const started = performance.now();
  let frames = 0;
  let writer: VideoWriter | undefined;
  // The encoder has much to do yet when the last picture is written: it must not go on with that.
  const stop = () => writer?.abort();
  signal.addEventListener("abort", stop);
  try {
    for (const { path } of pictures) {
      const rgb = await readPng(path);
      signal.throwIfAborted();
      writer ??= new VideoWriter(out, size, frameRate);
      await writer.write(rgb);
      progress.update(++frames);
    }
    await writer?.close();
    progress.end();
  } catch (error) {
    progress.end();
    await writer?.abort();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
  const seconds = (performance.now() - started) / 1000;
  const frameSize = `${size.width}x${size.height}`;
  if (json) console.log(printableJson({ out, frames, firstTick, lastTick, size: frameSize, frameRate, seconds }));
  else
    console.log(
      `${printable(out)}: ${frames} frames of ${frameSize} at ${frameRate} a second, in ${seconds.toFixed(1)} s`,
    );
}

/** Throws where no video can be written, before any picture is read. */
function checkOut(out: string): void {
  if (extname(out) !== ".mp4") throw new Error(`${out}: does not end in .mp4; only mp4 files can be written`);
  if (existsSync(out) && !statSync(out).isFile()) throw new Error(`${out}: is not a file; choose another name`);
  if (!existsSync(dirname(out))) throw new Error(`${out}: folder ${dirname(out)} is missing; make it first`);
}
