import { Command, InvalidArgumentError, Option } from "commander";
import { LIMITS } from "../protocol/limits.js";
import { type FrameRate, frameRateText, parseFrameRate, secondsOf } from "../video/frame-rate.js";
import { findPngs, readPng } from "../video/png-sequence.js";
import { type GapRule, ticksOf } from "../video/tick-gaps.js";
import { TickedVideo } from "../video/ticked-video.js";
import { videoSize } from "../video/video-writer.js";
import { checkGaps, gapNote, gapsOption } from "./gaps.js";
import { interruptible } from "./interrupt.js";
import { videoAt } from "./out-path.js";
import { printable, printableJson } from "./printable.js";
import { Progress } from "./progress.js";

const FRAME_RATE: FrameRate = { numerator: 24, denominator: 1 };

interface VideoOptions {
  readonly frameRate: FrameRate;
  readonly gaps: GapRule;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

function frameRateArgument(text: string): FrameRate {
  const rate = parseFrameRate(text, LIMITS.maxFrameRate);
  if (!rate) {
    throw new InvalidArgumentError(
      `expected a number above 0, up to ${LIMITS.maxFrameRate}, or a fraction as 24000/1001`,
    );
  }
  return rate;
}

/** `playblast video FOLDER OUT`: numbered PNGs, such as `render` writes, as a video with one frame a tick. */
export function videoCommand(): Command {
  return new Command("video")
    .description("join numbered PNGs into a video, one frame a tick")
    .argument("<folder>", "a folder of PNGs named by their ticks (000000.png), as render writes them")
    .argument("<out>", "an .mp4 or .mov file")
    .addOption(
      new Option("--frame-rate <rate>", "ticks a second: 24, 24000/1001, or 23.976, which means the same")
        .argParser(frameRateArgument)
        .default(FRAME_RATE, frameRateText(FRAME_RATE)),
    )
    .addOption(gapsOption())
    .option("--overwrite", "replace the file when the video is whole")
    .option("--json", "print JSON")
    .action((folder: string, out: string, options: VideoOptions) =>
      interruptible((signal) => video(folder, out, options, signal)),
    );
}

async function video(folder: string, out: string, options: VideoOptions, signal: AbortSignal): Promise<void> {
  const { frameRate, gaps: rule, overwrite, json } = options;
  const file = await videoAt(out, overwrite);
  const { pictures, size, holes: gaps } = await findPngs(folder);
  checkGaps(folder, gaps, rule, frameRate);
  const progress = new Progress("encoding", pictures.length);
  const note = gapNote(gaps, rule);
  if (note) progress.note(note);
  const started = performance.now();
  // The encoder has much to do yet when the last picture is written, so it listens to the signal itself.
  const writer = new TickedVideo(file, frameRate, rule, signal);
  let frames = 0;
  try {
    for (const { tick, path } of pictures) {
      await writer.write(tick, await readPng(path), size);
      progress.update(++frames);
    }
    await writer.close();
    progress.end();
  } catch (error) {
    progress.end();
    await writer.abort();
    throw error;
  }
  const seconds = (performance.now() - started) / 1000;
  const held = rule === "hold" ? ticksOf(gaps) : 0;
  const report = {
    out,
    frames,
    held,
    gaps,
    firstTick: pictures[0].tick,
    lastTick: pictures[pictures.length - 1].tick,
    size: sizeText(size),
    videoSize: sizeText(videoSize(size)),
    frameRate: frameRateText(frameRate),
    duration: secondsOf(frames + held, frameRate),
    seconds,
  };
  if (json) console.log(printableJson(report));
  else {
    const of =
      report.size === report.videoSize ? report.size : `${report.size} (in ${report.videoSize}, its edge twice)`;
    console.log(
      `${printable(out)}: ${frames} frames of ${of} at ${report.frameRate} a second, ${report.duration.toFixed(2)} s of video, in ${seconds.toFixed(1)} s`,
    );
  }
}

function sizeText({ width, height }: { width: number; height: number }): string {
  return `${width}x${height}`;
}
