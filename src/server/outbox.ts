import { encodeResponse, type ShotAnswer } from "../protocol/codec.js";
import { BadRequestError, Code } from "../protocol/errors.js";

/**
 * Bytes of answers that may wait for a client to read them, and their number, since one of few bytes takes a kilobyte of objects. Beyond it its shot
 * waits; the answers of one tick may always wait, of any size.
 */
export const MOST_UNREAD_BYTES = 4 * 1024 * 1024;
export const MOST_UNREAD_ANSWERS = 256;

/**
 * Sends one encoded answer.
 *
 * @param taken Called when the transport has taken it: it waits no more.
 */
export type Write = (bytes: Uint8Array, taken: () => void) => void;

/** What was answered to one client and has not left for it yet. */
export class Outbox {
  readonly #write: Write;
  readonly #patienceMs: number;
  #bytes = 0;
  /** Answers that were sent, and that left. */
  #sent = 0;
  #taken = 0;
  #wake: (() => void) | undefined;
  #waiting: Promise<void> | undefined;
  #stopped = false;

  /** @param patienceMs After so long without anything being taken a client reads nothing. */
  constructor(write: Write, patienceMs: number) {
    this.#write = write;
    this.#patienceMs = patienceMs;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  send(answer: ShotAnswer): void {
    const bytes = encodeResponse({ message: answer });
    this.#bytes += bytes.length;
    this.#sent++;
    this.#write(bytes, () => {
      this.#bytes -= bytes.length;
      this.#taken++;
      this.#wake?.();
    });
  }

  /**
   * Resolves when more may be sent.
   *
   * @throws BadRequestError (DEADLINE_EXCEEDED) when the client has read nothing for too long.
   */
  ready(): Promise<void> {
    this.#waiting ??= this.#drained().finally(() => {
      this.#waiting = undefined;
    });
    return this.#waiting;
  }

  /** Lets a waiting shot go on, because its stream has ended. */
  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  async #drained(): Promise<void> {
    while (this.#isFull() && !this.#stopped) {
      const before = this.#taken;
      await this.#change();
      if (this.#taken > before || this.#stopped) continue;
      throw new BadRequestError(
        "client",
        `has read nothing for ${this.#patienceMs / 1000} s; read the answers while sending, or close the shot`,
        Code.DEADLINE_EXCEEDED,
      );
    }
  }

  #isFull(): boolean {
    return this.#bytes > MOST_UNREAD_BYTES || this.#sent - this.#taken > MOST_UNREAD_ANSWERS;
  }

  /** Resolves when something is taken, when it is stopped, and when patience is over. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#patienceMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
