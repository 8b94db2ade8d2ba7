import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import zstd from "@foxglove/wasm-zstd";
import { Opcode } from "@mcap/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EngineFrame } from "../../src/protocol/generated/playblast/v1/engine_frame.js";
import { OpenShot } from "../../src/protocol/generated/playblast/v1/open_shot.js";
import { inspectTake } from "../../src/take/inspect-take.js";
import { TakeError } from "../../src/take/take-reader.js";
import { TakeWriter } from "../../src/take/take-writer.js";
import { at } from "../fixtures/command-line.js";
import { channel, chunk, mcap, message, record, writeSparse } from "../fixtures/hostile-takes.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";

/** What `inspect` may take, MB: Node and the command line have 150, the largest chunk costs five times its 72. */
const MOST_RSS_MB = 700;
const TIMEOUT_MS = 60_000;
const MB = 1024 * 1024;

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "playblast-hostile-"));
  file = join(folder, "hostile.mcap");
  await zstd.isLoaded;
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs `playblast inspect` on the file; its exit code, error and the most memory that it took. */
function inspect(): { status: number | null; stderr: string; rssMb: number } {
  const measure = "process.on('exit',()=>process.stdout.write('\\nRSS '+process.resourceUsage().maxRSS+'\\n'))";
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`--import=data:text/javascript,${encodeURIComponent(measure)}`, at("dist/cli/playblast.js"), "inspect", file],
    { encoding: "utf8", timeout: TIMEOUT_MS },
  );
  return { status, stderr, rssMb: Number(/RSS (\d+)/.exec(stdout)?.[1]) / 1024 };
}

/** Sees that `inspect` refuses the file in bounded memory, with an error that names the byte. */
function refuses(why: RegExp): void {
  const { status, stderr, rssMb } = inspect();
  expect(stderr).toMatch(why);
  expect(stderr).toMatch(/^error: take .*hostile\.mcap: /);
  expect(status).toBe(1);
  expect(rssMb).toBeLessThan(MOST_RSS_MB);
}

const opening = () => Buffer.concat([channel(0, "/open_shot"), message(0, OpenShot.encode(openShot()).finish())]);

describe("a take that lies about its sizes is refused before memory is taken for them", () => {
  it.each([
    [
      "a chunk that declares 4.7 GB",
      () => chunk(opening(), 4.7e9),
      /a chunk declares 4700000000 bytes, allowed are \d+\) at byte \d+/,
    ],
    [
      "a chunk that declares 2^63 bytes",
      () => chunk(opening(), 2n ** 63n),
      /a chunk declares 9223372036854775808 bytes/,
    ],
    [
      "a record of 2^63 bytes",
      () => record(Opcode.CHUNK, Buffer.alloc(100), 2n ** 63n),
      /a record \(chunk\) declares 9223372036854775808 bytes, allowed are/,
    ],
    [
      "a channel of 3 GB",
      () => record(Opcode.CHANNEL, Buffer.alloc(100), 3e9),
      /a record \(channel\) declares 3000000000 bytes, allowed are/,
    ],
    [
      "an attachment beyond its end",
      () => record(Opcode.ATTACHMENT, Buffer.alloc(100), 2n ** 62n),
      /is truncated \(a record \(attachment\) declares/,
    ],
    ["a record of kind 0", () => record(0, Buffer.alloc(10)), /a record of kind 0/],
  ])(
    "%s",
    async (_, records, why) => {
      await writeFile(file, mcap(records()));
      refuses(why);
    },
    TIMEOUT_MS,
  );

  it(
    "a chunk that decompresses to more than it declares",
    async () => {
      await writeFile(file, mcap(chunk(Buffer.alloc(200 * MB), 1000)));
      refuses(/is damaged/);
    },
    TIMEOUT_MS,
  );

  it(
    "70,000 channels, alone and in a chunk",
    async () => {
      const channels = Array.from({ length: 70_000 }, (_, i) => channel(i % 65536, `/${i}`));
      await writeFile(file, mcap(opening(), ...channels));
      refuses(/more than 256 channels|differs from previous/);
      await writeFile(file, mcap(chunk(Buffer.concat([opening(), ...channels]))));
      refuses(/more than 256 channels|differs from previous/);
    },
    TIMEOUT_MS,
  );

  it(
    "a terabyte of nothing, as a chunk and as no record at all",
    () => {
      const size = 2 ** 40;
      writeSparse(file, size, opening(), record(Opcode.CHUNK, Buffer.alloc(0), 2 ** 39));
      refuses(/a record \(chunk\) declares \d+ bytes, allowed are/);
      writeSparse(file, size, opening());
      refuses(/a record of kind 0/);
    },
    TIMEOUT_MS,
  );

  it(
    "a frame of 32 million empty planes in 7 kB",
    async () => {
      const planes = Buffer.alloc(60 * MB);
      const empty = EngineFrame.encode(EngineFrame.fromPartial({ planes: [{}] })).finish();
      for (let i = 0; i + empty.length <= planes.length; i += empty.length) planes.set(empty, i);
      await writeFile(file, mcap(chunk(Buffer.concat([opening(), channel(1, "/engine_frame"), message(1, planes)]))));
      const { status, stderr, rssMb } = inspect();
      expect(stderr).toMatch(/refuses 1 of its messages, first message 1 \(engine_frame\): engine_frame\.planes/);
      expect(status).toBe(1);
      expect(rssMb).toBeLessThan(MOST_RSS_MB);
    },
    TIMEOUT_MS,
  );
});

