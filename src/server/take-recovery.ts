import { Worker } from "node:worker_threads";
import type { Logger } from "pino";
import { partialsIn, type Recovery } from "../take/recover-takes.js";

/** The worker's script: built, also where this module runs from its source. */
const THREAD = new URL("../../dist/take/recover-worker.js", import.meta.url);

/** The takes of a crash that are being recovered. */
export interface TakeRecovery {
  /** Resolves when nothing is left to do. Never rejects. */
  readonly done: Promise<void>;
  /** Leaves the rest for the next start. */
  stop(): Promise<void>;
}

/**
 * Recovers what a crash left in the take folder, in a thread of its own, and logs what became of it. Does nothing where
 * nothing was left.
 */
export async function startTakeRecovery(folder: string, log: Logger): Promise<TakeRecovery> {
  if ((await partialsIn(folder)).length === 0) return { done: Promise.resolve(), stop: async () => {} };
  const thread = new Worker(THREAD, { workerData: { folder } });
  thread.on("message", ({ partial, take, messages, problem }: Recovery) => {
    if (take) log.info({ partial, take, messages }, "a take that a crash had cut off was recovered");
    else log.warn({ partial }, `no take was recovered: ${problem}`);
  });
  thread.on("error", (error) => log.error({ err: error, folder }, "recovering takes failed"));
  return {
    done: new Promise((resolve) => thread.once("exit", () => resolve())),
    stop: async () => {
      await thread.terminate();
    },
  };
}
