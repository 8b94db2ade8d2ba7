import { describe, expect, it } from "vitest";
import type { EngineFrame } from "../../src/scene/engine-frame.js";
import {
  clearQueue,
  dropFrames,
  emptyQueue,
  headOf,
  type Item,
  insertFirstLook,
  isFull,
  MOST_LOOK_BYTES,
  MOST_MARKS,
  pushFrame,
  pushMark,
  type ShotQueue,
  takeFrames,
  takeMark,
  type WaitingFrame,
  type WaitingLook,
} from "../../src/shot/queue.js";

const frame = (tick: number): WaitingFrame => ({
  kind: "frame",
  frame: { tick } as EngineFrame,
  arrived: 0,
  decodeMs: 0,
});
const look = (tick: number, bytes = 10, newLook = true): WaitingLook => ({
  kind: "look",
  newLook,
  first: { image: { $case: "encoded", value: Buffer.alloc(bytes) }, tick, newLook: false },
  pictureSize: { width: 1, height: 1 },
  frame: { tick } as EngineFrame,
});
const added = (tick: number) => look(tick, 10, false);
const cut = (forgetLook = false, newPlace = false) => ({ kind: "cut", forgetLook, newPlace }) as const;
const prompt = (text: string) => ({ kind: "prompt", prompt: text }) as const;
const flush = { kind: "flush", count: 1 } as const;

const short = (item: Item): string =>
  item.kind === "frame" || item.kind === "look"
    ? `${item.kind} ${item.frame.tick}`
    : item.kind === "flush"
      ? `flush ${item.count}`
      : item.kind === "cut"
        ? ["cut", item.forgetLook && "forget", item.newPlace && "place"].filter(Boolean).join(" ")
        : item.kind === "prompt"
          ? `prompt ${item.prompt}`
          : item.kind;
const contents = (queue: ShotQueue) => queue.items.map(short);

function filled(...items: Item[]): ShotQueue {
  const queue = emptyQueue(3);
  for (const item of items) {
    if (item.kind === "frame") pushFrame(queue, item);
    else pushMark(queue, item);
  }
  return queue;
}

describe("a shot's queue", () => {
  it("gives frames and marks in the order of arrival", () => {
    const queue = filled(frame(0), frame(1), cut(), frame(2), { kind: "close" });
    expect(headOf(queue, 4)).toMatchObject({ frames: 2, mark: { kind: "cut" } });
    expect(headOf(queue, 1)).toEqual({ frames: 1, mark: undefined });
    expect(takeMark(queue)).toBeUndefined();
    expect(takeFrames(queue, 2).map(short)).toEqual(["frame 0", "frame 1"]);
    expect(takeMark(queue)).toMatchObject({ kind: "cut" });
    expect(queue).toMatchObject({ frames: 1, closes: true });
    expect(takeFrames(queue, 1).map(short)).toEqual(["frame 2"]);
    expect(takeMark(queue)).toEqual({ kind: "close" });
    expect(headOf(queue, 4)).toEqual({ frames: 0, mark: undefined });
  });

  it("makes one of flushes and cuts in a row, and forgets none of what they ask", () => {
    const queue = filled(flush, flush, flush, cut(true), cut(false, true), frame(0), flush, cut(), flush);
    expect(contents(queue)).toEqual(["flush 3", "cut forget place", "frame 0", "flush 1", "cut", "flush 1"]);
  });

  it("lets a new look take the place of those that no frame came after", () => {
    const queue = filled(look(0, 100), frame(0));
    expect(pushMark(queue, look(1, 30))).toEqual([]);
    expect(pushMark(queue, added(5))).toEqual([]);
    expect(pushMark(queue, look(2, 20)).map(short)).toEqual(["look 1", "look 5"]);
    expect(contents(queue)).toEqual(["look 0", "frame 0", "look 2"]);
    expect(queue.lookBytes).toBe(120);
    takeMark(queue);
    expect(queue.lookBytes).toBe(20);
  });

  it("keeps of further images in a row those that the model holds in the end", () => {
    const queue = filled(look(0), added(1), added(2));
    expect(pushMark(queue, added(3)).map(short)).toEqual(["look 1"]);
    expect(contents(queue)).toEqual(["look 0", "look 2", "look 3"]);
    const later = filled(look(0), frame(0), added(1), added(2));
    expect(pushMark(later, added(3)).map(short)).toEqual(["look 1"]);
    expect(contents(later)).toEqual(["look 0", "frame 0", "look 2", "look 3"]);
    expect(later.lookBytes).toBe(30);
  });

  it("puts the first look before the frames that wait for it, behind a cut that forgets the one before", () => {
    const waiting = filled(frame(0), frame(1));
    insertFirstLook(waiting, look(1));
    expect(contents(waiting)).toEqual(["look 1", "frame 0", "frame 1"]);
    const forgotten = filled(frame(0), cut(true), frame(1), cut(), frame(2));
    insertFirstLook(forgotten, look(2));
    expect(contents(forgotten)).toEqual(["frame 0", "cut forget", "look 2", "frame 1", "cut", "frame 2"]);
  });

  it("lets a chunk go on around prompts, which then hold for the next one, the last of them alone", () => {
    const queue = filled(prompt("a"), frame(0), prompt("b"), frame(1), prompt("c"), frame(2), cut(), frame(3));
    expect(headOf(queue, 4)).toEqual({ frames: 0, mark: prompt("a") });
    expect(takeMark(queue)).toEqual(prompt("a"));
    expect(headOf(queue, 4)).toEqual({ frames: 3, mark: cut() });
    expect(headOf(queue, 2)).toEqual({ frames: 2, mark: undefined });
    expect(takeFrames(queue, 2).map(short)).toEqual(["frame 0", "frame 1"]);
    expect(contents(queue)).toEqual(["prompt c", "frame 2", "cut", "frame 3"]);
    expect(queue.frames).toBe(2);
    expect(contents(filled(frame(0), prompt("a"), prompt("b")))).toEqual(["frame 0", "prompt b"]);
  });

  it("drops the oldest frames and joins what then stands side by side", () => {
    const queue = filled(look(0), frame(0), cut(), frame(1), cut(true), frame(2), flush, frame(3), flush, frame(4));
    expect(dropFrames(queue, 4).map(short)).toEqual(["frame 0", "frame 1", "frame 2", "frame 3"]);
    expect(contents(queue)).toEqual(["look 0", "cut forget", "flush 2", "frame 4"]);
    expect(queue.frames).toBe(1);
    expect(dropFrames(queue, 0)).toEqual([]);
    expect(dropFrames(queue, Infinity)).toHaveLength(1);
  });

  it("is full with so many marks, or so many bytes of looks, however many frames wait", () => {
    const queue = emptyQueue(1);
    for (let i = 0; i < 1000; i++) pushFrame(queue, frame(i));
    expect(isFull(queue)).toBe(false);
    for (let i = 0; i < MOST_MARKS; i++) pushMark(queue, i % 2 ? flush : cut());
    expect(isFull(queue)).toBe(true);
    expect(isFull(filled(look(0, MOST_LOOK_BYTES)))).toBe(false);
    expect(isFull(filled(look(0, MOST_LOOK_BYTES), cut(), look(0, 1)))).toBe(true);
    // The planes that a look keeps count as its picture does.
    const shown = { tick: 0, depth: { byteLength: MOST_LOOK_BYTES } } as unknown as EngineFrame;
    expect(isFull(filled({ ...look(0, 1), frame: shown }))).toBe(true);
    clearQueue(queue);
    expect(queue).toEqual(emptyQueue(1));
  });
});
