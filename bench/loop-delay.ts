import { monitorEventLoopDelay } from "node:perf_hooks";

/** How often the event loop is looked at. It is part of each delay that is reported. */
export const RESOLUTION_MS = 1;
const NANOSECONDS_A_MS = 1e6;

/** Delays of one thread's event loop, in milliseconds. */
export interface LoopDelays {
  /** 99 % were no longer. */
  readonly p99: number;
  readonly longest: number;
}

/** Watches the event loop of the calling thread until the function that it returns is called. */
export function watchLoop(): () => LoopDelays {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  return () => {
    delays.disable();
    return { p99: delays.percentile(99) / NANOSECONDS_A_MS, longest: delays.max / NANOSECONDS_A_MS };
  };
}
