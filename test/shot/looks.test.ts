import { describe, expect, it } from "vitest";
import {
  clearPending,
  MOST_PENDING_BYTES,
  MOST_PENDING_LOOKS,
  noLooks,
  type PendingLooks,
  pend,
  type SentLook,
  takePending,
} from "../../src/shot/looks.js";

const look = (tick: number, bytes = 10): SentLook => ({
  first: { image: { $case: "encoded", value: Buffer.alloc(bytes) }, tick, newLook: false },
  pictureSize: { width: 1, height: 1 },
});
const ticksOf = ({ byTick }: PendingLooks) => [...byTick.keys()];

describe("first frames that wait for their ticks", () => {
  it("are taken by the tick that they show, and by no other", () => {
    const pending = noLooks();
    for (const tick of [7, 3]) expect(pend(pending, look(tick))).toEqual([]);
    expect(takePending(pending, 2)).toBeUndefined();
    expect(takePending(pending, 3)).toMatchObject({ first: { tick: 3 } });
    expect(takePending(pending, 4)).toBeUndefined();
    expect(pending).toMatchObject({ bytes: 10 });
  });

  it("are refused by name when their tick has been passed over", () => {
    const pending = noLooks();
    pend(pending, look(3));
    expect(() => takePending(pending, 5)).toThrow(/first_frame\.tick: is 3, but the next frame was 5; show a tick/);
  });

  it("give way to a newer one of the same tick, and the oldest to too many", () => {
    const pending = noLooks();
    for (let tick = 1; tick <= MOST_PENDING_LOOKS; tick++) pend(pending, look(tick));
    expect(pend(pending, look(2, 30))).toEqual([2]);
    expect(pending.bytes).toBe(10 * MOST_PENDING_LOOKS + 20);
    expect(pend(pending, look(9))).toEqual([1]);
    expect(ticksOf(pending)).toEqual([3, 4, 2, 9]);
    expect(clearPending(pending)).toEqual([3, 4, 2, 9]);
    expect(pending).toEqual(noLooks());
  });

  it("begin the look anew where the one whose place they take was to", () => {
    const pending = noLooks();
    const { first, pictureSize } = look(2);
    pend(pending, { first: { ...first, newLook: true }, pictureSize });
    expect(pend(pending, look(2))).toEqual([2]);
    expect(takePending(pending, 2)?.first.newLook).toBe(true);
  });

  it("are as many as their bytes allow, and always the newest", () => {
    const pending = noLooks();
    const half = MOST_PENDING_BYTES / 2;
    for (const tick of [1, 2]) expect(pend(pending, look(tick, half))).toEqual([]);
    expect(pend(pending, look(3, 1))).toEqual([1]);
    expect(pend(pending, look(4, MOST_PENDING_BYTES + 1))).toEqual([2, 3]);
    expect(pending).toMatchObject({ bytes: MOST_PENDING_BYTES + 1 });
    expect(ticksOf(pending)).toEqual([4]);
  });
});
