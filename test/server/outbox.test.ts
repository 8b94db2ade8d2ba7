import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { ShotAnswer } from "../../src/protocol/codec.js";
import { MOST_UNREAD_ANSWERS, MOST_UNREAD_BYTES, Outbox } from "../../src/server/outbox.js";

const picture = (bytes: number): ShotAnswer => ({
  $case: "controlPreview",
  value: { tick: 1, size: undefined, filledWarp: Buffer.alloc(bytes), coverage: Buffer.alloc(0) },
});
const flushed: ShotAnswer = { $case: "flushed", value: {} };

/** An outbox whose transport takes what it is told to. */
function outbox(patienceMs = 60_000) {
  const waiting: (() => void)[] = [];
  const box = new Outbox((_, taken) => waiting.push(taken), patienceMs);
  return { box, take: () => waiting.shift()?.() };
}

/** Whether a promise is settled by now. */
const isSettled = async (work: Promise<void>) => Promise.race([work.then(() => true), sleep(20, false)]);

describe("answers that wait for a client", () => {
  it("pause the shot by their bytes, until enough of them has left", async () => {
    const { box, take } = outbox();
    box.send(picture(MOST_UNREAD_BYTES - 1024));
    expect(await isSettled(box.ready())).toBe(true);
    for (let i = 0; i < 2; i++) box.send(picture(2048));
    const ready = box.ready();
    expect(box.ready()).toBe(ready);
    expect(await isSettled(ready)).toBe(false);
    take();
    expect(await isSettled(ready)).toBe(true);
    expect(box.bytes).toBeLessThan(5000);
  });

  it("pause it by their number, however small they are", async () => {
    const { box, take } = outbox();
    for (let i = 0; i <= MOST_UNREAD_ANSWERS; i++) box.send(flushed);
    const ready = box.ready();
    expect(await isSettled(ready)).toBe(false);
    take();
    expect(await isSettled(ready)).toBe(true);
  });

  it("end it when none leaves for too long, and not while some do", async () => {
    const { box, take } = outbox(300);
    for (let i = 0; i < 4; i++) box.send(picture(MOST_UNREAD_BYTES));
    const ready = box.ready();
    const refused = expect(ready).rejects.toThrow(
      /client: has read nothing for 0\.3 s; read the answers while sending/,
    );
    for (let i = 0; i < 2; i++) {
      await sleep(200);
      take();
      expect(await isSettled(ready.catch(() => {}))).toBe(false);
    }
    await refused;
  });

  it("let it go on when the stream has ended", async () => {
    const { box } = outbox();
    box.send(picture(2 * MOST_UNREAD_BYTES));
    const ready = box.ready();
    box.stop();
    expect(await isSettled(ready)).toBe(true);
    expect(await isSettled(box.ready())).toBe(true);
  });
});
