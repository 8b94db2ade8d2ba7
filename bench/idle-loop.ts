import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { LoopDelays } from "./loop-delay.js";

/**
 * Watches the event loop of a thread that does nothing, until the function that it returns is called: delays that the
 * machine alone is to blame for.
 */
export async function watchIdleLoop(): Promise<() => Promise<LoopDelays>> {
  const worker = new Worker(new URL("./idle-loop-worker.js", import.meta.url));
  await once(worker, "online");
  return async () => {
    worker.postMessage("stop");
    const [delays] = await once(worker, "message");
    return delays as LoopDelays;
  };
}
