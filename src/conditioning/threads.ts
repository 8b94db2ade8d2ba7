import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import {
  instantiateKernels,
  type Kernel,
  type KernelMemory,
  type Kernels,
  kernelModule,
  SCRATCH_BYTES,
} from "./kernels.js";
import type { WasmMemory, WasmModule } from "./webassembly.js";

/** Relative to this file in `src` and in `dist` alike: a thread runs compiled code. */
const THREAD = new URL("../../dist/conditioning/kernel-thread.js", import.meta.url);

/** Calls of one kernel that may run at a time, in any order; all of them end before the next phase begins. */
export interface Phase {
  readonly kernel: Kernel;
  /** The arguments of each call. */
  readonly calls: readonly (readonly number[])[];
}

/** What a thread is told. */
export type ThreadCall =
  | { readonly kind: "module"; readonly module: WasmModule }
  | { readonly kind: "open"; readonly id: number; readonly memory: WasmMemory; readonly scratch: number }
  | { readonly kind: "close"; readonly id: number }
  | { readonly kind: "run"; readonly id: number; readonly phases: readonly Phase[]; readonly progress: Int32Array };

/** Two numbers a phase in `progress`: the call that is taken next, and how many have ended; and last whether one has failed. */
const NEXT = 0;
const ENDED = 1;
const COUNTS = 2;

/** Room for the progress of phases. */
export function makeProgress(phases: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer((phases * COUNTS + 1) * Int32Array.BYTES_PER_ELEMENT));
}

/** Takes part in phases until all their calls have ended, in whatever thread. Throws where a call throws, in whatever thread. */
export function takePart(kernels: Kernels, phases: readonly Phase[], progress: Int32Array): void {
  const failed = phases.length * COUNTS;
  for (const [i, { kernel, calls }] of phases.entries()) {
    const next = i * COUNTS + NEXT;
    const ended = i * COUNTS + ENDED;
    for (let call = Atomics.add(progress, next, 1); call < calls.length; call = Atomics.add(progress, next, 1)) {
      try {
        if (Atomics.load(progress, failed) === 0) kernels[kernel](...calls[call]);
      } catch (error) {
        Atomics.store(progress, failed, 1);
        throw error;
      } finally {
        if (Atomics.add(progress, ended, 1) + 1 === calls.length) Atomics.notify(progress, ended);
      }
    }
    for (let count = Atomics.load(progress, ended); count < calls.length; count = Atomics.load(progress, ended))
      Atomics.wait(progress, ended, count);
  }
  if (Atomics.load(progress, failed) !== 0) throw new Error("a conditioning kernel failed in another thread");
}

/**
 * The threads of this process that run kernels beside the caller's: as many as it has cores, less one. Started when a runner is opened, at the caller's
 * priority, and ended with the last runner.
 */
let pool: Worker[] | undefined;
let openRunners = 0;
let nextId = 0;

function threads(): Worker[] {
  pool ??= Array.from({ length: availableParallelism() - 1 }, () => {
    const worker = new Worker(THREAD);
    // A process that has nothing else to do does not wait for threads, and the caller's can do all the work.
    worker.unref();
    worker.on("error", () => {});
    post(worker, { kind: "module", module: kernelModule() });
    return worker;
  });
  return pool;
}

/** Collections come at most so often: each takes some milliseconds, in which nothing is painted. */
const COLLECT_MS = 1000;
let collecting: NodeJS.Timeout | undefined;

/**
 * Frees WebAssembly memories that nobody in this thread holds any more, where the process may collect at will (as render processes may). V8 by
 * itself does not hurry: it counts their address space, not what is in memory.
 */
export function collectSoon(): void {
  if (collecting) return;
  collecting = setTimeout(() => {
    collecting = undefined;
    globalThis.gc?.();
  }, COLLECT_MS);
  collecting.unref();
}

function post(worker: Worker, call: ThreadCall): void {
  worker.postMessage(call);
}

/** Runs kernels on one memory, in the caller's thread and in others. */
export class KernelRunner {
  readonly threads: number;
  readonly #kernels: Kernels;
  readonly #id = nextId++;
  readonly #helpers: readonly Worker[];
  #open = true;

  /** @param threads How many threads take part, the caller's included; at most as many as there are cores. */
  constructor(memory: KernelMemory, threadCount: number) {
    this.#kernels = instantiateKernels(kernelModule(), memory.memory, memory.take(SCRATCH_BYTES));
    openRunners++;
    this.#helpers = threadCount > 1 ? threads().slice(0, threadCount - 1) : [];
    this.threads = this.#helpers.length + 1;
    for (const helper of this.#helpers)
      post(helper, { kind: "open", id: this.#id, memory: memory.memory, scratch: memory.take(SCRATCH_BYTES) });
  }

  /** Runs phases, one after the other. Blocks until all is done. */
  run(phases: readonly Phase[]): void {
    const progress = makeProgress(phases.length);
    for (const helper of this.#helpers) post(helper, { kind: "run", id: this.#id, phases, progress });
    takePart(this.#kernels, phases, progress);
  }

  /** Lets the threads forget the memory, which is free once the caller holds it no more. Safe to call twice. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const helper of this.#helpers) post(helper, { kind: "close", id: this.#id });
    collectSoon();
    openRunners--;
    if (openRunners > 0) return;
    for (const worker of pool ?? []) void worker.terminate();
    pool = undefined;
  }
}
