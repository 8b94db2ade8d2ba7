import {
  type ChannelCredentials,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import type { ShotAnswer, ShotMessage } from "../protocol/codec.js";
import { violationsOf } from "../protocol/errors.js";
import type { EngineFrame } from "../protocol/generated/playblast/v1/engine_frame.js";
import { type OpenShot, ShotMode } from "../protocol/generated/playblast/v1/open_shot.js";
import type { ShotReady } from "../protocol/generated/playblast/v1/shot_event.js";
import {
  ShotServiceClient,
  type StreamShotRequest,
  type StreamShotResponse,
} from "../protocol/generated/playblast/v1/shot_service.js";
import { LIMITS } from "../protocol/limits.js";

/** Bytes of answers that wait to be iterated over: four pictures of 1920x1088 with previews. Beyond it no more is read, and the server waits. */
const MOST_UNREAD_BYTES = 64 * 1024 * 1024;

/** A shot that the server ended with an error. */
export class ShotError extends Error {
  /** gRPC status code. */
  readonly code: number;
  /** Path of the refused field, or "". */
  readonly field: string;

  constructor(code: number, message: string, field: string) {
    super(message);
    this.name = "ShotError";
    this.code = code;
    this.field = field;
  }
}

/** How to reach a server. */
export interface ConnectOptions {
  readonly token?: string;
  /** PEM of the certificate authority; turns TLS on. */
  readonly tlsRoot?: Buffer;
}

/** A connection to a Playblast server over gRPC. */
export class PlayblastClient {
  readonly #stub: ShotServiceClient;
  readonly #metadata = new Metadata();

  /** @param address Host and port, as "127.0.0.1:50070". */
  constructor(address: string, options: ConnectOptions = {}) {
    const channel: ChannelCredentials = options.tlsRoot
      ? credentials.createSsl(options.tlsRoot)
      : credentials.createInsecure();
    this.#stub = new ShotServiceClient(address, channel, {
      "grpc.max_receive_message_length": LIMITS.maxMessageBytes,
      "grpc.max_send_message_length": -1,
    });
    if (options.token) this.#metadata.set("authorization", `Bearer ${options.token}`);
  }

  /**
   * Opens a shot and waits until the server is ready for it.
   *
   * @param signal Cancels the shot, at any time; one that is aborted already opens none.
   * @throws ShotError when the server refuses it, the signal's reason when that is aborted.
   */
  async openShot(open: OpenShot, signal?: AbortSignal): Promise<ClientShot> {
    signal?.throwIfAborted();
    const call = this.#stub.streamShot(this.#metadata);
    const shot = new ClientShot(call, open.mode === ShotMode.SHOT_MODE_EXPORT);
    signal?.addEventListener("abort", () => call.cancel(), { once: true });
    await shot.post({ $case: "openShot", value: open });
    await shot.opened();
    return shot;
  }

  close(): void {
    this.#stub.close();
  }
}

/**
 * One open shot: send frames, iterate over the answers, both at the same time: credit comes among the answers, and where too many of them are left
 * unread the server stops, and ends the shot after a while.
 */
export class ClientShot implements AsyncIterable<ShotAnswer> {
  readonly #call: ClientDuplexStream<StreamShotRequest, StreamShotResponse>;
  readonly #counted: boolean;
  readonly #answers: ShotAnswer[] = [];
  /** Of the answers that wait. */
  #unreadBytes = 0;
  #ready: ShotReady | undefined;
  #credit = 0;
  #error: ShotError | undefined;
  #ended = false;
  /** Whether what is sent waits, as the server reads more slowly. */
  #isFull = false;
  #wake: (() => void)[] = [];

  constructor(call: ClientDuplexStream<StreamShotRequest, StreamShotResponse>, counted: boolean) {
    this.#call = call;
    this.#counted = counted;
    call.on("data", ({ message }: StreamShotResponse) => {
      if (!message) return;
      if (message.$case === "shotReady") {
        this.#ready = message.value;
        this.#credit += message.value.credit;
      } else if (message.$case === "credit") this.#credit += message.value.frames;
      else {
        this.#answers.push(message);
        this.#unreadBytes += bytesOf(message);
        if (this.#unreadBytes > MOST_UNREAD_BYTES) call.pause();
      }
      this.#notify();
    });
    call.on("error", (error: ServiceError) => {
      const details = error.metadata?.get("grpc-status-details-bin")[0];
      const [violation] = details instanceof Buffer ? violationsOf(details) : [];
      this.#error = new ShotError(error.code, error.details || error.message, violation?.field ?? "");
      this.#notify();
    });
    call.on("drain", () => {
      this.#isFull = false;
      this.#notify();
    });
    call.on("end", () => {
      this.#ended = true;
      this.#notify();
    });
  }

  /** What the server said when it opened the shot. */
  get ready(): ShotReady {
    if (!this.#ready) throw new Error("the shot is not open yet");
    return this.#ready;
  }

  /** Resolves when the server is ready. Throws ShotError when it refuses. */
  async opened(): Promise<void> {
    await this.#until(() => this.#ready !== undefined);
  }

  /** Sends an engine frame; in an export it waits for credit first. Throws ShotError when the shot has failed. */
  async send(frame: EngineFrame): Promise<void> {
    if (this.#counted) await this.#until(() => this.#credit > 0);
    this.#credit--;
    await this.post({ $case: "engineFrame", value: frame });
  }

  /** Sends any message; resolves when there is room for the next. Throws ShotError when the shot has failed. */
  async post(message: ShotMessage): Promise<void> {
    if (this.#error) throw this.#error;
    this.#isFull = !this.#call.write({ message });
    while (this.#isFull && !this.#error && !this.#ended && !this.#call.destroyed) await this.#change();
    if (this.#error) throw this.#error;
  }

  /** Asks the server to generate what waits and close; the iteration ends with ShotClosed. */
  async close(): Promise<void> {
    await this.post({ $case: "close", value: {} });
    this.#call.end();
  }

  /** Leaves at once. */
  cancel(): void {
    this.#call.cancel();
  }

  /** Answers in order. Ends after ShotClosed; throws ShotError when the shot fails. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ShotAnswer> {
    for (;;) {
      const answer = this.#answers.shift();
      if (answer) {
        this.#unreadBytes -= bytesOf(answer);
        if (this.#call.isPaused() && this.#unreadBytes <= MOST_UNREAD_BYTES / 2) this.#call.resume();
        yield answer;
        continue;
      }
      if (this.#error) throw this.#error;
      if (this.#ended) return;
      await this.#change();
    }
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#error) throw this.#error;
      if (this.#ended) throw new ShotError(14, "the server ended the stream", "");
      await this.#change();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #notify(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
}

/** Bytes of an answer's pictures. */
function bytesOf(answer: ShotAnswer): number {
  if (answer.$case === "generatedFrame") return answer.value.image.length;
  return answer.$case === "controlPreview" ? answer.value.filledWarp.length + answer.value.coverage.length : 0;
}
