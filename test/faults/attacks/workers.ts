import { floorFrame, floorLook, openFloor } from "../../../bench/load/floor-scene.js";
import { processTree } from "../../../bench/load/process-tree.js";
import { type Ending, RawStream } from "./raw-stream.js";
import { pause, type Target } from "./target.js";

const SIZE = { width: 64, height: 36 };
const TICKS = 8;
const TRIES = 20;
const BETWEEN_MS = 500;

/** Kills the processes in which the server runs its models, while a shot runs on one. */
export async function workerKilled(target: Target) {
  const running = await shotOf(target);
  const workers = processTree(target.pid).filter((pid) => pid !== target.pid);
  for (const pid of workers) process.kill(pid, "SIGKILL");
  const killedAt = performance.now();
  const ending = await running.ending();
  const later: Ending[] = [];
  for (let i = 0; i < TRIES && later.at(-1)?.code !== 0; i++) {
    if (i > 0) await pause(BETWEEN_MS);
    later.push(await (await shotOf(target)).ending());
  }
  return {
    did: `killed ${workers.length} processes of the server's`,
    workers: workers.length,
    ending,
    /** Shots that were opened afterwards, until one worked. */
    later,
    /** Milliseconds until that one had closed. */
    milliseconds: performance.now() - killedAt,
  };
}

/** An export that runs. */
async function shotOf(target: Target): Promise<RawStream> {
  const stream = new RawStream(target, "grpc");
  stream.send(openFloor("export", SIZE));
  stream.send(floorLook(0, SIZE));
  for (let tick = 0; tick < TICKS; tick++) stream.send({ $case: "engineFrame", value: floorFrame(tick, SIZE) });
  await stream.opened();
  return stream;
}
