import { BadRequestError } from "../protocol/errors.js";
import type { FirstFrame } from "../protocol/generated/playblast/v1/direction.js";
import type { FrameSize } from "../scene/picture.js";

/** First frames that may wait for ticks that are yet to come. */
export const MOST_PENDING_LOOKS = 4;
/** Bytes of their pictures, as sent; one of any size may wait. */
export const MOST_PENDING_BYTES = 64 * 1024 * 1024;

/** A first frame as it came, still encoded. */
export interface SentLook {
  readonly first: FirstFrame;
  /** Of its picture, as the header says. */
  readonly pictureSize: FrameSize;
}

/** First frames that wait for the ticks that they show, in the order of arrival. */
export interface PendingLooks {
  readonly byTick: Map<number, SentLook>;
  /** Of their pictures. */
  bytes: number;
}

/** No first frames. */
export function noLooks(): PendingLooks {
  return { byTick: new Map(), bytes: 0 };
}

/**
 * Keeps a first frame until its tick comes. One for the same tick gives way to it, and the oldest where there are too many. Where the look was to begin
 * anew with the one for the same tick, it begins anew with this one.
 *
 * @returns The ticks of those that gave way.
 */
export function pend(pending: PendingLooks, look: SentLook): number[] {
  const { byTick } = pending;
  const { tick } = look.first;
  const before = remove(pending, tick);
  const gone = before ? [tick] : [];
  const newLook = look.first.newLook || (before?.first.newLook ?? false);
  byTick.set(tick, { ...look, first: { ...look.first, newLook } });
  pending.bytes += pictureBytes(look.first);
  for (const oldest of byTick.keys()) {
    const fits = byTick.size <= MOST_PENDING_LOOKS && pending.bytes <= MOST_PENDING_BYTES;
    if (fits || oldest === tick) break;
    remove(pending, oldest);
    gone.push(oldest);
  }
  return gone;
}

/**
 * Takes the first frame that shows the tick that has come.
 *
 * @throws BadRequestError where one waits for a tick before it, which will not come any more.
 */
export function takePending(pending: PendingLooks, tick: number): SentLook | undefined {
  const missed = [...pending.byTick.keys()].find((waiting) => waiting < tick);
  if (missed !== undefined) {
    throw new BadRequestError(
      "first_frame.tick",
      `is ${missed}, but the next frame was ${tick}; show a tick that was sent or is the next to come`,
    );
  }
  return remove(pending, tick);
}

/** Lets go of all; their ticks. */
export function clearPending(pending: PendingLooks): number[] {
  const ticks = [...pending.byTick.keys()];
  pending.byTick.clear();
  pending.bytes = 0;
  return ticks;
}

/** Bytes of a first frame's picture as it was sent. */
export function pictureBytes({ image }: FirstFrame): number {
  return image?.$case === "plane" ? image.value.data.length : (image?.value.length ?? 0);
}

function remove(pending: PendingLooks, tick: number): SentLook | undefined {
  const look = pending.byTick.get(tick);
  if (look) pending.bytes -= pictureBytes(look.first);
  pending.byTick.delete(tick);
  return look;
}
