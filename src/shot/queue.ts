import type { EngineFrame } from "../scene/engine-frame.js";
import { planeBytes } from "./frame-bytes.js";
import { pictureBytes, type SentLook } from "./looks.js";

/** Marks (looks, cuts, flushes, prompts) that may wait in a shot before its client has to wait. */
export const MOST_MARKS = 64;
/** Bytes of first frames, as sent, and of the planes that they show, that may wait likewise; one of any size may. */
export const MOST_LOOK_BYTES = 64 * 1024 * 1024;

/** An engine frame that waits to be generated. */
export interface WaitingFrame {
  readonly kind: "frame";
  readonly frame: EngineFrame;
  /** When its message arrived, in `performance.now()` milliseconds. */
  readonly arrived: number;
  readonly decodeMs: number;
}

/** A first frame that waits to take over, and the frame that it shows, as `shownByLook` leaves it. */
export interface WaitingLook extends SentLook {
  readonly kind: "look";
  readonly frame: EngineFrame;
}

/** What waits between frames. */
export type Mark =
  | WaitingLook
  | { readonly kind: "cut"; readonly forgetLook: boolean; readonly newPlace: boolean }
  /** Words that hold from the next chunk on: a chunk that is begun goes on around them. */
  | { readonly kind: "prompt"; readonly prompt: string }
  /** So many Flush in a row. */
  | { readonly kind: "flush"; readonly count: number }
  | { readonly kind: "close" };

/** What waits to be worked on. */
export type Item = WaitingFrame | Mark;

/** What waits in a shot, in the order of arrival; its counts are kept beside it. */
export interface ShotQueue {
  items: Item[];
  frames: number;
  lookBytes: number;
  /** Whether a Close is the last of it. */
  closes: boolean;
}

/** A queue in which nothing waits. */
export function emptyQueue(): ShotQueue {
  return { items: [], frames: 0, lookBytes: 0, closes: false };
}

/** Whether as many marks wait as may. */
export function isFull({ items, frames, lookBytes }: ShotQueue): boolean {
  return items.length - frames >= MOST_MARKS || lookBytes > MOST_LOOK_BYTES;
}

/** Adds a frame at the end. */
export function pushFrame(queue: ShotQueue, frame: WaitingFrame): void {
  queue.items.push(frame);
  queue.frames++;
}

/**
 * Adds a mark at the end. Cuts in a row become one, as do flushes, which keep their number, and of looks and of prompts in a row the last one holds.
 *
 * @returns The look that will not be used because this one takes its place.
 */
export function pushMark(queue: ShotQueue, mark: Mark): WaitingLook | undefined {
  return insertMark(queue, queue.items.length, mark);
}

/**
 * Adds the first look of frames that wait already: before them, but after a cut that forgets the look before it.
 *
 * @returns The look that will not be used because this one takes its place.
 */
export function insertFirstLook(queue: ShotQueue, look: WaitingLook): WaitingLook | undefined {
  const cut = queue.items.findLastIndex((item) => item.kind === "cut" && item.forgetLook);
  return insertMark(queue, cut + 1, look);
}

function insertMark(queue: ShotQueue, at: number, mark: Mark): WaitingLook | undefined {
  const { items } = queue;
  const before = items[at - 1];
  if (mark.kind === "close") queue.closes = true;
  if (mark.kind === "look") queue.lookBytes += bytesOf(mark);
  const joined = before && join(before, mark);
  if (!joined) {
    items.splice(at, 0, mark);
    return undefined;
  }
  items[at - 1] = joined;
  if (before.kind !== "look") return undefined;
  queue.lookBytes -= bytesOf(before);
  return before;
}

/** Two neighbours as one that does the same; undefined where they do different things. */
function join(before: Item, mark: Item): Mark | undefined {
  if (before.kind === "flush" && mark.kind === "flush") return { kind: "flush", count: before.count + mark.count };
  if (before.kind === "cut" && mark.kind === "cut") {
    return {
      kind: "cut",
      forgetLook: before.forgetLook || mark.forgetLook,
      newPlace: before.newPlace || mark.newPlace,
    };
  }
  if (before.kind === "prompt" && mark.kind === "prompt") return mark;
  return before.kind === "look" && mark.kind === "look" ? mark : undefined;
}

/** Takes the oldest frames out, wherever they stand, and gives them; marks that are neighbours then become one where they can. */
export function dropFrames(queue: ShotQueue, most: number): WaitingFrame[] {
  const dropped: WaitingFrame[] = [];
  if (most <= 0 || queue.frames === 0) return dropped;
  const left: Item[] = [];
  for (const item of queue.items) {
    if (item.kind === "frame" && dropped.length < most) {
      dropped.push(item);
      continue;
    }
    const before = left.at(-1);
    // Looks stay apart: each is said to its client when it takes over.
    const joined = before && item.kind !== "look" ? join(before, item) : undefined;
    if (joined) left[left.length - 1] = joined;
    else left.push(item);
  }
  queue.items = left;
  queue.frames -= dropped.length;
  return dropped;
}

/**
 * How many frames stand at the head of the queue, counted up to `most`, and the mark behind them where there is one. Behind a frame, prompts are
 * passed over: they end no chunk.
 */
export function headOf(queue: ShotQueue, most: number): { readonly frames: number; readonly mark: Mark | undefined } {
  let frames = 0;
  for (const item of queue.items) {
    if (item.kind === "frame") {
      if (++frames > most) return { frames: most, mark: undefined };
    } else if (item.kind !== "prompt" || frames === 0) return { frames, mark: item };
  }
  return { frames, mark: undefined };
}

/** Takes frames from the head of the queue, where there are so many. Prompts between them stay, for the next chunk. */
export function takeFrames(queue: ShotQueue, count: number): WaitingFrame[] {
  return dropFrames(queue, count);
}

/** Takes the mark at the head of the queue; undefined where a frame or nothing is there. */
export function takeMark(queue: ShotQueue): Mark | undefined {
  const [head] = queue.items;
  if (!head || head.kind === "frame") return undefined;
  queue.items.shift();
  if (head.kind === "look") queue.lookBytes -= bytesOf(head);
  return head;
}

/** Lets go of all that waits. */
export function clearQueue(queue: ShotQueue): void {
  Object.assign(queue, emptyQueue());
}

/** Bytes of a look's picture as it was sent, and of the planes that it keeps from being forgotten. */
function bytesOf({ first, frame }: WaitingLook): number {
  return pictureBytes(first) + planeBytes(frame);
}