describe("what is passed over costs nothing", () => {
  it(
    "a hundred thousand attachments, and one of a terabyte",
    () => {
      const none = record(Opcode.ATTACHMENT, Buffer.alloc(0));
      const size = 2 ** 40;
      const before = Buffer.concat([opening(), ...Array.from({ length: 100_000 }, () => none)]);
      // The attachment ends where the file's last records begin.
      const rest = size - (8 + 35 + before.length + 9) - (13 + 29 + 8);
      writeSparse(file, size, before, record(Opcode.ATTACHMENT, Buffer.alloc(0), rest));
      const { status, stderr, rssMb } = inspect();
      expect(stderr).toBe("");
      expect(status).toBe(0);
      expect(rssMb).toBeLessThan(MOST_RSS_MB);
    },
    TIMEOUT_MS,
  );
});

describe("a damaged take", () => {
  /** The same numbers in every run. */
  const numbers = (seed: number) => () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };

  it(
    "gives a clear word for each of 200 damages, and never hangs",
    async () => {
      const take = join(folder, "good.mcap");
      const writer = await TakeWriter.create(take);
      await writer.write({ $case: "openShot", value: openShot() });
      await writer.write({ $case: "firstFrame", value: firstFrame(0) });
      for (let tick = 0; tick < 4; tick++) await writer.write({ $case: "engineFrame", value: engineFrame(tick) });
      await writer.close();
      const good = await readFile(take);
      const random = numbers(13);
      const before = process.memoryUsage().rss;
      let refused = 0;
      for (let i = 0; i < 200; i++) {
        const bytes = Buffer.from(good);
        const changes = 1 + Math.floor(random() * 8);
        for (let c = 0; c < changes; c++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
        const cut = random() < 0.3 ? Math.floor(random() * bytes.length) : bytes.length;
        await writeFile(file, bytes.subarray(0, cut));
        const found = await inspectTake(file).catch((error: unknown) => error);
        if (found instanceof Error) {
          expect(found).toBeInstanceOf(TakeError);
          expect(found.message).toMatch(/hostile\.mcap: .*(record (it|the take) again|check the path)/);
          refused++;
        } else if ((found as Awaited<ReturnType<typeof inspectTake>>).damage) refused++;
      }
      expect(refused).toBeGreaterThan(100);
      expect((process.memoryUsage().rss - before) / MB).toBeLessThan(MOST_RSS_MB);
    },
    TIMEOUT_MS,
  );
});
