import type { ShotMessage } from "../protocol/codec.js";
import { readEngineFrame } from "../protocol/engine-frame.js";
import { BadRequestError } from "../protocol/errors.js";
import { readFirstFrame } from "../protocol/first-frame.js";
import type { FirstFrame } from "../protocol/generated/playblast/v1/direction.js";
import type { EngineFrame } from "../protocol/generated/playblast/v1/engine_frame.js";
import { type OpenShot, ShotMode } from "../protocol/generated/playblast/v1/open_shot.js";
import { LIMITS, PROTOCOL_VERSION } from "../protocol/limits.js";
import { readOpenShot, type ShotRequest } from "../protocol/open-shot.js";
import { decodeEntry, wireName } from "./take-messages.js";
import { type ReadOptions, readEntries, TakeError } from "./take-reader.js";

/** Ticks left out that a first frame is looked for in: a server takes one for its last 64 ticks. */
const MOST_GONE = 64;

/** A message of a take that a server refuses, which would end its shot. */
export interface RefusedMessage {
  /** Which of the take's messages, from 0. */
  readonly index: number;
  /** Its name in the .proto files, as engine_frame. */
  readonly message: string;
  /** Of an engine frame that could be decoded, or of the tick that a first frame shows. */
  readonly tick: number | undefined;
  /** Path of the refused field. */
  readonly field: string;
  /** What came, what is allowed and what to do. */
  readonly reason: string;
}

/** How a take is checked while it is read. */
export interface CheckOptions extends ReadOptions {
  /** Hears of each message that is left out. */
  readonly onRefused: (refused: RefusedMessage) => void;
  /** Hears of a first frame that shows a tick that was left out: it goes to the tick that comes next, or came last. */
  readonly onMoved?: (from: number, to: number) => void;
}

/**
 * The messages of a take that a server accepts, by the server's own checks, in the order in which they came. Planes are
 * decoded for that, each once.
 *
 * @throws TakeError as `readTake`, and when the take does not begin with an open_shot that a server accepts.
 */
export async function* acceptedMessages(path: string, options: CheckOptions): AsyncGenerator<ShotMessage> {
  const { onRefused } = options;
  let shot: ShotRequest | undefined;
  let lastTick = -1;
  let index = -1;
  /** Shows a tick that is still to come. */
  let waiting: FirstFrame | undefined;
  const gone = new Set<number>();
  for await (const entry of readEntries(path, options)) {
    index++;
    let message: ShotMessage | undefined;
    try {
      message = decodeEntry(entry);
      if (!shot) {
        shot = opening(path, message);
        yield message;
        continue;
      }
      await check(message, shot, lastTick);
    } catch (error) {
      if (error instanceof TakeError) throw error;
      // What the checks did not foresee would end the shot as well.
      const { field, description: reason } =
        error instanceof BadRequestError
          ? error
          : new BadRequestError(wireName(entry.kind), `cannot be read (${(error as Error).message})`);
      if (!shot) throw unusable(path, `${field}: ${reason}`);
      const tick = message && tickOf(message);
      if (message?.$case === "engineFrame" && message.value.tick > lastTick) {
        gone.add(message.value.tick);
        if (gone.size > MOST_GONE) gone.delete(gone.values().next().value as number);
      }
      onRefused({ index, message: wireName(entry.kind), tick, field, reason });
      continue;
    }
    if (message.$case === "firstFrame") {
      const { tick } = message.value;
      if (tick > lastTick) waiting = message.value;
      else
        yield { $case: "firstFrame", value: gone.has(tick) ? moved(message.value, lastTick, options) : message.value };
      continue;
    }
    if (message.$case === "engineFrame") {
      lastTick = message.value.tick;
      if (waiting && waiting.tick <= lastTick) {
        const value = gone.has(waiting.tick) ? moved(waiting, lastTick, options) : waiting;
        waiting = undefined;
        yield { $case: "firstFrame", value };
      }
    }
    yield message;
  }
  if (waiting) yield { $case: "firstFrame", value: waiting };
}

/** Throws BadRequestError where a server would. */
async function check(message: ShotMessage, shot: ShotRequest, lastTick: number): Promise<void> {
  if (message.$case === "engineFrame") readEngineFrame(message.value, shot, sizeOf(message.value, shot), lastTick);
  else if (message.$case === "firstFrame") await readFirstFrame(message.value);
  else if (message.$case === "openShot")
    throw new BadRequestError("open_shot", "came a second time; open another stream for another shot");
}

function opening(path: string, message: ShotMessage): ShotRequest {
  if (message.$case !== "openShot") {
    throw new TakeError(
      path,
      0,
      `begins with ${wireName(message.$case)}, not with open_shot, so that nobody knows what its frames mean; record it again from the start of the shot`,
    );
  }
  return readOpenShot(asRendered(message.value));
}

/** What of an open_shot counts when its take is rendered: the rest is chosen anew. */
function asRendered(open: OpenShot): OpenShot {
  return {
    ...open,
    protocolVersion: { ...PROTOCOL_VERSION },
    mode: ShotMode.SHOT_MODE_EXPORT,
    model: "",
    steps: 0,
    imageFormat: 0,
    resumeToken: "",
    recordAs: "",
  };
}

function unusable(path: string, why: string): TakeError {
  return new TakeError(path, 0, `has an open_shot that no server accepts (${why}); record it again`);
}

/** The size that a frame's planes are read at: the shot's, or where the server chooses that, their own. */
function sizeOf(frame: EngineFrame, shot: ShotRequest): { width: number; height: number } {
  if (shot.size.width > 0) return shot.size;
  const [plane] = frame.planes;
  return {
    width: Math.min(plane?.size?.width || 1, LIMITS.maxWidth),
    height: Math.min(plane?.size?.height || 1, LIMITS.maxHeight),
  };
}

function moved(first: FirstFrame, tick: number, { onMoved }: CheckOptions): FirstFrame {
  onMoved?.(first.tick, tick);
  return { ...first, tick };
}

function tickOf(message: ShotMessage): number | undefined {
  return message.$case === "engineFrame" || message.$case === "firstFrame" ? message.value.tick : undefined;
}
