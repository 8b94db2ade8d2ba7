import { writeSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import zstd from "@foxglove/wasm-zstd";
import type { ShotMessage } from "../protocol/codec.js";
import { McapChunks } from "./mcap-chunks.js";
import { protocolDescriptor } from "./schemas.js";
import { TAKE_CHANNELS } from "./take-messages.js";
import type { TakeCall, TakeReply } from "./take-worker-messages.js";

/** Milliseconds after its first message when a chunk is written, whatever its size: a crash loses at most this much. */
const CHUNK_MS = 1000;
const NANOSECONDS = 1e9;
/** More than any scene lasts, and less than 2^63 nanoseconds. */
const MOST_SECONDS = 9e9;

/** A take of which nothing failed yet. */
interface OpenTake {
  readonly mcap: McapChunks;
  readonly channels: ReadonlyMap<ShotMessage["$case"], number>;
  timer: NodeJS.Timeout | undefined;
}

/** Runs in a worker thread: compresses the takes that are being recorded and writes them, so that no event loop waits for that. */
async function main(): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error("take-worker runs as a worker thread only");
  const reply = (message: TakeReply) => port.postMessage(message);
  await zstd.isLoaded;
  const schema = protocolDescriptor();
  const takes = new Map<number, OpenTake>();

  /** Does something to a take; a failure ends that take and no other. */
  const attempt = (take: number, mcap: McapChunks | undefined, work: () => void) => {
    try {
      work();
    } catch (error) {
      clearTimeout(takes.get(take)?.timer);
      takes.delete(take);
      reply({ kind: "failed", take, message: (error as Error).message, chunks: mcap?.chunks ?? 0 });
    }
  };

  const open = (take: number, fd: number, level: number) => {
    const mcap = new McapChunks((bytes) => writeAll(fd, bytes), level);
    const channels = new Map<ShotMessage["$case"], number>();
    for (const [kind, { topic, schema: name }] of Object.entries(TAKE_CHANNELS)) {
      channels.set(kind as ShotMessage["$case"], mcap.channel(topic, { name, data: schema }));
    }
    takes.set(take, { mcap, channels, timer: undefined });
    reply({ kind: "opened", take });
  };

  const add = (open: OpenTake, call: Extract<TakeCall, { kind: "add" }>) => {
    const { kind, data, sceneTime } = call.entry;
    const { logTime } = call;
    const publishTime = sceneTime === undefined ? logTime : nanoseconds(sceneTime);
    const { chunks } = open.mcap;
    open.mcap.add({ channelId: open.channels.get(kind) as number, logTime, publishTime, data });
    if (open.mcap.chunks > chunks) {
      clearTimeout(open.timer);
      open.timer = undefined;
    } else {
      open.timer ??= setTimeout(() => {
        open.timer = undefined;
        attempt(call.take, open.mcap, () => open.mcap.flush());
      }, CHUNK_MS).unref();
    }
  };

  port.on("message", (call: TakeCall) => {
    const { take } = call;
    const known = takes.get(take);
    if (call.kind === "open") attempt(take, undefined, () => open(take, call.fd, call.level));
    else if (call.kind === "add") {
      if (known) attempt(take, known.mcap, () => add(known, call));
      reply({ kind: "took", take, bytes: call.entry.data.length });
    } else if (known) {
      clearTimeout(known.timer);
      attempt(take, known.mcap, () => {
        known.mcap.end();
        takes.delete(take);
        reply({ kind: "ended", take });
      });
    }
  });
}

/** Scene time as MCAP has it: not negative, in 64 bits; what is no number is 0. */
function nanoseconds(seconds: number): bigint {
  return BigInt(Math.round(Math.min(Math.max(0, seconds || 0), MOST_SECONDS) * NANOSECONDS));
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

await main();
