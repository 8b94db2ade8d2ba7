const BEAT_MS = 10;
/** A beat that comes so much too late is a stall. */
const LATE_MS = 10;

/** A time in which this process did not run although it wanted to, in milliseconds of `performance.now()`. */
interface Stall {
  readonly from: number;
  readonly to: number;
}

/** Notes when this process is kept from running, by the machine or by itself, so that others are not blamed for it. */
export class StallWatch {
  readonly #stalls: Stall[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor() {
    let due = performance.now() + BEAT_MS;
    this.#timer = setInterval(() => {
      const now = performance.now();
      if (now > due + LATE_MS) this.#stalls.push({ from: due, to: now });
      due = now + BEAT_MS;
    }, BEAT_MS);
  }

  /** Milliseconds between two times in which this process did not run. */
  between(from: number, to: number): number {
    return this.#stalls.reduce(
      (sum, stall) => sum + Math.max(0, Math.min(to, stall.to) - Math.max(from, stall.from)),
      0,
    );
  }

  /** The longest stall that touches a span of time, in milliseconds. */
  longest(from: number, to: number): number {
    return this.#stalls.reduce(
      (longest, stall) => (stall.to > from && stall.from < to ? Math.max(longest, stall.to - stall.from) : longest),
      0,
    );
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
