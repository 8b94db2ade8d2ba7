import { expect, test } from "vitest";
import { type Turn, Turns } from "../../src/shot/turns.js";

/** Lets calls of so many milliseconds each take turns for a while; gives the time that each shot used. */
function share(turns: Turns<number>, shots: readonly { readonly turn: Turn; readonly ms: number }[], calls: number) {
  const used = shots.map(() => 0);
  shots.forEach(({ turn }, i) => {
    turns.wait(turn, i);
  });
  for (let call = 0; call < calls; call++) {
    const i = turns.take() as number;
    used[i] += shots[i].ms;
    turns.charge(shots[i].turn, shots[i].ms);
    turns.wait(shots[i].turn, i);
  }
  shots.forEach(({ turn }) => void turns.leave(turn));
  return used;
}

test("shots share by the time that they use, not by their calls", () => {
  const turns = new Turns<number>();
  const [small, large] = share(
    turns,
    [10, 100].map((ms) => ({ turn: turns.join(1), ms })),
    1000,
  );
  expect(small / large).toBeCloseTo(1, 1);
});

test("a shot of eight times the weight gets eight times the time, and the other is not starved", () => {
  const turns = new Turns<number>();
  const [live, exported] = share(
    turns,
    [8, 1].map((weight) => ({ turn: turns.join(weight), ms: 20 })),
    900,
  );
  expect(live / exported).toBeCloseTo(8, 0);
});

test("one that has just come, or was idle, shares from then on and makes up for nothing", () => {
  const turns = new Turns<number>();
  const [idle, busy] = [turns.join(1), turns.join(1)];
  share(turns, [{ turn: busy, ms: 10 }], 1000);
  const newcomer = turns.join(1);
  const used = share(
    turns,
    [idle, busy, newcomer].map((turn) => ({ turn, ms: 10 })),
    300,
  );
  for (const ms of used) expect(Math.abs(ms - 1000)).toBeLessThanOrEqual(10);
});

test("what a shot waits with goes when it leaves", () => {
  const turns = new Turns<string>();
  const [a, b] = [turns.join(1), turns.join(1)];
  turns.wait(a, "a");
  turns.wait(b, "b");
  expect(turns.leave(a)).toEqual(["a"]);
  expect([turns.take(), turns.take()]).toEqual(["b", undefined]);
});
