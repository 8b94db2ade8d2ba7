import { Worker } from "node:worker_threads";
import { BadRequestError } from "../protocol/errors.js";
import type { Look } from "./prepare-look.js";
import { decodeFrame, frameSteps, pixelsOf, readLook } from "./read.js";
import type { FrameJob, FrameReading, LookJob, ReadCall, ReadReply, ReadSetup } from "./read-messages.js";

/** Threads that read: one may be at a large picture while the other reads on. */
const THREADS = 2;
/** Jobs that a thread reads at a time, a plane of each in turn; others wait in the order in which they came. */
const JOBS_A_THREAD = 4;
/** Looks that are made at a time, in all threads: one of 64 megapixels takes some 500 MB while it is decoded. */
const LOOKS_AT_A_TIME = 1;
/** Megabytes of objects that a thread may have before it is ended; arrays lie outside. */
const MOST_HEAP_MB = 512;
/**
 * What is read in the caller's thread: messages of at most so many bytes, of which so many beside the planes, whose planes have at most so many
 * pixels (`pixelsOf`), as four planes at 256x144. That takes 3 to 4 ms, at worst 16: 110 ns a pixel, of normals, and 30 ns a byte, of poses. The
 * way to a thread and back costs as much on a machine whose cores are at work on the model.
 */
const MOST_BYTES_IN_PLACE = 512 * 1024;
const MOST_POSE_BYTES_IN_PLACE = 64 * 1024;
const MOST_PIXELS_IN_PLACE = 4 * 256 * 144;
/** And looks of at most so many pixels, picture and shot together, as two of 128x72: fitting and comparing them takes 2 to 5 ms. */
const MOST_LOOK_PIXELS_IN_PLACE = 2 * 128 * 72;
/**
 * A message of at least this length that fills its memory (less the 5 bytes of gRPC's header) is handed over instead of copied. What is
 * shorter may share its memory with its neighbours: sockets read up to 64 KiB at a time.
 */
const LEAST_HANDED_OVER = 256 * 1024;
const MOST_HEADER = 5;

/** Relative to this file in `src` and in `dist` alike: a thread runs compiled code. */
const THREAD = new URL("../../dist/shot/read-worker.js", import.meta.url);

interface Job {
  readonly job: FrameJob | LookJob;
  readonly resolve: (value: FrameReading | Look) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, Job>;
  /** Shots whose setup it has. */
  readonly shots: Set<number>;
}

/**
 * Threads that turn messages into engine frames and looks, so that the caller's event loop does not. They are started when they
 * are first needed, and again when one has died, which fails what it was at.
 */
export class Readers {
  readonly #code: URL;
  readonly #threads: Thread[] = [];
  readonly #waiting: Job[] = [];
  readonly #setups = new Map<number, ReadSetup>();
  #nextShot = 0;
  #nextJob = 0;
  #looks = 0;
  #closed = false;

  /** @param code What the threads run. */
  constructor(code: URL = THREAD) {
    this.#code = code;
  }

  /** Takes up a shot; gives its number. */
  open(setup: ReadSetup): number {
    const shot = this.#nextShot++;
    this.#setups.set(shot, setup);
    return shot;
  }

  /** Lets go of a shot, after its last job. */
  forget(shot: number): void {
    this.#setups.delete(shot);
    for (const { worker, shots } of this.#threads) {
      if (shots.delete(shot)) post(worker, { kind: "forget", shot });
    }
  }

