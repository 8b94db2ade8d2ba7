import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import type { RenderSetup } from "../diffusion/family.js";
import type { FoundModel } from "../diffusion/model-card.js";
import { ModelError } from "../diffusion/model-error.js";
import { BadRequestError, Code } from "../protocol/errors.js";
import type { Call, Ready, Reply, Request } from "./render-messages.js";
import { receiveFrom, sendTo } from "./render-pipe.js";
import { type Turn, Turns } from "./turns.js";

/** The module that a render process runs. */
export const RENDER_WORKER = new URL("./render-worker.js", import.meta.url);

/** Time that a live shot may use for each unit of an export's in the same process. */
const LIVE_WEIGHT = 8;
const EXPORT_WEIGHT = 1;
/** Loading takes a second; a process that has not loaded its model after so long is ended. */
const LOAD_PATIENCE_MS = 120_000;
/** Characters kept of what a process wrote to standard error, for the reason of its end. */
const MOST_COMPLAINT = 2000;

/** Each member of a union of calls, less what the process adds. */
type Question = Call extends infer Each ? (Each extends Call ? Omit<Each, "kind" | "shot"> : never) : never;

interface Job {
  readonly turn: Turn;
  readonly call: Call;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** A job whose call was sent. Its arrays are the pipe's: they are not kept here while the process works on them. */
interface Running extends Omit<Job, "call"> {
  readonly method: Call["method"];
  readonly started: number;
}

/** What a call came to. */
export interface Answer {
  readonly value: unknown;
  /** Milliseconds that it ran, without the time that it waited for its turn. */
  readonly ms: number;
  /** Most frames that the shot's next chunk takes. */
  readonly chunkLength: number;
}

/** One shot in a render process. */
export interface ProcessShot {
  /** Most frames that the next chunk takes, as the last answer said. */
  readonly chunkLength: number;
  ask(question: Question): Promise<Answer>;
  /** Abandons what waits and runs, and frees the shot's memory as soon as the process can. Safe to call twice. */
  close(): void;
}

/** Processes that must not outlive this one; those that were closed are not among them. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/**
 * A process that holds one model and paints shots with it, one call at a time: whose call is next is decided here, when the process is
 * free, by the time that each shot has used. It can be ended at any moment.
 */
export class RenderProcess {
  /** Rejects with ModelError when the model cannot be loaded, with Error when the process ends before. */
  readonly ready: Promise<Ready>;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
  readonly #child: ChildProcess;
  readonly #pipe: Duplex;
  readonly #turns = new Turns<Job>();
  readonly #onEnd: (process: RenderProcess, reason: string) => void;
  #running: Running | undefined;
  #complaint = "";
  #end: Error | undefined;
  #openShots = 0;
  #nextShot = 0;
  #settleReady: { readonly resolve: (ready: Ready) => void; readonly reject: (error: Error) => void } | undefined;

