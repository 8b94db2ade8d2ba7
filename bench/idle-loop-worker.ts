import { parentPort } from "node:worker_threads";
import { watchLoop } from "./loop-delay.js";

/** Runs in a worker thread: does nothing until it is told to stop, then tells its delays and ends. */
const stop = watchLoop();
parentPort?.once("message", () => parentPort?.postMessage(stop()));
