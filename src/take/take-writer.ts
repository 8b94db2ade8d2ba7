import { Worker } from "node:worker_threads";
import type { ShotMessage } from "../protocol/codec.js";
import { EMPTY_BYTES } from "./mcap-chunks.js";
import { createPartial, discardPartial, PARTIAL, type PartialFile, publishPartial } from "./partial-file.js";
import { encodeEntry, type TakeEntry } from "./take-messages.js";
import type { TakeCall, TakeReply } from "./take-worker-messages.js";

/** Bytes that may wait for the disk; a writer of more waits with them. Half a second of an ordinary disk's time. */
const MOST_WAITING = 32 * 1024 * 1024;
/** Milliseconds in which a disk that works takes something. */
const STALL_MS = 30_000;
const NANOSECONDS = 1e9;
/** The worker's script: built, also where this module runs from its source. */
const THREAD = new URL("../../dist/take/take-worker.js", import.meta.url);

/**
 * Records a shot stream as MCAP: a channel a kind of message, protobuf schemas inside, zstd chunks of 4 MiB or one second.
 * Written under `NAME.partial`, which can be read up to its last chunk, and renamed when closed. Compression and disk are
 * another thread's.
 */
export class TakeWriter {
  readonly #file: PartialFile;
  readonly #take: number;
  #path: string;
  #waiting = 0;
  #wake: (() => void)[] = [];
  #stall: NodeJS.Timeout | undefined;
  #failure: Error | undefined;
  #added = 0;
  /** Chunks that are whole, once the worker has said that there will be no more. */
  #chunks: number | undefined;
  #opened = false;
  #ended = false;
  /** Whether the worker has done with the file. */
  #released = false;
  #onRelease: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  private constructor(file: PartialFile, level: number) {
    this.#file = file;
    this.#path = file.path;
    this.#take = worker.open(file.handle.fd, level, {
      reply: (reply) => this.#heard(reply),
      died: (error) => {
        this.#release();
        this.#fail(error);
      },
    });
  }

  /**
   * Starts a take.
   *
   * @param level Of zstd, 1 to 22.
   * @throws NameTakenError when the take or its partial file exists; Error where the file cannot be made.
   */
  static async create(path: string, level = 3): Promise<TakeWriter> {
    const writer = new TakeWriter(await createPartial(path), level);
    try {
      await writer.#until(() => writer.#opened);
    } catch (error) {
      await writer.discard();
      throw error;
    }
    return writer;
  }

  /** The take's file. Once closed, the name that it got: another one where somebody took the wanted name meanwhile. */
  get path(): string {
    return this.#path;
  }

  /** The file that holds the take until it is closed. */
  get partialPath(): string {
    return this.#file.path + PARTIAL;
  }

  /** Whether a crash can be told from a take that is still being recorded. */
  get locked(): boolean {
    return this.#file.locked;
  }

  /** Bytes that wait for the disk. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Adds a message. Resolves at once, or when few enough bytes wait for the disk. `arrival` is in seconds since 1970.
   *
   * @throws Error when the take cannot be written any more. It is closed then; what is on the disk stays.
   */
  write(message: ShotMessage, arrival = Date.now() / 1000): Promise<void> {
    return this.add(encodeEntry(message), arrival);
  }

  /** Adds an encoded message, whose bytes are the writer's from here on; see `write`. */
  async add(entry: TakeEntry, arrival = Date.now() / 1000): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (this.#closed) throw new Error(`take ${this.path} is closed`);
    const { data } = entry;
    this.#added++;
    this.#waiting += data.length;
    const logTime = BigInt(Math.round(arrival * NANOSECONDS));
    worker.send({ kind: "add", take: this.#take, entry, logTime }, data);
    await this.#until(() => this.#waiting <= MOST_WAITING);
  }

  /**
   * Ends the take and gives it its name: file and folder are on the disk then. Safe to call twice.
   *
   * @throws Error when that failed; what is on the disk stays under `partialPath`.
   */
  close(): Promise<void> {
    this.#closed ??= this.#finish(true);
    return this.#closed;
  }

  /** Ends a take that nothing was added to, and removes its file. Never throws. Safe to call twice. */
  async discard(): Promise<void> {
    this.#closed ??= this.#finish(this.#added > 0);
    await this.#closed.catch(() => {});
  }

  async #finish(keep: boolean): Promise<void> {
    worker.send({ kind: "end", take: this.#take });
    const failure = await this.#until(() => this.#ended).catch((error: unknown) => error);
    if (!failure && keep) {
      worker.close(this.#take);
      this.#path = await publishPartial(this.#file);
      return;
    }
    // As long as the worker may write to it, the file's descriptor must not become another file's.
    if (this.#released) await this.#letGo();
    else this.#onRelease = () => void this.#letGo().catch(() => {});
    if (failure) throw failure;
  }

  /** Closes a file that gets no name, and removes it if it holds nothing. */
  async #letGo(): Promise<void> {
    worker.close(this.#take);
    const { handle } = this.#file;
    const holds =
      this.#added > 0 && (this.#chunks === undefined ? (await handle.stat()).size > EMPTY_BYTES : this.#chunks > 0);
    await (holds ? handle.close() : discardPartial(this.#file));
  }

  async #until(reached: () => boolean): Promise<void> {
    while (!reached()) {
      if (this.#failure) throw this.#failure;
      this.#watch();
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
    if (this.#failure) throw this.#failure;
  }

  #heard(reply: TakeReply): void {
    if (reply.kind === "opened") this.#opened = true;
    else if (reply.kind === "took") this.#waiting -= reply.bytes;
    else {
      this.#ended = reply.kind === "ended";
      if (reply.kind === "failed") {
        this.#chunks = reply.chunks;
        this.#failure ??= new Error(`take ${this.path}: ${reply.message}`);
      }
      this.#release();
    }
    this.#notify();
  }

  #release(): void {
    this.#released = true;
    this.#onRelease?.();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#notify();
  }

  /** Something came from the disk: those who wait look again. */
  #notify(): void {
    clearTimeout(this.#stall);
    this.#stall = undefined;
    for (const wake of this.#wake.splice(0)) wake();
  }

  #watch(): void {
    this.#stall ??= setTimeout(
      () => this.#fail(new Error(`take ${this.path}: the disk took nothing for ${STALL_MS / 1000} s`)),
      STALL_MS,
    );
  }
}

/** Where the worker's answers for one take go. */
interface Listener {
  reply(reply: TakeReply): void;
  died(error: Error): void;
}

/** The worker thread that all takes of this process share: started with the first, and kept, asleep, after the last. */
class SharedWorker {
  #thread: Worker | undefined;
  readonly #listeners = new Map<number, Listener>();
  #next = 0;

  open(fd: number, level: number, listener: Listener): number {
    const take = this.#next++;
    this.#listeners.set(take, listener);
    this.#thread ??= this.#start();
    this.#thread.ref();
    this.send({ kind: "open", take, fd, level });
    return take;
  }

  /** @param data Bytes in the call that go over instead of being copied, where they are alone in their memory. */
  send(call: TakeCall, data?: Uint8Array): void {
    const alone = data && data.byteLength > 0 && data.byteLength === data.buffer.byteLength;
    this.#thread?.postMessage(call, alone ? [data.buffer as ArrayBuffer] : []);
  }

  close(take: number): void {
    this.#listeners.delete(take);
    if (this.#listeners.size === 0) this.#thread?.unref();
  }

  #start(): Worker {
    const thread = new Worker(THREAD);
    const die = (error: Error) => {
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      const listeners = [...this.#listeners.values()];
      this.#listeners.clear();
      for (const listener of listeners) listener.died(error);
    };
    thread.on("message", (reply: TakeReply) => this.#listeners.get(reply.take)?.reply(reply));
    thread.on("error", (error) => die(new Error(`the thread that writes takes failed: ${error.message}`)));
    thread.on("exit", () => die(new Error("the thread that writes takes has ended")));
    return thread;
  }
}

const worker = new SharedWorker();