  /**
   * @param script The module to run, RENDER_WORKER but in tests.
   * @param onEnd Called once, when the process has ended without having been told to.
   */
  constructor(
    model: FoundModel,
    options: {
      readonly measure: boolean;
      readonly script?: URL;
      readonly onEnd: (process: RenderProcess, reason: string) => void;
    },
  ) {
    this.#onEnd = options.onEnd;
    // Large arrays lie outside the heap, by which it is decided when to collect: the worker does that itself.
    this.#child = spawn(process.execPath, ["--expose-gc", fileURLToPath(options.script ?? RENDER_WORKER)], {
      stdio: ["ignore", "ignore", "pipe", "overlapped"],
      windowsHide: true,
    });
    running.add(this.#child);
    this.#pipe = this.#child.stdio[3] as Duplex;
    // A write to a process that has just ended; its exit follows.
    this.#pipe.on("error", () => {});
    receiveFrom(this.#pipe, (reply) => this.#receive(reply as Reply));
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-MOST_COMPLAINT);
    });
    this.ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject };
    });
    // Whoever asks for it hears of it; nobody may have asked yet.
    this.ready.catch(() => {});
    const patience = setTimeout(() => this.#ended("did not load its model in time"), LOAD_PATIENCE_MS);
    patience.unref();
    const loaded = () => clearTimeout(patience);
    this.ready.then(loaded, loaded);
    this.gone = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#ended(`could not be started: ${error.message}`);
        if (this.#child.pid === undefined) resolve();
      });
      // Its last words are read by then.
      this.#child.once("close", (code, signal) => {
        running.delete(this.#child);
        this.#ended(`ended with ${signal ?? `code ${code}`}`);
        resolve();
      });
    });
    const { cardPath, card } = model;
    this.#send({ kind: "load", cardPath, card, measure: options.measure });
  }

  /** Process id; undefined where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Shots that are open or being opened. */
  get openShots(): number {
    return this.#openShots;
  }

  /** Whether a call runs that takes its time. */
  get busy(): boolean {
    return this.#running !== undefined && this.#running.method !== "closeShot";
  }

  /** Lets every other process of the machine go before this one, for good. Takes effect before the next call. */
  lowerPriority(): void {
    this.#send({ kind: "lowerPriority" });
  }

  /** Opens a shot; it counts as open from the call on. */
  async openShot(setup: RenderSetup): Promise<ProcessShot> {
    this.#openShots++;
    const shot = this.#nextShot++;
    const turn = this.#turns.join(setup.live ? LIVE_WEIGHT : EXPORT_WEIGHT);
    let open = true;
    let chunkLength = 0;
    const opened: ProcessShot = {
      get chunkLength() {
        return chunkLength;
      },
      // Frames are large: nothing here holds a question while it is worked on.
      ask: (question) => {
        if (!open) return Promise.reject(shotClosed());
        return this.#ask(turn, { kind: "call", shot, ...question } as Call).then((answer) => {
          chunkLength = answer.chunkLength;
          return answer;
        });
      },
      close: () => {
        if (!open) return;
        open = false;
        this.#openShots--;
        this.#abandon(turn, shot);
        this.#ask(turn, { kind: "call", shot, method: "closeShot" }).catch(() => {});
      },
    };
    try {
      await this.ready;
      await opened.ask({ method: "openShot", setup });
      return opened;
    } catch (error) {
      opened.close();
      throw error;
    }
  }

  /** Ends the process, whatever it does. Calls that wait or run reject with `error`. Safe to call twice. */
  close(error: Error = workerEnded()): void {
    this.#stop(error);
  }

  #ask(turn: Turn, call: Call): Promise<Answer> {
    if (this.#end) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#turns.wait(turn, { turn, call, resolve, reject });
      this.#next();
    });
  }

  /** What the shot waits with is not started; what runs is given up at the process's next pause, and nobody waits for it. */
  #abandon(turn: Turn, shot: number): void {
    for (const job of this.#turns.leave(turn)) job.reject(shotClosed());
    if (this.#running?.turn !== turn) return;
    this.#running.reject(shotClosed());
    this.#send({ kind: "abandon", shot });
  }

  #next(): void {
    if (this.#running || this.#end) return;
    const job = this.#turns.take();
    if (!job) return;
    const { call, ...rest } = job;
    this.#running = { ...rest, method: call.method, started: performance.now() };
    this.#send(call);
  }

  #receive(reply: Reply): void {
    if (reply.kind === "ready") this.#settleReady?.resolve(reply);
    else if (reply.kind === "refused") {
      this.#settleReady?.reject(new ModelError(reply.message, false, reply.fault));
      this.#ended("could not load its model");
    } else if (this.#running) {
      const { turn, resolve, reject, started } = this.#running;
      const ms = performance.now() - started;
      this.#running = undefined;
      this.#turns.charge(turn, ms);
      if (reply.kind === "result") resolve({ value: reply.value, ms, chunkLength: reply.chunkLength });
      else if (reply.kind === "notTaken") reject(notTaken(reply));
      else reject(Object.assign(new Error(reply.message), { stack: reply.stack }));
      this.#next();
    }
  }

  #send(request: Request): void {
    if (!this.#pipe.destroyed && this.#pipe.writable) sendTo(this.#pipe, request);
  }

  #ended(what: string): void {
    if (this.#end) return;
    this.#stop(workerEnded());
    const complaint = this.#complaint.trim();
    this.#onEnd(this, complaint ? `${what}: ${complaint}` : what);
  }

  #stop(error: Error): void {
    if (this.#end) return;
    this.#end = error;
    this.#child.kill("SIGKILL");
    this.#settleReady?.reject(error);
    this.#running?.reject(error);
    this.#running = undefined;
    for (const job of this.#turns.clear()) job.reject(error);
  }
}

function workerEnded(): BadRequestError {
  return new BadRequestError(
    "shot",
    "was ended because the model's worker ended; open the shot again",
    Code.UNAVAILABLE,
  );
}

function shotClosed(): BadRequestError {
  return new BadRequestError("shot", "is closed", Code.FAILED_PRECONDITION);
}

function notTaken({ field, message, exhausted }: Extract<Reply, { kind: "notTaken" }>): BadRequestError {
  return new BadRequestError(field, message, exhausted ? Code.RESOURCE_EXHAUSTED : Code.INVALID_ARGUMENT);
}
