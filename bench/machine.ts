import { availableParallelism, cpus, loadavg } from "node:os";

/** What figures were measured on, as they stand beside them. */
export function describeMachine() {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    threads: availableParallelism(),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    loadAtStart: loadavg()[0],
  };
}

/** Prints it as a line. */
export function printMachine({ cpu, threads, platform, node, loadAtStart }: ReturnType<typeof describeMachine>): void {
  console.log(`${cpu}, ${threads} threads, ${platform}, Node ${node}, load ${loadAtStart.toFixed(1)} at start`);
}
