import { parentPort, workerData } from "node:worker_threads";
import { recoverTakes } from "./recover-takes.js";

/** Runs in a worker thread: recovers the takes of one folder, and says what became of each. */
for await (const recovery of recoverTakes((workerData as { folder: string }).folder)) parentPort?.postMessage(recovery);
