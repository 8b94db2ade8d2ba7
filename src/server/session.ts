import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import type { ShotAnswer, ShotMessage } from "../protocol/codec.js";
import { BadRequestError, Code } from "../protocol/errors.js";
import { readOpenShot } from "../protocol/open-shot.js";
import { type Outlet, Shot } from "../shot/shot.js";
import { TakeWriter } from "../take/take-writer.js";
import type { Metrics } from "./metrics.js";
import type { Models } from "./models.js";

/** What sessions share. */
export interface SessionContext {
  readonly models: Models;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly version: string;
  /** Where takes are recorded; undefined forbids recording. */
  readonly takeFolder: string | undefined;
}

/** The transport's side of a session. */
export interface Door extends Outlet {
  /** The shot ended well; all answers were sent. */
  end(): void;
  /** The shot failed; the error is the last thing the client hears. */
  fail(error: BadRequestError): void;
}

/** A take's name: one file in the take folder. */
const TAKE_NAME = /^[\w.-]{1,128}$/;

/** One stream through one door: opens the shot with its first message, feeds it, records it, ends it once. */
export class Session {
  readonly #context: SessionContext;
  readonly #door: Door;
  #log: Logger;
  #inbox: Promise<void> = Promise.resolve();
  #shot: Shot | undefined;
  #take: TakeWriter | undefined;
  #over = false;
  #done: Promise<void> = Promise.resolve();

  constructor(context: SessionContext, door: Door, from: string) {
    this.#context = context;
    this.#door = door;
    this.#log = context.log.child({ from });
  }

  /** Takes bytes or a message in the order of arrival; `decode` may throw. */
  receive(decode: () => ShotMessage | undefined): void {
    this.#inbox = this.#inbox.then(async () => {
      if (this.#over) return;
      try {
        const message = decode();
        if (!message)
          throw new BadRequestError("stream_shot_request.message", "is empty; every request holds one message");
        if (this.#shot) {
          await this.#take?.write(message);
          await this.#shot.receive(message);
        } else await this.#open(message);
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  /** The client will send no more: the same as Close. */
  finish(): void {
    this.#inbox = this.#inbox.then(async () => {
      if (this.#over) return;
      if (this.#shot) await this.#shot.receive({ $case: "close", value: {} });
      else this.#settle(() => this.#door.end());
    });
  }

  /** Ends the shot from the server's side: its waiting ticks are dropped, and this error is the last thing the client hears. */
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
    return this.#inbox.then(() => this.#done);
  }

  async #open(message: ShotMessage): Promise<void> {
    if (message.$case !== "openShot") {
      throw new BadRequestError(
        `stream_shot_request.${message.$case.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`,
        "came before open_shot; the first message of a stream opens its shot",
        Code.FAILED_PRECONDITION,
      );
    }
    const request = readOpenShot(message.value);
    const host = await this.#context.models.get(request.model);
    if (request.recordAs) {
      this.#take = await this.#startTake(request.recordAs);
      await this.#take.write(message);
    }
    if (this.#over) {
      await this.#take?.close();
      return;
    }
    const { metrics, version } = this.#context;
    const outlet: Outlet = {
      send: (answer: ShotAnswer) => {
        if (this.#over) return;
        metrics.count(answer);
        this.#door.send(answer);
      },
      ready: () => this.#door.ready(),
    };
    const shot = await Shot.open(request, host, outlet, version);
    this.#shot = shot;
    metrics.opened();
    this.#log = this.#log.child({ client: request.clientName, mode: request.mode, model: host.model });
    this.#log.info(
      { size: shot.size, frameRate: request.frameRate, recordAs: request.recordAs || undefined },
      "shot opened",
    );
    if (this.#over) shot.abort();
    this.#done = shot
      .run()
      .then(
        () => {
          this.#log.info(shot.totals, "shot closed");
          this.#settle(() => this.#door.end());
        },
        (error) => this.#fail(error),
      )
      .then(async () => {
        metrics.closed();
        await this.#take?.close();
      });
  }

  async #startTake(name: string): Promise<TakeWriter> {
    const { takeFolder } = this.#context;
    const field = "open_shot.record_as";
    if (!takeFolder) {
      throw new BadRequestError(
        field,
        "is set, but this server has no take folder; start it with --takes FOLDER",
        Code.FAILED_PRECONDITION,
      );
    }
    if (!TAKE_NAME.test(name) || name.startsWith(".")) {
      throw new BadRequestError(field, `is '${name}'; a take's name has letters, digits, '.', '_' and '-' only`);
    }
    const path = join(takeFolder, `${name}.mcap`);
    if (existsSync(path)) {
      throw new BadRequestError(
        field,
        `is '${name}', and ${path} exists already; choose another name or move the old take`,
        Code.FAILED_PRECONDITION,
      );
    }
    return TakeWriter.create(path);
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
    last();
  }
}
