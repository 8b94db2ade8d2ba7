import type { Logger } from "pino";
import type { ModelTakes, RenderedFrame, RenderSetup, SizeChoice, StepRange } from "../diffusion/family.js";
import type { FoundModel } from "../diffusion/model-card.js";
import { ModelError } from "../diffusion/model-error.js";
import { BadRequestError, Code } from "../protocol/errors.js";
import type { FrameSize } from "../scene/picture.js";
import { fpsOf, type Speed } from "./budget.js";
import { availableBytes, checkMemory } from "./memory.js";
import type { Ready } from "./render-messages.js";
import { RenderProcess } from "./render-process.js";
import type { HostState, ModelHost, ShotRenderer } from "./renderer.js";

/** A live shot whose chunks take at most so long is quick: it never waits for a chunk of a large picture or of an export. */
const QUICK_CHUNK_MS = 200;
/** A process whose largest shot took more than this is ended with its last shot, so that its memory is free again. */
const RETIRE_BYTES = 300e6;
/** A process that would be at work longer than this on a chunk that nobody waits for is ended, if it holds no other shot. */
const RETIRE_MS = 1000;
/** Sizes and step counts of which the last chunk's time is remembered. */
const MOST_MEASURED = 64;
/** Pause before a process that ended is started again: none at first, then this, doubled each time, up to the longest. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
/** A process that has lived so long was no failed start: the pauses begin anew. */
const STABLE_MS = 60_000;

/** What a process is for: live shots whose chunks are short, or the rest, at a lower priority. */
type Role = "quick" | "heavy";

/** What is known of a process. */
interface About {
  readonly born: number;
  ready?: Ready;
  role?: Role;
  /** What its largest shot may take in it, in bytes. */
  bytes: number;
  /** Milliseconds that a chunk of its slowest shot is expected to take. */
  chunkMs: number;
}

/** How a model is opened. */
export interface OpenModelOptions {
  /** Where ends and new starts of its processes are reported; default: nowhere. */
  readonly log?: Logger;
  /** The module that its processes run; default: the render worker. For tests of what happens when one ends. */
  readonly script?: URL;
}

/**
 * Loads a model in a process of its own, so that the caller's event loop never runs it, and measures its speed. A second process of the
 * same model is started when live shots and exports are open at a time. One that ends unasked is replaced.
 *
 * @throws ModelError when the model is corrupt or cannot be loaded, Error when its process ends before that.
 */
export async function openModel(model: FoundModel, options: OpenModelOptions = {}): Promise<ModelHost> {
  const host = new ProcessHost(model, options);
  try {
    await host.load();
  } catch (error) {
    await host.close();
    throw error;
  }
  return host;
}

class ProcessHost implements ModelHost {
  readonly model: string;
  readonly takes: ModelTakes;
  readonly chunkLength: number;
  readonly steps: StepRange;
  readonly sizes: SizeChoice;
  readonly state: HostState;
  readonly #found: FoundModel;
  readonly #options: OpenModelOptions;
  readonly #workers = new Map<RenderProcess, About>();
  readonly #listeners: ((serving: boolean) => void)[] = [];
  /** Milliseconds that the last chunk of a size and step count took. */
  readonly #measured = new Map<string, number>();
  #loaded: { readonly provider: string; readonly speed: Speed } | undefined;
  #shots = new Set<FrameSize>();
  /** What this machine had left when the host had no open shot. */
  #available = availableBytes();
  #serving = true;
  #failures = 0;
  #retryAt = 0;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(found: FoundModel, options: OpenModelOptions) {
    this.#found = found;
    this.#options = options;
    const { takes, chunkLength, steps, sizes } = found.model;
    this.model = found.id;
    this.takes = takes;
    this.chunkLength = chunkLength;
    this.steps = steps;
    this.sizes = sizes;
    const host = this;
    this.state = {
      get serving() {
        return host.#serving;
      },
      get openShots() {
        return host.#shots.size;
      },
      get bytes() {
        return [...host.#workers.values()].reduce((sum, { ready }) => sum + (ready?.bytes ?? 0), 0);
      },
      onServingChange: (listener) => void this.#listeners.push(listener),
    };
  }

  get provider(): string {
    return this.#measuredOnLoad().provider;
  }

  get speed(): Speed {
    return this.#measuredOnLoad().speed;
  }

  /** Starts the first process. Called once, before anything else. */
  async load(): Promise<void> {
    const { provider, speed } = await this.#start(true).ready;
    if (!speed) throw new Error("the render process did not measure its model");
    this.#loaded = { provider, speed };
  }

  roundSize(size: FrameSize): FrameSize {
    return this.#found.model.roundSize(size);
  }

