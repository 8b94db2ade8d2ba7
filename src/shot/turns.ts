/** A shot's place among those that take turns in one process. */
export interface Turn {
  /** Time counts by its weight: at twice the weight a shot may use twice the time. */
  readonly weight: number;
  /** Weighted milliseconds at which its last call ended, on the clock of `Turns`. */
  finish: number;
}

interface Waiting<Call> {
  readonly turn: Turn;
  readonly call: Call;
  readonly start: number;
}

/**
 * Whose call comes next, by the time that each has used: start-time fair queueing (Goyal, Vin and Cheng, 1996). A call's start is the
 * clock or the end of its shot's last call, whichever is later; the earliest start goes first, and the clock stands at the start of what
 * went last. So shots that are always busy share by weight, one that was idle or has just come gains no credit, and nobody waits for ever.
 */
export class Turns<Call> {
  #clock = 0;
  #waiting: Waiting<Call>[] = [];

  /** A place for a newcomer, beside those who wait now. */
  join(weight: number): Turn {
    return { weight, finish: this.#clock };
  }

  /** Lets a call wait for its turn. */
  wait(turn: Turn, call: Call): void {
    this.#waiting.push({ turn, call, start: Math.max(this.#clock, turn.finish) });
  }

  /** Takes the call whose turn it is; undefined where none waits. Of equals the one that has waited longest. */
  take(): Call | undefined {
    if (this.#waiting.length === 0) return undefined;
    const next = this.#waiting.reduce((a, b) => (b.start < a.start ? b : a));
    this.#waiting = this.#waiting.filter((each) => each !== next);
    this.#clock = next.start;
    next.turn.finish = next.start;
    return next.call;
  }

  /** Charges a shot for a call that took `milliseconds`. */
  charge(turn: Turn, milliseconds: number): void {
    turn.finish += milliseconds / turn.weight;
  }

  /** Takes away what a shot waits with, without its turn. */
  leave(turn: Turn): Call[] {
    const left = this.#waiting.filter((each) => each.turn === turn);
    this.#waiting = this.#waiting.filter((each) => each.turn !== turn);
    return left.map(({ call }) => call);
  }

  /** Takes away all that waits. */
  clear(): Call[] {
    const all = this.#waiting.map(({ call }) => call);
    this.#waiting = [];
    return all;
  }
}
