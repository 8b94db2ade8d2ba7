import type { BadRequestError } from "../protocol/errors.js";
import type { Connections } from "./connections.js";
import type { DoorOptions } from "./door.js";
import { noFirstMessage, shuttingDown, tooManyShots } from "./last-words.js";
import { Outbox, type Write } from "./outbox.js";
import { Session, type SessionContext } from "./session.js";

/** One shot's stream, as its door's transport has it. */
export interface Transport {
  readonly write: Write;
  /** Reads no more from the client until `resume`, so that it has to wait. Safe to call twice, as `resume`. */
  pause(): void;
  resume(): void;
  /** Ends the stream when all that was written has left. */
  end(): void;
  /** Ends the stream with an error, the last thing that the client hears. */
  fail(error: BadRequestError): void;
}

/** What a transport tells of a shot's stream. */
export interface ShotStream {
  /** The bytes of one StreamShotRequest. */
  receive(bytes: Uint8Array): void;
  /** The client will send no more. */
  finish(): void;
  /** The client broke the transport's own rules. */
  end(error: BadRequestError): void;
  /** The stream is over, however it came to that. Safe to call twice. */
  gone(reason: string): void;
}

/** The shots of one door: counted with those of the others while they are open or ending, each on a connection that stays for it. */
export class DoorShots {
  readonly #context: SessionContext;
  readonly #options: DoorOptions;
  readonly #connections: Connections;
  readonly #own = new Set<Session>();
  #closing = false;

  constructor(context: SessionContext, options: DoorOptions, connections: Connections) {
    this.#context = context;
    this.#options = options;
    this.#connections = connections;
  }

  /** Why no shot can be opened now; undefined where one can. */
  get refusal(): BadRequestError | undefined {
    const { shots, limits } = this.#options;
    if (this.#closing) return shuttingDown();
    return shots.size >= limits.openShots ? tooManyShots(limits) : undefined;
  }

  /** Whether the door takes no more shots. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Opens a stream, whose first message opens its shot. `peer` is the connection's other end, as `peerOf` gives it. */
  open(peer: string, transport: Transport): ShotStream {
    const { limits, shots } = this.#options;
    const outbox = new Outbox((bytes, taken) => transport.write(bytes, taken), limits.readMs);
    const release = this.#connections.hold(peer);
    /** The shot has had its last word; its stream may still be open. */
    const over = () => {
      clearTimeout(silence);
      outbox.stop();
      release();
      void session.done.then(forget, forget);
    };
    const forget = () => {
      this.#own.delete(session);
      shots.delete(session);
    };
    const session = new Session(
      this.#context,
      {
        send: (answer) => outbox.send(answer),
        ready: () => outbox.ready(),
        pause: () => transport.pause(),
        resume: () => transport.resume(),
        end: () => {
          over();
          transport.end();
        },
        fail: (error) => {
          over();
          transport.fail(error);
        },
      },
      peer,
    );
    this.#own.add(session);
    shots.add(session);
    const silence = setTimeout(() => void session.end(noFirstMessage(limits)), limits.firstMessageMs).unref();
    return {
      receive: (bytes) => {
        clearTimeout(silence);
        session.receive(bytes);
      },
      finish: () => session.finish(),
      end: (error) => void session.end(error),
      gone: (reason) => {
        over();
        void session.abort(reason);
      },
    };
  }

  /** Takes no more shots and ends those that run, each with the reason. */
  close(): void {
    this.#closing = true;
    for (const session of this.#own) void session.end(shuttingDown());
  }
}
