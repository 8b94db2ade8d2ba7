import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { Logger } from "pino";
import { BadRequestError, Code } from "../protocol/errors.js";
import { type Notice, NoticeKind } from "../protocol/generated/playblast/v1/shot_event.js";
import { quote } from "../protocol/quote.js";
import { NameTakenError } from "../take/partial-file.js";
import type { TakeEntry } from "../take/take-messages.js";
import { TakeWriter } from "../take/take-writer.js";

const FIELD = "open_shot.record_as";
/** A take's name: one file in the take folder, on any system that the folder may be copied to. */
const TAKE_NAME = /^[\w-](?:[\w.-]{0,126}[\w-])?$/;
/** Names that Windows keeps for devices, whatever comes after a dot. */
const DEVICE_NAME = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Where recordings go, and who hears of one that fails. */
export interface RecordingContext {
  /** Undefined forbids recording. */
  readonly takeFolder: string | undefined;
  readonly log: Logger;
  /** Tells the client, once at most. */
  readonly notify: (notice: Notice) => void;
}

/**
 * The recording of one shot. Once started it never throws: a take that cannot be written any more is logged, its client
 * gets a notice, and its shot goes on. A disk that is slower than the stream makes the shot wait, for a take is whole or
 * it is none.
 */
export class Recording {
  readonly #writer: TakeWriter;
  readonly #context: RecordingContext;
  /** Of the last engine frame that was added. */
  #tick = 0;
  /** Nothing more is added: it ends, or has failed. */
  #over = false;
  #closed: Promise<void> | undefined;

  private constructor(writer: TakeWriter, context: RecordingContext) {
    this.#writer = writer;
    this.#context = context;
  }

  /**
   * Starts to record under a name.
   *
   * @throws BadRequestError when the server records nothing, the name is none for a file, or is taken, or the file cannot
   * be made.
   */
  static async start(name: string, context: RecordingContext): Promise<Recording> {
    const { takeFolder, log } = context;
    if (!takeFolder) {
      throw new BadRequestError(
        FIELD,
        "is set, but this server has no take folder; start it with --takes FOLDER",
        Code.FAILED_PRECONDITION,
      );
    }
    checkTakeName(name);
    const path = join(takeFolder, `${name}.mcap`);
    const writer = await TakeWriter.create(path).catch((error: Error) => {
      const why = error instanceof NameTakenError ? "and" : "but the take cannot be made:";
      log.warn({ err: error, take: path }, "recording refused");
      throw new BadRequestError(FIELD, `is '${name}', ${why} ${error.message}`, Code.FAILED_PRECONDITION);
    });
    if (!writer.locked)
      log.warn({ take: path }, "the take folder has no file locks: a take that a crash leaves is not recovered");
    return new Recording(writer, context);
  }

  /** Adds a message. Resolves when the shot may go on. Never throws; nothing is added after a failure or `close`. */
  async add(entry: TakeEntry | undefined): Promise<void> {
    if (!entry || this.#over) return;
    this.#tick = entry.tick ?? this.#tick;
    try {
      await this.#writer.add(entry);
    } catch (error) {
      await this.#fail(error as Error);
    }
  }

  /** Ends the take under its name. Never throws. Safe to call twice. */
  close(): Promise<void> {
    // A failure has closed the writer and told everybody.
    if (!this.#over) this.#closed ??= this.#finish();
    return this.#closed ?? Promise.resolve();
  }

  /** Gives up a take of a shot that never opened: nothing of it stays. Never throws. */
  discard(): Promise<void> {
    this.#over = true;
    this.#closed ??= this.#writer.discard();
    return this.#closed;
  }

  async #finish(): Promise<void> {
    this.#over = true;
    const wanted = this.#writer.path;
    try {
      await this.#writer.close();
    } catch (error) {
      return this.#fail(error as Error);
    }
    const { path } = this.#writer;
    if (path === wanted) return;
    const message = `${basename(wanted)} appeared while the shot was recorded, so the take is ${basename(path)}.`;
    this.#context.log.warn({ take: path, wanted }, message);
    this.#notify(message);
  }

  async #fail(error: Error): Promise<void> {
    this.#over = true;
    await this.#writer.close().catch(() => {});
    const partial = this.#writer.partialPath;
    const kept = existsSync(partial);
    const rest = kept
      ? `What was written is in ${basename(partial)}; the next start of the server makes a take of it.`
      : "Nothing of it is left.";
    this.#context.log.error({ err: error, tick: this.#tick, partial: kept ? partial : undefined }, "recording failed");
    this.#notify(`The recording failed (${error.message}). ${rest} The shot goes on without it.`);
  }

  #notify(message: string): void {
    this.#context.notify({ kind: NoticeKind.NOTICE_KIND_RECORDING_FAILED, message, tick: this.#tick });
  }
}

/** @throws BadRequestError when no file of this name can be made, or not on every system. */
function checkTakeName(name: string): void {
  if (!TAKE_NAME.test(name)) {
    throw new BadRequestError(
      FIELD,
      `is ${quote(name)}; a take's name has 1 to 128 letters, digits, '.', '_' and '-' only, and no '.' at its ends`,
    );
  }
  if (DEVICE_NAME.test(name)) {
    throw new BadRequestError(FIELD, `is '${name}', which Windows keeps for a device; choose another name`);
  }
}