  async openShot(setup: RenderSetup): Promise<ShotRenderer> {
    const { size, steps } = setup;
    if (this.#closed) throw closing();
    if (this.#shots.size === 0) this.#available = availableBytes();
    checkMemory(size, this.#shots, this.#available, this.#found.model.memory);
    const worker = this.#processFor(setup);
    // A size object of its own a shot, so that two shots of one size count twice.
    const taken = { ...size };
    this.#shots.add(taken);
    const close = () => {
      this.#shots.delete(taken);
      this.#retire(worker);
    };
    const shot = await worker.openShot(setup).catch((error: Error) => {
      close();
      throw error instanceof ModelError ? this.#unavailable() : error;
    });
    const kind = `${size.width}x${size.height}, ${steps} steps`;
    let open = true;
    return {
      steps,
      expectedMs: this.#measured.get(kind) ?? 0,
      get chunkLength() {
        return shot.chunkLength;
      },
      setFirstFrame: async (picture, frame, options) => {
        await shot.ask({ method: "setFirstFrame", picture, frame, options });
      },
      cut: async (options) => {
        await shot.ask({ method: "cut", options });
      },
      setPrompt: async (prompt) => {
        await shot.ask({ method: "setPrompt", prompt });
      },
      // Frames are large: nothing here holds them while they are generated.
      render: (frames) =>
        shot.ask({ method: "render", frames }).then(({ value, ms }) => {
          this.#remember(kind, ms);
          return value as RenderedFrame[];
        }),
      close: async () => {
        if (!open) return;
        open = false;
        shot.close();
        close();
      },
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const workers = [...this.#workers.keys()];
    for (const worker of workers) worker.close(closing());
    await Promise.all(workers.map(({ gone }) => gone));
  }

  #measuredOnLoad(): { readonly provider: string; readonly speed: Speed } {
    if (!this.#loaded) throw new Error("the model is not loaded yet");
    return this.#loaded;
  }

  /** The process of a shot's role; where there is none, one that has no role takes it, or a new one is started. */
  #processFor({ live, size, steps }: RenderSetup): RenderProcess {
    const chunkMs = this.#chunkMs(size, steps);
    // On a slow machine what the server itself would choose for a live shot is quick, however long it takes.
    const usual = this.#chunkMs(this.sizes.export, this.steps.usual);
    const quick = live && chunkMs <= Math.max(QUICK_CHUNK_MS, usual);
    const role: Role = quick || this.#found.model.mostProcesses === 1 ? "quick" : "heavy";
    const all = [...this.#workers];
    const [worker] = all.find(([, each]) => each.role === role) ??
      all.find(([, each]) => !each.role) ?? [this.#start()];
    const about = this.#workers.get(worker);
    if (!about) return worker;
    const { memory } = this.#found.model;
    about.bytes = Math.max(about.bytes, memory.shot(size) + memory.chunk(size));
    about.chunkMs = Math.max(about.chunkMs, chunkMs);
    if (about.role) return worker;
    about.role = role;
    // A priority cannot be raised again on Linux, so the role is for good.
    if (role === "heavy") worker.lowerPriority();
    return worker;
  }

  #chunkMs(size: FrameSize, steps: number): number {
    return (1000 * this.chunkLength) / fpsOf(size, steps, this.speed);
  }

  #start(measure = false): RenderProcess {
    if (this.#retryAt > performance.now()) throw this.#unavailable();
    clearTimeout(this.#retry);
    const worker = new RenderProcess(this.#found, {
      measure,
      script: this.#options.script,
      onEnd: (ended, reason) => this.#ended(ended, reason),
    });
    const about: About = { born: performance.now(), bytes: 0, chunkMs: 0 };
    this.#workers.set(worker, about);
    worker.ready.then(
      (ready) => {
        about.ready = ready;
        this.#setServing(true);
      },
      () => {},
    );
    return worker;
  }

  /** Ends a process that holds no shot any more, if it keeps much memory or is still at work on what nobody waits for. */
  #retire(worker: RenderProcess): void {
    const about = this.#workers.get(worker);
    if (!about || worker.openShots > 0) return;
    const working = worker.busy && about.chunkMs > RETIRE_MS;
    if (about.bytes <= RETIRE_BYTES && !working) return;
    this.#workers.delete(worker);
    worker.close();
  }

  #ended(worker: RenderProcess, reason: string): void {
    const about = this.#workers.get(worker);
    this.#workers.delete(worker);
    if (this.#closed || !this.#loaded || !about) return;
    if (about.ready && performance.now() - about.born > STABLE_MS) this.#failures = 0;
    const pause = this.#failures === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
    this.#failures++;
    this.#retryAt = performance.now() + pause;
    this.#options.log?.error(
      { model: this.model, pauseMs: pause },
      `the model's process ${reason}; it is started again`,
    );
    this.#setServing(false);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#retryAt = 0;
      this.#start();
    }, pause);
    this.#retry.unref();
  }

  #setServing(serving: boolean): void {
    if (this.#serving === serving || this.#closed) return;
    this.#serving = serving;
    if (serving) this.#options.log?.info({ model: this.model }, "the model's process runs again");
    for (const listener of this.#listeners) listener(serving);
  }

  #remember(kind: string, ms: number): void {
    this.#measured.delete(kind);
    this.#measured.set(kind, ms);
    if (this.#measured.size <= MOST_MEASURED) return;
    const [oldest] = this.#measured.keys();
    this.#measured.delete(oldest);
  }

  #unavailable(): BadRequestError {
    const seconds = Math.max(1, Math.ceil((this.#retryAt - performance.now()) / 1000));
    return new BadRequestError(
      "open_shot.model",
      `is '${this.model}', whose worker ended and is started again; try again in ${seconds} s`,
      Code.UNAVAILABLE,
    );
  }
}

function closing(): BadRequestError {
  return new BadRequestError("shot", "was ended because the server is shutting down", Code.UNAVAILABLE);
}
