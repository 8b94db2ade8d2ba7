import { setImmediate } from "node:timers/promises";
import type { Logger } from "pino";
import { checkRequest } from "../protocol/check-request.js";
import { decodeRequest, type ShotAnswer, type ShotMessage } from "../protocol/codec.js";
import { BadRequestError, Code } from "../protocol/errors.js";
import { type Notice, NoticeKind } from "../protocol/generated/playblast/v1/shot_event.js";
import { readOpenShot } from "../protocol/open-shot.js";
import { shown } from "../protocol/quote.js";
import type { Readers } from "../shot/readers.js";
import { type Outlet, Shot } from "../shot/shot.js";
import { entryOfRequest, wireName } from "../take/take-messages.js";
import { clear, emptyInbox, hasRoom, type InboxItem, isFull, MOST_BYTES, MOST_ITEMS, put, take } from "./inbox.js";
import type { Metrics } from "./metrics.js";
import type { Models } from "./models.js";
import { Recording } from "./recording.js";

/** What sessions share. */
export interface SessionContext {
  readonly models: Models;
  readonly readers: Readers;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly version: string;
  /** Where takes are recorded; undefined forbids recording. */
  readonly takeFolder: string | undefined;
}

/** The transport's side of a session. */
export interface Door extends Outlet {
  /** Reads no more from the client until `resume`, so that it has to wait. Safe to call twice, as `resume`. */
  pause(): void;
  resume(): void;
  /** The shot ended well; all answers were sent. */
  end(): void;
  /** The shot failed; the error is the last thing the client hears. */
  fail(error: BadRequestError): void;
}

/** Milliseconds of one client's messages after which the event loop is given to others. */
const SLICE_MS = 10;
/** A live client that had to wait so long before more was read is told why, once. */
const TOLD_PAUSE_MS = 1_000;
/** Answers that receiving may cause before the client has to have read some. */
const MOST_ANSWERS_AHEAD = 256;

const STREAM_PAUSED = `Messages come faster than this shot takes them: ${MOST_ITEMS} of them or ${MOST_BYTES / 2 ** 20} MiB wait, so the stream is paused and sending has to wait. Smaller planes (the shot's own size, 16-bit depth, 8-bit ids and shade) or fewer ticks a second help, and reading the answers.`;

/** One stream through one door: opens the shot with its first message, feeds it, records it, ends it once. */
export class Session {
  readonly #context: SessionContext;
  readonly #door: Door;
  #log: Logger;
  readonly #inbox = emptyInbox();
  /** Works the inbox off. */
  #working: Promise<void> | undefined;
  #paused = false;
  /** Tells the client of a pause that lasts; undefined where that is not news: before its shot is live, and a second time. */
  #tellPause: (() => void) | undefined;
  #pauseTimer: NodeJS.Timeout | undefined;
  /** Answers since the client last had read enough. */
  #answersAhead = 0;
  #drained: Promise<void> | undefined;
  /** Nothing more is read: Close came, or the client has ended its side. */
  #closing = false;
  #shot: Shot | undefined;
  #recording: Recording | undefined;
  #over = false;
  #done: Promise<void> = Promise.resolve();

  constructor(context: SessionContext, door: Door, from: string) {
    this.#context = context;
    this.#door = door;
    this.#log = context.log.child({ from });
  }

  /**
   * Takes the bytes of one StreamShotRequest, in the order of arrival. What comes after Close is not read. When too much waits, the
   * door is paused.
   */
  receive(bytes: Uint8Array): void {
    this.#put({ kind: "message", bytes, arrived: performance.now() });
  }

  /** The client will send no more: the same as Close. */
  finish(): void {
    this.#put({ kind: "end" });
  }

  /** Ends the shot from outside its messages: its waiting ticks are dropped, and this error is the last thing the client hears. */
  async end(error: BadRequestError): Promise<void> {
    this.#fail(error);
    await this.#done;
  }

  /** The client has gone. */
  async abort(reason: string): Promise<void> {
    if (!this.#over) {
      this.#log.info({ reason, ...this.#shot?.totals }, "shot aborted");
      this.#settle(() => {});
    }
    await this.#done;
  }

