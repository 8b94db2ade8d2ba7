import type { FrameSize } from "../scene/picture.js";
import { mostFrameBytes } from "./frame-bytes.js";

/** Chunks of frames that may wait in a live shot before the oldest are dropped. */
const LIVE_CHUNKS = 2;
/** Chunks that an export's client may be ahead of the model. */
const EXPORT_CHUNKS = 4;
/** Bytes of the planes of frames that wait in a shot, with every plane there is; one chunk of any size may. From some 540x300 on it is fewer chunks. */
export const MOST_WAITING_BYTES = 96 * 1024 * 1024;

/** What a shot does when the model cannot keep up. */
export interface Policy {
  /** Frames that may wait; the oldest beyond it are dropped. */
  readonly mostWaiting: number;
  /** Frames that may be sent ahead; undefined where sending is free. */
  readonly credit: number | undefined;
  /** Frames that arrive before there is a look are dropped, or wait for it. */
  readonly waitsForLook: boolean;
  /** A chunk that a cut leaves unfilled is dropped, or generated short. */
  readonly dropsAtCut: boolean;
}

/** Newest wins: latency stays bounded, every dropped tick is answered. */
export function livePolicy(chunkLength: number, size: FrameSize): Policy {
  const mostWaiting = framesAhead(LIVE_CHUNKS, chunkLength, size);
  return { mostWaiting, credit: undefined, waitsForLook: false, dropsAtCut: true };
}

/** Lossless: the client waits for credit. */
export function exportPolicy(chunkLength: number, size: FrameSize): Policy {
  const credit = framesAhead(EXPORT_CHUNKS, chunkLength, size);
  return { mostWaiting: Infinity, credit, waitsForLook: true, dropsAtCut: false };
}

/** Whole chunks of frames, as many as the bytes allow, one at least. */
function framesAhead(mostChunks: number, chunkLength: number, size: FrameSize): number {
  const chunks = Math.floor(MOST_WAITING_BYTES / (chunkLength * mostFrameBytes(size)));
  return chunkLength * Math.min(mostChunks, Math.max(1, chunks));
}
