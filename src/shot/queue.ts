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
  /** Whether the look begins anew with it, as with a shot's first; else it is one more image of the look before it. */
  readonly newLook: boolean;
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
  /** Images that a look may have. */
  readonly lookImages: number;
}

/**
 * A queue in which nothing waits.
 *
 * @param lookImages Images that a look may have, at least 1: of more in a row those that the model would not hold are not kept.
 */
export function emptyQueue(lookImages: number): ShotQueue {
  return { items: [], frames: 0, lookBytes: 0, closes: false, lookImages };
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
 * Adds a mark at the end. Cuts in a row become one, as do flushes, which keep their number; of prompts in a row the last one holds, and of looks
 * those that the model would hold in the end.
 *
 * @returns The looks that will not be used because of this one.
 */
export function pushMark(queue: ShotQueue, mark: Mark): WaitingLook[] {
  if (mark.kind === "look") return insertLook(queue, queue.items.length, mark);
  const { items } = queue;
  if (mark.kind === "close") queue.closes = true;
  const before = items.at(-1);
  const joined = before && join(before, mark);
  if (joined) items[items.length - 1] = joined;
  else items.push(mark);
  return [];
}

/** Adds the first look of frames that wait already: before them, but after a cut that forgets the look before it. */
export function insertFirstLook(queue: ShotQueue, look: WaitingLook): void {
  const cut = queue.items.findLastIndex((item) => item.kind === "cut" && item.forgetLook);
  insertLook(queue, cut + 1, look);
}

/** Adds a look before the item at a place. Gives those of the looks directly before it that are not needed any more, and takes them out. */
function insertLook(queue: ShotQueue, at: number, look: WaitingLook): WaitingLook[] {
  const { items } = queue;
  let from = at;
  while (items[from - 1]?.kind === "look") from--;
  const row = [...(items.slice(from, at) as WaitingLook[]), look];
  const held = heldOf(row, queue.lookImages);
  items.splice(from, at - from, ...held);
  const gone = row.filter((each) => !held.includes(each));
  queue.lookBytes += bytesOf(look) - gone.reduce((sum, each) => sum + bytesOf(each), 0);
  return gone;
}

/** Those of a row of looks that a model holds in the end: the last that begins anew, and of those after it the newest. */
function heldOf(row: readonly WaitingLook[], most: number): WaitingLook[] {
  const first = row.findLastIndex(({ newLook }) => newLook);
  const added = row.slice(first + 1);
  return [...row.slice(Math.max(0, first), first + 1), ...added.slice(Math.max(0, added.length - (most - 1)))];
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
  return before.kind === "prompt" && mark.kind === "prompt" ? mark : undefined;
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
    // Looks stay: each is said to its client when it takes over.
    const joined = before && join(before, item);
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
  Object.assign(queue, emptyQueue(queue.lookImages));
}

/** Bytes of a look's picture as it was sent, and of the planes that it keeps from being forgotten. */
function bytesOf({ first, frame }: WaitingLook): number {
  return pictureBytes(first) + planeBytes(frame);
}
