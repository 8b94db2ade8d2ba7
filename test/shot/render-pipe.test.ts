import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { receiveFrom, sendTo } from "../../src/shot/render-pipe.js";

/** Sends values through a pipe that passes on `bytes` at a time. */
async function across(values: readonly unknown[], bytes: number): Promise<unknown[]> {
  const sent = new PassThrough({ highWaterMark: 1 << 30 });
  for (const value of values) sendTo(sent, value);
  sent.end();
  const whole = Buffer.concat(await sent.toArray());
  const pipe = new PassThrough({ highWaterMark: 1 << 30 });
  const received: unknown[] = [];
  receiveFrom(pipe, (value) => received.push(value));
  for (let at = 0; at < whole.length; at += bytes) pipe.write(whole.subarray(at, at + bytes));
  pipe.end();
  await new Promise((resolve) => pipe.on("end", resolve));
  return received;
}

const large = Float32Array.from({ length: 5000 }, (_, i) => i / 3);
const value = {
  text: "tick",
  missing: undefined,
  list: [1, Number.NaN, null],
  small: new Float32Array([1, 2.5]),
  empty: new Uint16Array(0),
  large,
  again: large,
  part: new Uint16Array(new Uint16Array(6000).fill(7).buffer, 2, 4000),
  bytes: new Uint8Array(9000).fill(3),
  doubles: new Float64Array([Math.PI]),
};

test.each([1, 7, 4096, 1 << 20])("values with arrays cross whole, %i bytes at a time", async (bytes) => {
  const received = await across([value, "next", { ...value, text: "tock" }], bytes);
  expect(received).toEqual([value, "next", { ...value, text: "tock" }]);
  const first = received[0] as typeof value;
  expect(first.large).toBeInstanceOf(Float32Array);
  expect(first.again).toBe(first.large);
  // A view takes its own part along, not the memory behind it.
  expect(first.part.buffer.byteLength).toBe(8000);
});

test("a buffer arrives as bytes, and an array of another kind is refused", async () => {
  const [received] = await across([{ head: Buffer.from("abc"), body: Buffer.alloc(5000, 1) }], 100);
  expect(received).toEqual({ head: new Uint8Array([97, 98, 99]), body: new Uint8Array(5000).fill(1) });
  expect(() => sendTo(new PassThrough(), new BigInt64Array(1))).toThrow(/BigInt64Array cannot be sent/);
});
