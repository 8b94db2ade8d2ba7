import { stat } from "node:fs/promises";
import type { FirstFramePicture } from "../client/play-take.js";
import type { TakeSummary } from "../take/inspect-take.js";
import { readFirstFrameFile } from "./first-frame-file.js";
import { tickRanges } from "./tick-ranges.js";

/** Gaps in a take's ticks that an error lists. */
const MOST_SHOWN = 20;

/** A first frame as `--first-frame FILE[@TICK]` names it, read. */
export interface NamedFirstFrame extends FirstFramePicture {
  /** As the user gave it. */
  readonly text: string;
}

/** Collects what `--first-frame` is given, once or several times. */
export function collectFirstFrame(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/**
 * Reads the files of `--first-frame`. The tick is what follows the last '@', if that is a whole number and there is no file of the full name.
 *
 * @throws Error that names the option, the file, what is wrong with it and what to do.
 */
export async function readFirstFrames(texts: readonly string[]): Promise<NamedFirstFrame[]> {
  const read: NamedFirstFrame[] = [];
  for (const text of texts) {
    const [, file, tick] = /^(.+)@(\d+)$/s.exec(text) ?? [];
    const isFile = file === undefined || (await stat(text).catch(() => undefined)) !== undefined;
    const encoded = await readFirstFrameFile(isFile ? text : file);
    read.push(isFile ? { text, encoded } : { text, encoded, tick: Number(tick) });
  }
  return read;
}

/**
 * Checks that first frames show ticks of a take, one each, and that its first tick has one.
 *
 * @throws Error that names the option, the tick and what to do.
 */
export function checkFirstFrameTicks(pictures: readonly NamedFirstFrame[], take: TakeSummary): void {
  const { firstTick = 0, lastTick = 0, holes } = take;
  const named = new Map<number, string>();
  for (const { text, tick = firstTick } of pictures) {
    const option = `--first-frame ${text}`;
    const isMissing = holes.some(({ from, to }) => tick >= from && tick <= to);
    if (tick < firstTick || tick > lastTick || isMissing) {
      const gaps = holes.length > 0 ? ` without ${tickRanges(holes.slice(0, MOST_SHOWN))}` : "";
      const more = holes.length > MOST_SHOWN ? " ..." : "";
      throw new Error(
        `${option}: take ${take.path} has no tick ${tick}; its ticks are ${firstTick} to ${lastTick}${gaps}${more}`,
      );
    }
    const other = named.get(tick);
    if (other !== undefined) throw new Error(`${option}: tick ${tick} has ${other} already; pass one picture a tick`);
    named.set(tick, text);
  }
  if (named.size > 0 && !named.has(firstTick)) {
    throw new Error(
      `--first-frame: no picture shows tick ${firstTick}, the take's first, so that nothing could be painted until ${Math.min(...named.keys())}; pass one for it too, as FILE@${firstTick}`,
    );
  }
}
