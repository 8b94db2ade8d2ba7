import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import zstd from "@foxglove/wasm-zstd";
import { McapIndexedReader } from "@mcap/core";
import pino from "pino";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inspectTake } from "../../src/take/inspect-take.js";
import { playblast } from "../fixtures/command-line.js";
import { crashRecording } from "../fixtures/crashed-recording.js";
import { engineFrame, openShot } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";

/** A chunk is written when it is a second old. On a busy machine its timer is late, and the client hears an answer late. */
const MOST_LOST_MS = 1000 + 700;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "playblast-crash-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Starts a server on the folder; gives what it logs about takes until something was said about the partial file. */
async function restart(takes = folder) {
  const lines: { level: number; msg: string; take?: string; partial?: string; messages?: number }[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const running = await testServer({ takeFolder: takes, log });
  const told = () => lines.filter(({ partial }) => partial);
  await expect.poll(() => told().length, { timeout: 20_000 }).toBe(1);
  await running.close();
  return told();
}

describe("a server that is killed while it records", () => {
  it("loses at most the last second; inspect and render work on what is left, and the next start makes a take of it", async () => {
    const look = join(folder, "look.png");
    await sharp({ create: { width: 32, height: 16, channels: 3, background: "#406080" } }).toFile(look);
    const seconds = [1.4, 2.2, 3.1].map((moment) => moment + Math.random() * 0.5);
    for (const [i, moment] of seconds.entries()) {
      // The next server would recover what this one leaves.
      const takes = join(folder, `takes-${i}`);
      await mkdir(takes);
      const { partial, left, lostMs, answered } = await crashRecording(takes, "scene", moment * 1000);
      expect(answered).toBeGreaterThan(20);
      expect(left.frames).toBeGreaterThan(0);
      expect(left.holes).toEqual([]);
      expect(left.refusedCount).toBe(0);
      expect(lostMs).toBeLessThan(MOST_LOST_MS);
      const inspected = playblast("inspect", partial, "--json");
      expect(inspected).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/is truncated at byte \d+.*--allow-truncated/),
      });
      expect(JSON.parse(inspected.stdout)).toMatchObject({ frames: left.frames });
    }
    const takes = join(folder, "takes-0");
    const partial = join(takes, "scene.mcap.partial");
    const { frames } = await inspectTake(partial);
    const out = join(folder, "pictures");
    const render = playblast("render", partial, "--allow-truncated", "--first-frame", look, "--out", out, "--json");
    expect(render.status, render.stderr).toBe(0);
    expect(JSON.parse(render.stdout)).toMatchObject({ frames });

    expect(await restart(takes)).toMatchObject([{ level: 30, msg: expect.stringMatching(/was recovered/) }]);
    expect(await readdir(takes)).toEqual(["scene.mcap"]);
    expect(playblast("inspect", join(takes, "scene.mcap"), "--json")).toMatchObject({ status: 0 });
    expect(await inspectTake(join(takes, "scene.mcap"))).toMatchObject({ frames, damage: undefined, refusedCount: 0 });
  }, 180_000);
});

describe("recovery at the start of a server", () => {
  /** A partial file that a server of another process has left. */
  const crashed = async (name: string) => (await crashRecording(folder, name, 1500)).left.frames;

  it("overwrites nothing: the recovered take gets a free name, and an index that other readers use", async () => {
    const frames = await crashed("scene");
    await writeFile(join(folder, "scene.mcap"), "somebody's");
    await writeFile(join(folder, "scene-recovered.mcap"), "somebody else's");
    const [{ take, messages }] = await restart();
    expect(take).toBe(join(folder, "scene-recovered-2.mcap"));
    expect(await readFile(join(folder, "scene.mcap"), "utf8")).toBe("somebody's");
    expect(await readFile(join(folder, "scene-recovered.mcap"), "utf8")).toBe("somebody else's");
    expect(await inspectTake(take!)).toMatchObject({ frames, damage: undefined });
    expect(existsSync(join(folder, "scene.mcap.partial"))).toBe(false);
    expect(await indexedMessages(take!)).toEqual({ counted: messages, read: messages });
  }, 60_000);

  it("leaves alone what a running server writes, in this process or another", async () => {
    const running = await testServer({ takeFolder: folder });
    const shot = await running.client.openShot(openShot("live", { recordAs: "mine" }));
    await shot.send(engineFrame(0));
    const partial = join(folder, "mine.mcap.partial");
    await expect.poll(async () => (await stat(partial)).size, { timeout: 10_000 }).toBeGreaterThan(200);
    const other = await crashRecordingBeside(partial);
    expect(other).toEqual([]);
    await shot.send(engineFrame(1));
    await shot.close();
    for await (const _ of shot);
    await running.close();
    expect(await inspectTake(join(folder, "mine.mcap"))).toMatchObject({ frames: 2, damage: undefined });
  }, 60_000);

  it("keeps what it cannot read, and says so", async () => {
    const partial = join(folder, "odd.mcap.partial");
    const bytes = Buffer.alloc(500, "no take at all ");
    await writeFile(partial, bytes);
    expect(await restart()).toEqual([
      expect.objectContaining({ level: 40, msg: expect.stringMatching(/none of it is whole; move it away/) }),
    ]);
    expect(await readFile(partial)).toEqual(bytes);
    expect(await readdir(folder)).toEqual(["odd.mcap.partial"]);
  });
});

/** Starts servers of this and of another process on the folder, and gives the takes that are there a moment later. */
async function crashRecordingBeside(partial: string): Promise<string[]> {
  const before = await readFile(partial);
  const second = await testServer({ takeFolder: folder });
  const { left } = await crashRecording(folder, "beside", 1300);
  expect(left.frames).toBeGreaterThan(0);
  await second.close();
  expect((await readFile(partial)).subarray(0, before.length).equals(before)).toBe(true);
  await rm(join(folder, "beside.mcap.partial"));
  return (await readdir(folder)).filter((name) => name.endsWith(".mcap"));
}

/** Messages of a take by its summary, and as read through its index. */
async function indexedMessages(take: string): Promise<{ counted: number; read: number }> {
  await zstd.isLoaded;
  const bytes = await readFile(take);
  const reader = await McapIndexedReader.Initialize({
    readable: {
      size: async () => BigInt(bytes.length),
      read: async (offset, length) => bytes.subarray(Number(offset), Number(offset + length)),
    },
    decompressHandlers: { zstd: (data, size) => zstd.decompress(data, Number(size)) },
  });
  let read = 0;
  for await (const _ of reader.readMessages()) read++;
  return { counted: Number(reader.statistics?.messageCount), read };
}
