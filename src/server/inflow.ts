import type { DoorLimits } from "./door-limits.js";

/** What can stop reading from its client for a while: a call or a WebSocket. */
interface Source {
  pause(): void;
  resume(): void;
}

/** Holds back a client that sends faster than its shot is worked on, so that what waits is bounded. */
export class Inflow {
  readonly #source: Source;
  readonly #limits: DoorLimits;
  #bytes = 0;
  #messages = 0;
  #paused = false;
  #over = false;

  constructor(source: Source, limits: DoorLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  /** Whether the client is being held back. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Counts a message of this many bytes that has arrived. Returns what to call when it is worked on. */
  arrived(bytes: number): () => void {
    this.#bytes += bytes;
    this.#messages++;
    const { waitingBytes, waitingMessages } = this.#limits;
    if (!this.#over && !this.#paused && (this.#bytes > waitingBytes || this.#messages > waitingMessages)) {
      this.#paused = true;
      this.#source.pause();
    }
    return () => {
      this.#bytes -= bytes;
      this.#messages--;
      if (this.#bytes <= waitingBytes / 2 && this.#messages <= waitingMessages / 2) this.#resume();
    };
  }

  /** Holds nobody back any more: the shot is over, and what still arrives is thrown away. */
  stop(): void {
    this.#over = true;
    this.#resume();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#source.resume();
  }
}