  /** Resolves when nothing of the session runs any more. */
  get done(): Promise<void> {
    return Promise.resolve(this.#working).then(() => this.#done);
  }

  #put(item: InboxItem): void {
    if (this.#over || this.#closing) return;
    put(this.#inbox, item);
    if (isFull(this.#inbox)) this.#pause(true);
    if (!this.#working) this.#start();
  }

  #start(): void {
    this.#working = this.#work().finally(() => {
      this.#working = undefined;
      // What was put in after the last look into the inbox.
      if (this.#inbox.items.length > 0 && !this.#over) this.#start();
    });
  }

  /** Works the inbox off, a slice of time after the other. */
  async #work(): Promise<void> {
    try {
      let started = performance.now();
      for (let item = take(this.#inbox); item && !this.#over; item = take(this.#inbox)) {
        if (hasRoom(this.#inbox)) this.#pause(false);
        await this.#handle(item);
        if (this.#answersAhead >= MOST_ANSWERS_AHEAD) await this.#ready();
        if (performance.now() - started > SLICE_MS) {
          await setImmediate();
          started = performance.now();
        }
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  async #handle(item: InboxItem): Promise<void> {
    if (item.kind === "end") {
      if (this.#shot) await this.#receive(this.#shot, { $case: "close", value: {} });
      else this.#settle(() => this.#door.end());
      return;
    }
    const { bytes, arrived } = item;
    const kind = checkRequest(bytes);
    // The shot may hand the bytes over to another thread. They are recorded afterwards: what is refused cannot be rendered.
    const entry = this.#recording && entryOfRequest(bytes);
    if (this.#shot && kind === "engine_frame") {
      await this.#shot.receiveFrame(bytes, arrived);
      await this.#recording?.add(entry);
      return;
    }
    const { message } = decodeRequest(bytes);
    if (!message) throw new BadRequestError("stream_shot_request.message", "is empty; every request holds one message");
    if (!this.#shot) await this.#open(message, bytes);
    else if (message.$case !== "engineFrame") {
      await this.#receive(this.#shot, message);
      await this.#recording?.add(entry);
    }
  }

  async #receive(shot: Shot, message: Exclude<ShotMessage, { $case: "engineFrame" }>): Promise<void> {
    if (message.$case === "close") {
      this.#closing = true;
      clear(this.#inbox);
    }
    await shot.receive(message);
  }

  #pause(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    if (paused) this.#door.pause();
    else this.#door.resume();
    clearTimeout(this.#pauseTimer);
    if (paused) this.#pauseTimer = setTimeout(() => this.#tellPause?.(), TOLD_PAUSE_MS).unref();
  }

  /** Resolves when the client has read enough of what was sent. Who asks meanwhile waits for the same. */
  #ready(): Promise<void> {
    this.#drained ??= this.#door.ready().finally(() => {
      this.#drained = undefined;
      this.#answersAhead = 0;
    });
    return this.#drained;
  }

  async #open(message: ShotMessage, bytes: Uint8Array): Promise<void> {
    if (message.$case !== "openShot") {
      throw new BadRequestError(
        `stream_shot_request.${wireName(message.$case)}`,
        "came before open_shot; the first message of a stream opens its shot",
        Code.FAILED_PRECONDITION,
      );
    }
    const request = readOpenShot(message.value);
    const host = await this.#context.models.get(request.model);
    if (this.#over) return;
    const { metrics, readers, version, takeFolder } = this.#context;
    const send = (answer: ShotAnswer) => {
      if (this.#over) return;
      metrics.count(answer);
      this.#answersAhead++;
      this.#door.send(answer);
    };
    let closed: ShotAnswer | undefined;
    const outlet: Outlet = {
      send: (answer) => {
        // The last word waits until the recording has ended, so that it is the last and the take is there.
        if (answer.$case === "shotClosed") closed = answer;
        else send(answer);
      },
      ready: () => this.#ready(),
    };
    const notify = (notice: Notice) => send({ $case: "notice", value: notice });
    const recording = request.recordAs
      ? await Recording.start(request.recordAs, { takeFolder, log: this.#log, notify })
      : undefined;
    this.#recording = recording;
    let shot: Shot;
    try {
      shot = await Shot.open(request, host, outlet, readers, version);
    } catch (error) {
      await recording?.discard();
      throw error;
    }
    await recording?.add(entryOfRequest(bytes));
    this.#shot = shot;
    if (request.mode === "live") {
      this.#tellPause = () => {
        this.#tellPause = undefined;
        notify({ kind: NoticeKind.NOTICE_KIND_SLOW, message: STREAM_PAUSED, tick: 0 });
      };
    }
    metrics.opened();
    this.#log = this.#log.child({ client: shown(request.clientName), mode: request.mode, model: host.model });
    this.#log.info(
      { size: shot.size, frameRate: request.frameRate, recordAs: request.recordAs || undefined },
      "shot opened",
    );
    if (this.#over) shot.abort();
    this.#done = shot
      .run()
      .then(
        async () => {
          await recording?.close();
          if (closed) send(closed);
          this.#log.info(shot.totals, "shot closed");
          this.#settle(() => this.#door.end());
        },
        (error) => this.#fail(error),
      )
      .then(async () => {
        metrics.closed();
        await recording?.close();
      });
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    const known =
      error instanceof BadRequestError
        ? error
        : new BadRequestError(
            "shot",
            `failed inside the server (${(error as Error).message}); see the server's log`,
            Code.INTERNAL,
          );
    if (error instanceof BadRequestError)
      this.#log.warn({ field: error.field, code: error.code }, `shot refused: ${error.message}`);
    else this.#log.error({ err: error }, "shot failed");
    this.#settle(() => this.#door.fail(known));
  }

  /** Ends the session once. */
  #settle(last: () => void): void {
    if (this.#over) return;
    this.#shot?.abort();
    this.#over = true;
    clear(this.#inbox);
    last();
    // What the client still sends is read and left, so that it comes to hear how its shot ended.
    this.#pause(false);
  }
}
