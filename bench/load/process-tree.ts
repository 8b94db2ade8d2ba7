import { readdirSync, readFileSync } from "node:fs";

const KILOBYTES_A_MB = 1024;

/** A process and all that it has started, directly or not, as far as they run. Linux only. */
export function processTree(pid: number): number[] {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    );
    return [pid, ...children.flatMap(processTree)];
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

/** Resident memory of a process in MB; 0 when it has ended. */
export function residentMegabytes(pid: number): number {
  try {
    const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return found ? Number(found[1]) / KILOBYTES_A_MB : 0;
  } catch {
    return 0;
  }
}

/** Threads of a process; 0 when it has ended. */
export function threads(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}
