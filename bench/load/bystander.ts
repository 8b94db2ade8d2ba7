import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import type { OpenShot } from "playblast/protocol/generated/playblast/v1/open_shot";
import type { BystanderQuestion, BystanderSetup } from "./bystander-process.js";
import type { Size } from "./floor-scene.js";
import type { LiveReport } from "./live-shot.js";

/** The built process; this file itself may run unbuilt, in a test. */
const PROCESS = createRequire(import.meta.url).resolve("playblast/bench/load/bystander-process");
/** Of a bystander: small, so that it costs little beside what it watches. */
export const BYSTANDER_SIZE: Size = { width: 64, height: 36 };
/** The longest time between two answers that a bystander may see, in milliseconds: one and a half chunks at 24 ticks a second. */
export const MOST_GAP_MS = 250;

/** A live shot in a process of its own. */
export class Bystander {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Opens the shot; throws when the server refuses it. */
  static async start(address: string, changes: Partial<OpenShot> = {}, size = BYSTANDER_SIZE): Promise<Bystander> {
    const setup: BystanderSetup = { address, size, changes };
    const child = fork(PROCESS, [JSON.stringify(setup)], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    let complaint = "";
    child.stderr?.on("data", (text) => {
      complaint += text;
    });
    await Promise.race([
      once(child, "message"),
      once(child, "exit").then(() => {
        throw new Error(`the bystander's shot was not opened: ${complaint.trim().slice(-500)}`);
      }),
    ]);
    return new Bystander(child);
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Begins a span of time to report on. */
  async mark(): Promise<void> {
    await this.#ask("mark");
  }

  /** How the shot fared since the mark. */
  async report(): Promise<LiveReport> {
    return (await this.#ask("report")) as LiveReport;
  }

  /** Closes the shot and waits for its end. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || !this.#child.connected) return;
    const exit = once(this.#child, "exit");
    this.#child.send("close" satisfies BystanderQuestion);
    await exit;
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async #ask(question: BystanderQuestion): Promise<unknown> {
    const answer = once(this.#child, "message");
    this.#child.send(question);
    return (await answer)[0];
  }
}
