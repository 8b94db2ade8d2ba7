import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { processTree, residentMegabytes } from "./process-tree.js";

/** The built command line; this file itself may run unbuilt, in a test. */
export const COMMAND_LINE = createRequire(import.meta.url).resolve("playblast/cli/playblast");
/** Memory at which a server is killed before it takes the machine down, in MB, where nothing else is said. */
const MOST_MEGABYTES = 4000;
/** Heap of a server's threads, in MB: its end is a crash of the server's and nobody else's. */
const HEAP_MEGABYTES = 1024;
const WATCH_MS = 50;
const KEPT_LOG_LINES = 400;

/** How a server process ended. */
export interface ServerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether it was killed because it took too much memory. */
  readonly tooMuchMemory: boolean;
}

/** How a server process is started. */
export interface ServerProcessOptions {
  readonly takes?: string;
  readonly args?: readonly string[];
  /** Largest file that it can write, in KiB: what a full disk does to it, without a disk. */
  readonly largestFileKib?: number;
  /** Memory of all its processes at which it is killed, in MB. */
  readonly mostMegabytes?: number;
}

/** A `playblast serve` with the default model, in a process of its own: what ends it is a crash, and its memory is its own. */
export class ServerProcess {
  readonly port: number;
  readonly webSocketPort: number;
  readonly #child: ChildProcess;
  readonly #log: string[];
  readonly #ended: Promise<ServerEnd>;
  #end: ServerEnd | undefined;
  #peak = 0;

  private constructor(
    child: ChildProcess,
    log: string[],
    port: number,
    webSocketPort: number,
    mostMegabytes = MOST_MEGABYTES,
  ) {
    this.#child = child;
    this.#log = log;
    this.port = port;
    this.webSocketPort = webSocketPort;
    let tooMuchMemory = false;
    const watch = setInterval(() => {
      const megabytes = this.megabytes();
      this.#peak = Math.max(this.#peak, megabytes);
      if (megabytes < mostMegabytes) return;
      tooMuchMemory = true;
      for (const pid of processTree(this.pid)) process.kill(pid, "SIGKILL");
    }, WATCH_MS);
    this.#ended = once(child, "exit").then(([code, signal]) => {
      clearInterval(watch);
      this.#end = { code, signal, tooMuchMemory };
      return this.#end;
    });
  }

  /** Starts a server on free loopback ports and waits until it serves. */
  static async start(options: ServerProcessOptions = {}): Promise<ServerProcess> {
    const { takes, args = [], largestFileKib, mostMegabytes } = options;
    const command = [
      process.execPath,
      `--max-old-space-size=${HEAP_MEGABYTES}`,
      COMMAND_LINE,
      ...["serve", "--port", "0", "--ws-port", "0", "--json", "--log-level", "warn", "--end-with-stdin"],
      ...(takes ? ["--takes", takes] : []),
      ...args,
    ];
    // It ends with this process, whatever ends that: its standard input closes then.
    // The shell sets the limit, in blocks of 512 bytes, and becomes the server.
    const limit = largestFileKib ? `ulimit -f ${largestFileKib * 2}; ` : "";
    const child = spawn("sh", ["-c", `${limit}exec "$@"`, "sh", ...command], { stdio: "pipe" });
    const log: string[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => {
      log.push(line);
      if (log.length > KEPT_LOG_LINES) log.shift();
    });
    const lines = createInterface({ input: child.stdout });
    const first = await Promise.race([
      once(lines, "line").then(([line]) => line as string),
      once(child, "exit").then(() => {
        throw new Error(`the server did not start:\n${log.join("\n")}`);
      }),
    ]);
    const { grpc, webSocket } = JSON.parse(first) as { grpc: string; webSocket: string };
    const port = Number(grpc.split(":").pop());
    return new ServerProcess(child, log, port, Number(new URL(webSocket).port), mostMegabytes);
  }

  /** Of the gRPC door. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** How it ended, or undefined while it runs. */
  get end(): ServerEnd | undefined {
    return this.#end;
  }

  /** Its last log lines. */
  get log(): readonly string[] {
    return this.#log;
  }

  /** Resident memory of the server and the processes that it has started, in MB; 0 when it has ended. */
  megabytes(): number {
    return processTree(this.pid).reduce((sum, pid) => sum + residentMegabytes(pid), 0);
  }

  /** The most of it that was seen, in MB, since this was last asked. */
  takePeakMegabytes(): number {
    const peak = Math.max(this.#peak, this.megabytes());
    this.#peak = 0;
    return peak;
  }

  /** Open file descriptors. */
  descriptors(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** Ends it as Ctrl-C does, with SIGKILL after `patienceMs`. Gives the milliseconds that it took and how it ended. */
  async terminate(patienceMs = 30_000): Promise<{ readonly milliseconds: number; readonly end: ServerEnd }> {
    const start = performance.now();
    this.#child.kill("SIGTERM");
    const patience = setTimeout(() => this.#child.kill("SIGKILL"), patienceMs);
    const end = await this.#ended;
    clearTimeout(patience);
    return { milliseconds: performance.now() - start, end };
  }

  /** Ends it at once, as a crash or a power cut does. Safe to call twice. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
