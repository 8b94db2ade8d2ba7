import { describe, expect, it } from "vitest";
import {
  clear,
  emptyInbox,
  hasRoom,
  type InboxItem,
  isFull,
  MOST_BYTES,
  MOST_ITEMS,
  put,
  take,
} from "../../src/server/inbox.js";

const message = (length: number): InboxItem => ({ kind: "message", bytes: { length } as Uint8Array, arrived: 0 });

describe("a client's inbox", () => {
  it("gives what was put in, in order, and counts its bytes", () => {
    const inbox = emptyInbox();
    for (const length of [3, 5]) put(inbox, message(length));
    put(inbox, { kind: "end" });
    expect(inbox.bytes).toBe(8);
    expect(take(inbox)).toMatchObject({ bytes: { length: 3 } });
    expect(inbox.bytes).toBe(5);
    expect(take(inbox)).toMatchObject({ bytes: { length: 5 } });
    expect(take(inbox)).toEqual({ kind: "end" });
    expect(take(inbox)).toBeUndefined();
  });

  it("is full by number, and has room again at half of it", () => {
    const inbox = emptyInbox();
    for (let i = 0; i < MOST_ITEMS; i++) {
      expect(isFull(inbox)).toBe(false);
      put(inbox, message(1));
    }
    expect(isFull(inbox)).toBe(true);
    while (!hasRoom(inbox)) take(inbox);
    expect(inbox.items).toHaveLength(MOST_ITEMS / 2 - 1);
  });

  it("is full by bytes, with one message too", () => {
    const inbox = emptyInbox();
    put(inbox, message(MOST_BYTES));
    expect([isFull(inbox), hasRoom(inbox)]).toEqual([true, false]);
    clear(inbox);
    expect([isFull(inbox), hasRoom(inbox), inbox.bytes]).toEqual([false, true, 0]);
  });
});
