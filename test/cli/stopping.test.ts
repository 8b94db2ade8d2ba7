import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { PlayblastClient, type ShotError } from "../../src/client/client.js";
import { decodeResponse, encodeRequest, type ShotAnswer } from "../../src/protocol/codec.js";
import { at, startPlayblast } from "../fixtures/command-line.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";

/** Large enough for one chunk to take many seconds on any CPU. */
const LARGE = { frameSize: { width: 1280, height: 720 } };
/** Tells a server that ends from one that waits for its chunk. The promise is 3 s, on a machine with nothing else to do. */
const ENDS_MS = 10_000;

let children: ChildProcessWithoutNullStreams[] = [];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "playblast-stopping-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  for (const child of children) child.kill("SIGKILL");
  children = [];
});

interface Served {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it has written to standard error so far. */
  readonly log: () => string;
  readonly grpc: string;
  readonly webSocket: string;
}

async function serve(env: Record<string, string> = {}): Promise<Served> {
  const child = startPlayblast(["serve", "--port", "0", "--ws-port", "0", "--json"], env);
  children.push(child);
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    log += text;
  });
  const [line] = await once(createInterface(child.stdout), "line");
  return { child, log: () => log, ...JSON.parse(line) };
}

/** A client in a process of its own that opens a large export, sends some frames, says so and goes on; it can be frozen. */
async function exporter(grpc: string): Promise<ChildProcessWithoutNullStreams> {
  const script = `
    const { PlayblastClient } = await import(${JSON.stringify(at("dist/client/client.js"))});
    const messages = JSON.parse(process.argv[1], (_, value) => value?.type === "Buffer" ? Buffer.from(value.data) : value);
    const client = new PlayblastClient(${JSON.stringify(grpc)});
    const shot = await client.openShot(messages.open);
    await shot.post({ $case: "firstFrame", value: messages.first });
    for (const frame of messages.frames) await shot.send(frame);
    console.log("sent");
    for await (const _ of shot);`;
  const messages = { open: openShot("export", LARGE), first: firstFrame(0), frames: someFrames() };
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, JSON.stringify(messages)]);
  children.push(child);
  child.stderr.resume();
  await once(child.stdout, "data");
  return child;
}

const someFrames = () => Array.from({ length: 8 }, (_, tick) => engineFrame(tick));

describe("playblast serve, told to stop", () => {
  it("ends in the middle of a large chunk, beside a frozen client, and tells the others why", async () => {
    const server = await serve();
    // All shots are open before a chunk runs: opening one behind it would wait for it.
    const socket = new WebSocket(server.webSocket);
    const heard: ShotAnswer[] = [];
    socket.on("message", (data: Buffer) => heard.push(decodeResponse(data).message as ShotAnswer));
    await once(socket, "open");
    socket.send(encodeRequest({ message: { $case: "openShot", value: openShot("live") } }));
    await expect.poll(() => heard.length, { timeout: 60_000 }).toBeGreaterThan(0);
    const client = new PlayblastClient(server.grpc);
    const shot = await client.openShot(openShot("export", LARGE));
    const frozen = await exporter(server.grpc);
    frozen.kill("SIGSTOP");
    await shot.post({ $case: "firstFrame", value: firstFrame(0) });
    for (const frame of someFrames()) await shot.send(frame);
    await sleep(1_000);

    const started = performance.now();
    server.child.kill("SIGTERM");
    const exit = once(server.child, "exit");
    const failure = await (async () => {
      for await (const _ of shot);
    })().catch((error: ShotError) => error);
    expect(failure).toMatchObject({
      code: status.UNAVAILABLE,
      message: expect.stringMatching(/the server is shutting down/),
    });
    const [code] = await once(socket, "close");
    expect(code).toBe(1001);
    expect(heard.at(-1)).toMatchObject({ $case: "shotFailed", value: { code: status.UNAVAILABLE } });
    await exit;
    const took = performance.now() - started;
    console.log(`stopped ${(took / 1000).toFixed(2)} s after SIGTERM`);
    expect(took).toBeLessThan(ENDS_MS);
    client.close();
  }, 180_000);

  it("ends at once when told a second time", async () => {
    const server = await serve();
    const frozen = await exporter(server.grpc);
    frozen.kill("SIGSTOP");
    server.child.kill("SIGINT");
    await expect.poll(server.log).toMatch(/server closing/);
    server.child.kill("SIGTERM");
    expect(await once(server.child, "exit")).toEqual([null, "SIGTERM"]);
    expect(server.log()).not.toMatch(/server closed/);
  }, 180_000);
});

describe("playblast serve, in trouble", () => {
  const health = ({ webSocket }: Served) => fetch(`http://${new URL(webSocket).host}/health`);

  it("logs an error that nobody caught, with where it comes from, and goes on", async () => {
    const stray = join(folder, "stray.cjs");
    writeFileSync(
      stray,
      `if (require("node:worker_threads").isMainThread && process.argv.includes("serve")) {
        setTimeout(() => { throw new Error("stray error"); }, 3000);
        setTimeout(() => Promise.reject(new Error("stray rejection")), 3500);
      }`,
    );
    const server = await serve({ NODE_OPTIONS: `--require=${stray}` });
    await expect.poll(server.log, { timeout: 20_000 }).toMatch(/stray rejection/);
    const lines = server
      .log()
      .split("\n")
      .filter((line) => line.includes("caught by nobody"))
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      expect.objectContaining({ level: 60, err: expect.objectContaining({ message: "stray error" }) }),
      expect.objectContaining({ level: 60, err: expect.objectContaining({ message: "stray rejection" }) }),
    ]);
    expect(lines[0].err.stack).toMatch(/^Error: stray error\n\s+at /);
    expect((await health(server)).status).toBe(200);
    server.child.kill("SIGTERM");
    expect(await once(server.child, "exit")).toEqual([0, null]);
  }, 180_000);

  it.runIf(process.platform === "linux")(
    "goes on when its log's disk is full",
    async () => {
      const child = spawn(
        process.execPath,
        [at("dist/cli/playblast.js"), "serve", "--port", "0", "--ws-port", "0", "--json"],
        {
          stdio: ["ignore", "pipe", openSync("/dev/full", "w")],
        },
      ) as unknown as ChildProcessWithoutNullStreams;
      children.push(child);
      const [line] = await once(createInterface(child.stdout), "line");
      const page = `http://${new URL(JSON.parse(line).webSocket).host}/health`;
      expect((await fetch(page)).status).toBe(200);
      await sleep(500);
      expect((await fetch(page)).status).toBe(200);
      child.kill("SIGTERM");
      expect(await once(child, "exit")).toEqual([0, null]);
    },
    180_000,
  );
});
