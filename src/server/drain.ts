import type { Writable } from "node:stream";
import { BadRequestError, Code } from "../protocol/errors.js";

/** Waits for a client to read: a writable's buffer may fill up to its mark, then the shot pauses. */
export class Drain {
  readonly #stream: Writable;
  readonly #timeoutMs: number;
  #stop: (() => void) | undefined;

  constructor(stream: Writable, timeoutMs: number) {
    this.#stream = stream;
    this.#timeoutMs = timeoutMs;
  }

  /** Resolves when more may be written. Throws when the client has read nothing for too long. */
  ready(): Promise<void> {
    if (!this.#stream.writableNeedDrain || this.#stream.destroyed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = (then: () => void) => {
        clearTimeout(timer);
        this.#stream.off("drain", drained);
        this.#stop = undefined;
        then();
      };
      const drained = () => settle(resolve);
      const timer = setTimeout(() => {
        const seconds = this.#timeoutMs / 1000;
        const what = `has read nothing for ${seconds} s; read the answers while sending, or close the shot`;
        settle(() => reject(new BadRequestError("client", what, Code.DEADLINE_EXCEEDED)));
      }, this.#timeoutMs);
      this.#stream.once("drain", drained);
      this.#stop = () => settle(resolve);
    });
  }

  /** Lets a waiting shot go on, because its stream has ended. */
  stop(): void {
    this.#stop?.();
  }
}
