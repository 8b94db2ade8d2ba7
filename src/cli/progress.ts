import { printable } from "./printable.js";

const REDRAW_MS = 100;
const LINE_MS = 5000;

/** One line of progress on stderr: redrawn on a terminal, a line every five seconds elsewhere. */
export class Progress {
  readonly #label: string;
  readonly #total: number;
  readonly #started = performance.now();
  #last = 0;

  constructor(label: string, total: number) {
    this.#label = label;
    this.#total = total;
  }

  /** Shows that `done` of the total are done. */
  update(done: number): void {
    const now = performance.now();
    const tty = process.stderr.isTTY;
    if (now - this.#last < (tty ? REDRAW_MS : LINE_MS) && done < this.#total) return;
    this.#last = now;
    const rate = done / ((now - this.#started) / 1000);
    const text = `${this.#label} ${done}/${this.#total} (${rate.toFixed(1)} frames/s)`;
    process.stderr.write(tty ? `\r${text}\x1b[K` : `${text}\n`);
  }

  /** Prints a line of its own, above the progress; control codes in it are escaped. */
  note(line: string): void {
    const text = printable(line);
    process.stderr.write(process.stderr.isTTY ? `\r${text}\x1b[K\n` : `${text}\n`);
  }

  /** Ends the line. */
  end(): void {
    if (process.stderr.isTTY) process.stderr.write("\n");
  }
}
