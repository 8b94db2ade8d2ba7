/** Chunks of frames that may wait in a live shot before the oldest are dropped. */
const LIVE_CHUNKS = 2;
/** Chunks that an export's client may be ahead of the model. */
const EXPORT_CHUNKS = 4;

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
export function livePolicy(chunkLength: number): Policy {
  return { mostWaiting: LIVE_CHUNKS * chunkLength, credit: undefined, waitsForLook: false, dropsAtCut: true };
}

/** Lossless: the client waits for credit. */
export function exportPolicy(chunkLength: number): Policy {
  return { mostWaiting: Infinity, credit: EXPORT_CHUNKS * chunkLength, waitsForLook: true, dropsAtCut: false };
}
