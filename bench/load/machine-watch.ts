import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { processTree } from "./process-tree.js";

const SAMPLE_MS = 500;
/** Linux counts processor time in hundredths of a second. */
const TICKS_A_SECOND = 100;
/** What is left to us where others take nearly all: a slower machine than this is not measured on. */
const LEAST_LEFT = 0.05;

/**
 * How much of the machine others take, where "others" are all processes but the watched ones and what these started. Processes that run at a lower priority
 * (nice) are left out: they give way. On a machine where others take half, everything may take twice as long and nobody is to blame.
 */
export class MachineWatch {
  readonly #pids: readonly number[];
  readonly #samples: { readonly at: number; readonly others: number }[] = [];
  readonly #timer: NodeJS.Timeout;
  #last = { at: performance.now(), busy: busySeconds(), own: 0 };

  /** @param pids The processes that are measured. */
  constructor(pids: readonly number[]) {
    this.#pids = pids;
    this.#last.own = this.#ownSeconds();
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  /** How many times as long things may take as on an idle machine, by the busiest half second since `from`: 1 or more. */
  slowdown(from: number): number {
    const others = Math.max(0, ...this.#samples.filter(({ at }) => at >= from).map((sample) => sample.others));
    return 1 / Math.max(LEAST_LEFT, 1 - others);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    const now = { at: performance.now(), busy: busySeconds(), own: this.#ownSeconds() };
    const seconds = ((now.at - this.#last.at) / 1000) * availableParallelism();
    const others = now.busy - this.#last.busy - Math.max(0, now.own - this.#last.own);
    this.#samples.push({ at: now.at, others: Math.min(1, Math.max(0, others / seconds)) });
    this.#last = now;
  }

  #ownSeconds(): number {
    return this.#pids.flatMap(processTree).reduce((sum, pid) => sum + secondsOf(pid), 0);
  }
}

/** Processor time of the whole machine: user, system, interrupts and what other virtual machines took. */
function busySeconds(): number {
  const [, user, , system, , , irq, softirq, steal] = readFileSync("/proc/stat", "utf8").split(/\s+/, 9).map(Number);
  return (user + system + irq + softirq + steal) / TICKS_A_SECOND;
}

/** Processor time of a process; 0 when it has ended. */
function secondsOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  } catch {
    return 0;
  }
}
