import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import zstd from "@foxglove/wasm-zstd";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMAND_LINE } from "../../bench/load/server-process.js";
import { say } from "./ground.js";

/** MCAP's magic, and opcodes of its records (mcap.dev/spec). */
const MAGIC = Buffer.from([0x89, 0x4d, 0x43, 0x41, 0x50, 0x30, 0x0d, 0x0a]);
const HEADER = 1;
const SCHEMA = 3;
const CHANNEL = 4;
const MESSAGE = 5;
const CHUNK = 6;
const HEAP_MEGABYTES = 512;
/** What the command line takes for any take, and a message of the largest size twice over. */
const MOST_MEGABYTES = 700;
/** Where it is ended before it takes the machine down. */
const ENOUGH_MEGABYTES = 2000;
const GIGABYTE = 1n << 30n;

const folder = mkdtempSync(join(tmpdir(), "playblast-hostile-"));
beforeAll(() => zstd.isLoaded);
afterAll(() => rmSync(folder, { recursive: true }));

const u16 = (value: number) => Buffer.from(Uint16Array.of(value).buffer);
const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value: bigint | number) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
const text = (value: string) => Buffer.concat([u32(value.length), Buffer.from(value)]);

function record(opcode: number, content: Buffer, length: bigint | number = content.length): Buffer {
  return Buffer.concat([Buffer.from([opcode]), u64(length), content]);
}

function chunk(records: Buffer, uncompressed: bigint | number, compression = "zstd"): Buffer {
  return record(
    CHUNK,
    Buffer.concat([u64(0), u64(0), u64(uncompressed), u32(0), text(compression), u64(records.length), records]),
  );
}

/** A take's beginning up to its first message. */
const OPENING = Buffer.concat([
  MAGIC,
  record(HEADER, Buffer.concat([text("playblast"), text("playblast")])),
  record(SCHEMA, Buffer.concat([u16(1), text("playblast.v1.EngineFrame"), text("protobuf"), u32(0)])),
  record(CHANNEL, Buffer.concat([u16(1), u16(1), text("/engine_frame"), text("protobuf"), u32(0)])),
]);

function message(data: Buffer): Buffer {
  return record(MESSAGE, Buffer.concat([u16(1), u32(0), u64(0), u64(0), data]));
}

/** A zstd frame (RFC 8878) of zeros: RLE blocks of 128 KiB, four bytes each. */
function zeros(bytes: bigint): Buffer {
  const most = 1 << 17;
  const blocks = Number(bytes / BigInt(most));
  const out = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xe0]), u64(bytes)];
  for (let i = 0; i < blocks; i++) {
    const head = (most << 3) | (1 << 1) | (i === blocks - 1 ? 1 : 0);
    out.push(Buffer.from([head & 255, (head >> 8) & 255, head >> 16, 0]));
  }
  return Buffer.concat(out);
}

/** Runs `inspect` on a take with little memory. Its output, how it ended and the most memory that it had. */
async function inspect(path: string) {
  const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MEGABYTES}`, COMMAND_LINE, "inspect", path]);
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  child.stdout.resume();
  let megabytes = 0;
  const watch = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      megabytes = Math.max(megabytes, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // It has ended.
    }
    if (megabytes > ENOUGH_MEGABYTES) child.kill("SIGKILL");
  }, 10);
  const [status, signal] = await once(child, "close");
  clearInterval(watch);
  return { status, signal, stderr, megabytes };
}

const HOSTILE: Record<string, () => Buffer | bigint> = {
  "a record that says it has a terabyte": () => Buffer.concat([OPENING, record(MESSAGE, Buffer.alloc(100), 1n << 40n)]),
  "a record that says it has 2^63 bytes": () => Buffer.concat([OPENING, record(MESSAGE, Buffer.alloc(100), 1n << 63n)]),
  "a chunk that says it unpacks to 1.5 GB": () =>
    Buffer.concat([OPENING, chunk(Buffer.from(zstd.compress(message(Buffer.alloc(100)))), (GIGABYTE * 3n) / 2n)]),
  "a chunk of zeros that unpacks to 1.5 GB": () =>
    Buffer.concat([OPENING, chunk(zeros((GIGABYTE * 3n) / 2n), (GIGABYTE * 3n) / 2n)]),
  "a message of 31 million empty planes in a few kB": () => {
    const flood = message(Buffer.alloc(62_000_000, Buffer.from([0x3a, 0])));
    return Buffer.concat([OPENING, chunk(Buffer.from(zstd.compress(flood, 19)), flood.length)]);
  },
  "a sparse file whose record has 3 GB of nothing": () => 3n * GIGABYTE,
};

describe("inspect of a hostile take ends with a clear word and little memory", () => {
  it.each(Object.keys(HOSTILE))("%s", async (name) => {
    const path = join(folder, "hostile.mcap");
    const made = HOSTILE[name]();
    if (typeof made === "bigint") {
      const file = openSync(path, "w");
      writeSync(file, Buffer.concat([OPENING, record(MESSAGE, Buffer.alloc(0), made)]));
      ftruncateSync(file, Number(made));
      closeSync(file);
    } else writeFileSync(path, made);
    const { status, signal, stderr, megabytes } = await inspect(path);
    say("inspect", `${name} (${statSync(path).size} bytes)`, [
      `ended with ${signal ?? status}`,
      `peak ${megabytes.toFixed(0)} MB`,
      stderr.trim().split("\n").at(-1) ?? "",
    ]);
    expect({ status, signal }).toEqual({ status: 1, signal: null });
    expect(stderr).toMatch(/^error: take .*hostile\.mcap/);
    expect(megabytes).toBeLessThan(MOST_MEGABYTES);
  });
});
