import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeRequest, encodeRequest, type ShotMessage } from "../../src/protocol/codec.js";
import { inspectTake } from "../../src/take/inspect-take.js";
import { readTake, TakeError } from "../../src/take/take-reader.js";
import { TakeWriter } from "../../src/take/take-writer.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "playblast-take-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function record(path: string, ticks: number[]): Promise<ShotMessage[]> {
  const messages: ShotMessage[] = [
    { $case: "openShot", value: openShot() },
    { $case: "firstFrame", value: firstFrame(ticks[0]) },
    ...ticks.map((tick): ShotMessage => ({ $case: "engineFrame", value: engineFrame(tick) })),
    { $case: "cut", value: { forgetLook: false, newPlace: true } },
  ];
  const writer = await TakeWriter.create(path);
  for (const message of messages) await writer.write(message);
  await Promise.all([writer.close(), writer.close()]);
  return messages;
}

async function all(path: string, options = {}): Promise<ShotMessage[]> {
  const messages: ShotMessage[] = [];
  for await (const message of readTake(path, options)) messages.push(message);
  return messages;
}

describe("a take", () => {
  it("gives back what was recorded, in order", async () => {
    const path = join(folder, "a.mcap");
    const written = await record(path, [3, 4, 5]);
    const onTheWire = (message: ShotMessage) => decodeRequest(encodeRequest({ message })).message;
    expect(await all(path)).toEqual(written.map(onTheWire));
    await expect(stat(`${path}.partial`)).rejects.toThrow();
  });

  it("is summed up, holes included", async () => {
    const path = join(folder, "a.mcap");
    await record(path, [3, 4, 7, 9]);
    expect(await inspectTake(path)).toMatchObject({
      client: "test 0",
      size: "32x16",
      frames: 4,
      firstTick: 3,
      lastTick: 9,
      holes: [
        { from: 5, to: 6 },
        { from: 8, to: 8 },
      ],
      characters: [{ id: "figure", bones: 3 }],
      objects: ["box"],
      firstFrames: 1,
      cuts: 1,
      damage: undefined,
    });
  });

  it("says where it was cut off, and gives what is whole when asked to", async () => {
    const path = join(folder, "a.mcap");
    // Two chunks: the first stays whole.
    const writer = await TakeWriter.create(path);
    await writer.write({ $case: "openShot", value: openShot() });
    const noise = { width: 512, height: 512 };
    for (let tick = 0; tick < 12; tick++) {
      const frame = engineFrame(tick, { width: 16, height: 16 });
      const data = randomBytes(noise.width * noise.height * 4);
      await writer.write({
        $case: "engineFrame",
        value: { ...frame, planes: [{ ...frame.planes[0], size: noise, data }] },
      });
    }
    await writer.close();
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, Math.floor(bytes.length * 0.6)));
    const error = await all(path).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(TakeError);
    expect((error as TakeError).message).toMatch(/a\.mcap.*(truncated|damaged).*byte \d+.*allow-truncated/);
    const whole = await all(path, { allowTruncated: true });
    expect(whole.length).toBeGreaterThan(1);
    expect(whole.length).toBeLessThan(13);
    expect((await inspectTake(path)).damage).toMatch(/truncated|damaged/);
  });

  it("says when there is none, or it is something else", async () => {
    await expect(all(join(folder, "none.mcap"))).rejects.toThrow(/no such file/);
    await writeFile(join(folder, "junk.mcap"), "this is no take at all, only words");
    await expect(all(join(folder, "junk.mcap"))).rejects.toThrow(TakeError);
    await expect(inspectTake(join(folder, "junk.mcap"))).rejects.toThrow(TakeError);
  });

  it("is recorded by the server when a shot asks for it", async () => {
    const running = await testServer({ takeFolder: folder });
    const shot = await running.client.openShot(openShot("export", { recordAs: "scene-1" }));
    await shot.post({ $case: "firstFrame", value: firstFrame(0) });
    for (let tick = 0; tick < 5; tick++) await shot.send(engineFrame(tick));
    await shot.close();
    for await (const _ of shot);
    await running.close();
    expect(await inspectTake(join(folder, "scene-1.mcap"))).toMatchObject({ frames: 5, firstFrames: 1 });
  });

  it("is refused a name that leaves the folder, or that is taken", async () => {
    const running = await testServer({ takeFolder: folder });
    await expect(running.client.openShot(openShot("export", { recordAs: "../x" }))).rejects.toThrow(
      /open_shot.record_as.*letters, digits/,
    );
    await writeFile(join(folder, "old.mcap"), "");
    await expect(running.client.openShot(openShot("export", { recordAs: "old" }))).rejects.toThrow(/exists already/);
    await running.close();
    const without = await testServer();
    await expect(without.client.openShot(openShot("export", { recordAs: "x" }))).rejects.toThrow(/--takes FOLDER/);
    await without.close();
  });
});
