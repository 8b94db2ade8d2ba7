import { randomFillSync } from "node:crypto";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ShotMessage } from "../../src/protocol/codec.js";
import { EngineFrame } from "../../src/protocol/generated/playblast/v1/engine_frame.js";
import { StreamShotRequest } from "../../src/protocol/generated/playblast/v1/shot_service.js";
import { inspectTake } from "../../src/take/inspect-take.js";
import { entryOfRequest } from "../../src/take/take-messages.js";
import { readEntries } from "../../src/take/take-reader.js";
import { TakeWriter } from "../../src/take/take-writer.js";
import { engineFrame, openShot } from "../fixtures/shot-messages.js";

const MB = 1024 * 1024;
/** A large frame: 1920x1088 of depth. */
const FRAME_BYTES = 8 * MB;
const FRAMES = 24;

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "playblast-writer-"));
  path = join(folder, "take.mcap");
});
afterEach(() => rm(folder, { recursive: true }));

/** Depth of which neighbours are alike, as a scene's: what zstd works longest on. */
function depthBytes(): Buffer {
  const depth = new Float32Array(FRAME_BYTES / 4);
  for (let i = 0; i < depth.length; i++) depth[i] = 5 + Math.sin(i / 100) + Math.sin(i / 3000);
  return Buffer.from(depth.buffer);
}

const large = (tick: number, data: Buffer): ShotMessage => ({
  $case: "engineFrame",
  value: EngineFrame.fromPartial({ tick, planes: [{ data }] }),
});

describe("a take that is being written", () => {
  it("makes the writer wait when the disk is slower, and so takes bounded memory", async () => {
    const writer = await TakeWriter.create(path);
    const data = depthBytes();
    let most = 0;
    for (let tick = 0; tick < FRAMES; tick++) {
      await writer.write(large(tick, data));
      most = Math.max(most, writer.waiting);
    }
    expect(most).toBeGreaterThan(FRAME_BYTES);
    expect(most).toBeLessThanOrEqual(32 * MB);
    await writer.close();
    expect(writer.waiting).toBe(0);
    let read = 0;
    for await (const { data } of readEntries(path)) if (data.length > FRAME_BYTES) read++;
    expect(read).toBe(FRAMES);
  }, 60_000);

  it("leaves the event loop to others while it compresses", async () => {
    const writer = await TakeWriter.create(path);
    const data = depthBytes();
    const before = performance.eventLoopUtilization();
    for (let tick = 0; tick < FRAMES; tick++) await writer.write(large(tick, data));
    await writer.close();
    const { utilization } = performance.eventLoopUtilization(before);
    // Compressed on the loop, this is 0.9 and more; here the loop copies bytes, a fifth of the work.
    expect(utilization).toBeLessThan(0.6);
  }, 60_000);

  it("is on the disk a second later, however small it is", async () => {
    const writer = await TakeWriter.create(path);
    await writer.write({ $case: "openShot", value: openShot() });
    await writer.write({ $case: "engineFrame", value: engineFrame(0) });
    await expect.poll(async () => (await stat(writer.partialPath)).size, { timeout: 10_000 }).toBeGreaterThan(200);
    expect(await inspectTake(writer.partialPath)).toMatchObject({
      frames: 1,
      damage: expect.stringMatching(/truncated/),
    });
    await writer.close();
    expect(await inspectTake(path)).toMatchObject({ frames: 1, damage: undefined });
  });

  it("refuses more once it is closed, and a second take of its name", async () => {
    const writer = await TakeWriter.create(path);
    await expect(TakeWriter.create(path)).rejects.toThrow(/take\.mcap\.partial exists already/);
    await Promise.all([writer.close(), writer.close()]);
    await expect(writer.write({ $case: "close", value: {} })).rejects.toThrow(/is closed/);
    await expect(TakeWriter.create(path)).rejects.toThrow(/take\.mcap exists already/);
    await expect(TakeWriter.create(join(folder, "nowhere", "take.mcap"))).rejects.toThrow(/ENOENT/);
  });
});

describe("a request in a take", () => {
  it("is what came, byte for byte, with fields that this version does not know", () => {
    const message = EngineFrame.encode(engineFrame(7)).finish();
    // Field 999, a text.
    const unknown = Buffer.from([0xba, 0x3e, 3, 0x61, 0x62, 0x63]);
    const data = Buffer.concat([message, unknown]);
    const length: number[] = [];
    let rest = data.length;
    for (; rest > 127; rest >>>= 7) length.push((rest & 127) | 128);
    const request = Buffer.concat([Buffer.from([0x12, ...length, rest]), data]);
    expect(StreamShotRequest.decode(request).message).toMatchObject({ $case: "engineFrame", value: { tick: 7 } });
    const entry = entryOfRequest(request);
    expect(entry).toMatchObject({ kind: "engineFrame", tick: 7, sceneTime: 7 / 24 });
    expect(Buffer.from(entry!.data).equals(data)).toBe(true);
    request.fill(0);
    expect(Buffer.from(entry!.data).equals(data)).toBe(true);
    expect(entryOfRequest(Buffer.alloc(0))).toBe(undefined);
  });

  it("keeps its random planes through compression", async () => {
    const data = randomFillSync(Buffer.alloc(5 * MB));
    const writer = await TakeWriter.create(path);
    const request = StreamShotRequest.encode({ message: large(0, data) }).finish();
    await writer.add(entryOfRequest(request)!);
    await writer.close();
    for await (const entry of readEntries(path))
      expect(Buffer.from(entry.data).equals(Buffer.from(entryOfRequest(request)!.data))).toBe(true);
  });
});