  /**
   * Reads an engine frame. The job's bytes may be handed over: they are empty afterwards.
   *
   * @throws BadRequestError as `frameSteps`; Error when the thread has died.
   */
  async readFrame(job: FrameJob): Promise<FrameReading> {
    const { shot, bytes, lastTick } = job;
    if (bytes.length <= MOST_BYTES_IN_PLACE) {
      const setup = this.#setupOf(shot);
      const message = decodeFrame(bytes);
      const poseBytes = message.planes.reduce((left, { data }) => left - data.length, bytes.length);
      if (poseBytes <= MOST_POSE_BYTES_IN_PLACE && pixelsOf(message, setup) <= MOST_PIXELS_IN_PLACE) {
        const steps = frameSteps(message, lastTick, setup);
        for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
      }
    }
    return (await this.#ask(job)) as FrameReading;
  }

  /**
   * Makes a look.
   *
   * @throws BadRequestError as `readLook`; Error when the thread has died.
   */
  async readLook(job: LookJob): Promise<Look> {
    const setup = this.#setupOf(job.shot);
    const pixels = [job.pictureSize, setup.size].reduce((sum, { width, height }) => sum + width * height, 0);
    if (pixels <= MOST_LOOK_PIXELS_IN_PLACE) return readLook(job, setup);
    return (await this.#ask(job)) as Look;
  }

  /** Ends the threads; what they are at fails. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true;
    const error = new Error("the server is closing");
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    const threads = this.#threads.splice(0);
    for (const { jobs } of threads) for (const { reject } of jobs.values()) reject(error);
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  #ask(job: FrameJob | LookJob): Promise<FrameReading | Look> {
    if (this.#closed) return Promise.reject(new Error("the server is closing"));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#assign();
    });
  }

  /** Hands waiting jobs to threads that have room, in the order in which they came. */
  #assign(): void {
    for (;;) {
      const next = this.#waiting.findIndex(({ job }) => job.kind === "frame" || this.#looks < LOOKS_AT_A_TIME);
      const thread = next < 0 ? undefined : this.#freest();
      if (!thread) return;
      const [job] = this.#waiting.splice(next, 1);
      this.#start(thread, job);
    }
  }

  /** The thread with the fewest jobs; a new one while all that there are have some; undefined where all are full. */
  #freest(): Thread | undefined {
    const [freest] = [...this.#threads].sort((a, b) => a.jobs.size - b.jobs.size);
    if ((!freest || freest.jobs.size > 0) && this.#threads.length < THREADS) return this.#open();
    return freest.jobs.size < JOBS_A_THREAD ? freest : undefined;
  }

  #start(thread: Thread, waiting: Job): void {
    const { job } = waiting;
    const id = this.#nextJob++;
    try {
      const setup = this.#setupOf(job.shot);
      if (!thread.shots.has(job.shot)) post(thread.worker, { kind: "setup", shot: job.shot, setup });
      thread.shots.add(job.shot);
      post(thread.worker, { kind: "job", id, job }, job.kind === "frame" ? handedOver(job.bytes) : []);
    } catch (error) {
      waiting.reject(error as Error);
      return;
    }
    thread.jobs.set(id, waiting);
    if (job.kind === "look") this.#looks++;
  }

  #setupOf(shot: number): ReadSetup {
    const setup = this.#setups.get(shot);
    if (!setup) throw new Error(`shot ${shot} is closed`);
    return setup;
  }

  #open(): Thread {
    const worker = new Worker(this.#code, { resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB } });
    const thread: Thread = { worker, jobs: new Map(), shots: new Set() };
    this.#threads.push(thread);
    // A process that has nothing else to do does not wait for readers.
    worker.unref();
    worker.on("message", (reply: ReadReply) => this.#settle(thread, reply));
    worker.on("error", (error) => this.#die(thread, error));
    worker.on("exit", () => this.#die(thread, new Error("the reader thread has ended")));
    return thread;
  }

  #settle(thread: Thread, reply: ReadReply): void {
    const job = thread.jobs.get(reply.id);
    if (!job) return;
    thread.jobs.delete(reply.id);
    if (job.job.kind === "look") this.#looks--;
    if (reply.kind === "done") job.resolve(reply.value);
    else if (reply.kind === "refused") job.reject(new BadRequestError(reply.field, reply.description, reply.code));
    else job.reject(new Error(reply.message));
    this.#assign();
  }

  #die(thread: Thread, error: Error): void {
    const at = this.#threads.indexOf(thread);
    if (at < 0) return;
    this.#threads.splice(at, 1);
    for (const { job, reject } of thread.jobs.values()) {
      if (job.kind === "look") this.#looks--;
      reject(error);
    }
    thread.jobs.clear();
    this.#assign();
  }
}

function post(worker: Worker, call: ReadCall, transfer: ArrayBuffer[] = []): void {
  worker.postMessage(call, transfer);
}

function handedOver({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  const fills = buffer.byteLength - byteLength <= MOST_HEADER;
  return buffer instanceof ArrayBuffer && fills && byteLength >= LEAST_HANDED_OVER ? [buffer] : [];
}
