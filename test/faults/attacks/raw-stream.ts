import { Client, type ClientDuplexStream, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { decodeResponse, encodeRequest, type ShotAnswer, type ShotMessage } from "playblast/protocol/codec";
import { violationsOf } from "playblast/protocol/errors";
import { LIMITS } from "playblast/protocol/limits";
import WebSocket from "ws";
import { type DoorName, pause, type Target } from "./target.js";

const PATH = "/playblast.v1.ShotService/StreamShot";
const GZIP = 2;
const NORMAL = 1000;
/** gRPC's codes for a stream that ended well, and for one that was cut. */
export const OK = 0;
export const UNAVAILABLE = 14;
/** No gRPC code: the stream did not end in the time that it was given. */
export const HANGS = -1;
const PATIENCE_MS = 60_000;

/** How a stream ended and what came before. */
export interface Ending {
  /** gRPC status code; OK when the shot closed, HANGS when it never ended. */
  readonly code: number;
  readonly field: string;
  readonly message: string;
  /** Whether ShotReady came. */
  readonly ready: boolean;
  /** Pixels of a frame of the shot; 0 before it is ready. */
  readonly pixels: number;
  readonly generated: number;
  readonly dropped: number;
  readonly flushed: number;
  readonly notices: readonly string[];
}

/** How a stream is opened. */
export interface RawStreamOptions {
  /** Compress what is sent (gRPC). */
  readonly gzip?: boolean;
  /** Never read an answer. */
  readonly readsNothing?: boolean;
  /** Share a connection with other streams of this process that do so too (gRPC). Otherwise it has its own, as a stranger has. */
  readonly shared?: boolean;
}

/** A stream through one of the doors that sends whatever bytes it is given. */
export class RawStream {
  readonly #counts = { ready: false, pixels: 0, generated: 0, dropped: 0, flushed: 0, notices: [] as string[] };
  /** Frames that the server has granted so far. */
  #credit = 0;
  readonly #transport: Transport;
  #end: { code: number; field: string; message: string } | undefined;
  #woken: (() => void)[] = [];

  constructor(target: Target, door: DoorName, options: RawStreamOptions = {}) {
    const heard = {
      bytes: (bytes: Buffer) => this.#count(decodeResponse(bytes).message),
      end: (code: number, field: string, message: string) => {
        this.#end ??= { code, field, message };
        this.#wake();
      },
    };
    this.#transport = door === "grpc" ? overGrpc(target, heard, options) : overWebSocket(target, heard, options);
  }

  /** Sends bytes as one message. What is sent after the end is thrown away. */
  bytes(bytes: Uint8Array): void {
    if (!this.#end) this.#transport.send(Buffer.from(bytes));
  }

  send(message: ShotMessage): void {
    this.bytes(encodeRequest({ message }));
  }

  /** Leaves without a word. */
  leave(): void {
    this.#transport.leave();
  }

  /** Whether the stream has ended. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** Pixels of a frame of the shot; 0 before it is ready. */
  get pixels(): number {
    return this.#counts.pixels;
  }

  /** Waits until an export may have sent so many frames in all, or the stream has ended. Gives whether it may. */
  async granted(frames: number, patienceMs = PATIENCE_MS): Promise<boolean> {
    await this.#until(() => this.#credit >= frames, patienceMs);
    return this.#credit >= frames && !this.#end;
  }

  /** Resolves when so many Flushed came, or the stream has ended. */
  async flushed(times: number, patienceMs = PATIENCE_MS): Promise<void> {
    await this.#until(() => this.#counts.flushed >= times, patienceMs);
  }

  /** Resolves when the shot is open or the stream has ended. */
  async opened(patienceMs = PATIENCE_MS): Promise<void> {
    await this.#until(() => this.#counts.ready, patienceMs);
  }

  /** Resolves when so many ticks came back generated, or the stream has ended. */
  async generated(ticks: number, patienceMs = PATIENCE_MS): Promise<void> {
    await this.#until(() => this.#counts.generated >= ticks, patienceMs);
  }

  /** Says that no more comes, waits for the end, and hangs up. */
  async ending(patienceMs = PATIENCE_MS): Promise<Ending> {
    this.#transport.finish();
    return this.endingUnasked(patienceMs);
  }

  /** Waits for an end that the server comes to by itself, and hangs up. */
  async endingUnasked(patienceMs = PATIENCE_MS): Promise<Ending> {
    await this.#until(() => false, patienceMs);
    this.leave();
    const end = this.#end ?? { code: HANGS, field: "", message: `no end within ${patienceMs / 1000} s` };
    return { ...end, ...this.#counts };
  }

  async #until(holds: () => boolean, patienceMs: number): Promise<void> {
    const deadline = pause(patienceMs).then(() => "late");
    while (!holds() && !this.#end) {
      const change = new Promise<void>((resolve) => this.#woken.push(resolve));
      if ((await Promise.race([change, deadline])) === "late") return;
    }
  }

  #count(answer: ShotAnswer | undefined): void {
    if (answer?.$case === "shotReady") {
      const { frameSize, credit } = answer.value;
      this.#credit += credit;
      this.#counts.ready = true;
      this.#counts.pixels = (frameSize?.width ?? 0) * (frameSize?.height ?? 0);
    } else if (answer?.$case === "credit") this.#credit += answer.value.frames;
    else if (answer?.$case === "generatedFrame") this.#counts.generated++;
    else if (answer?.$case === "frameDropped") this.#counts.dropped++;
    else if (answer?.$case === "flushed") this.#counts.flushed++;
    else if (answer?.$case === "notice") this.#counts.notices.push(answer.value.message);
    else if (answer?.$case === "shotFailed") {
      const { code, field, message } = answer.value;
      this.#end ??= { code, field, message };
    } else if (answer?.$case === "shotClosed") this.#end ??= { code: OK, field: "", message: "" };
    this.#wake();
  }

  #wake(): void {
    const woken = this.#woken;
    this.#woken = [];
    for (const wake of woken) wake();
  }
}

interface Heard {
  bytes(bytes: Buffer): void;
  end(code: number, field: string, message: string): void;
}

interface Transport {
  send(bytes: Buffer): void;
  finish(): void;
  leave(): void;
}

const same = (bytes: Buffer) => bytes;

function overGrpc({ address }: Target, heard: Heard, { gzip, readsNothing, shared }: RawStreamOptions): Transport {
  const channel = new Client(address, credentials.createInsecure(), {
    "grpc.max_receive_message_length": LIMITS.maxMessageBytes,
    "grpc.max_send_message_length": -1,
    "grpc.use_local_subchannel_pool": shared ? 0 : 1,
    ...(gzip ? { "grpc.default_compression_algorithm": GZIP } : {}),
  });
  const call: ClientDuplexStream<Buffer, Buffer> = channel.makeBidiStreamRequest(PATH, same, same, new Metadata());
  call.on("error", (error: ServiceError) => {
    const details = error.metadata?.get("grpc-status-details-bin")[0];
    const [violation] = details instanceof Buffer ? violationsOf(details) : [];
    heard.end(error.code, violation?.field ?? "", error.details);
  });
  call.on("end", () => heard.end(OK, "", "the server ended the stream"));
  if (!readsNothing) call.on("data", heard.bytes);
  return {
    send: (bytes) => void call.write(bytes),
    finish: () => void call.end(),
    leave: () => {
      call.cancel();
      channel.close();
    },
  };
}

function overWebSocket({ webSocketPort }: Target, heard: Heard, { readsNothing }: RawStreamOptions): Transport {
  const socket = new WebSocket(`ws://127.0.0.1:${webSocketPort}/v1/shot`, { perMessageDeflate: false });
  const waiting: Buffer[] = [];
  socket.on("open", () => {
    for (const bytes of waiting) socket.send(bytes);
    if (readsNothing) socket.pause();
  });
  socket.on("message", heard.bytes);
  socket.on("error", (error) => heard.end(UNAVAILABLE, "", error.message));
  socket.on("close", (code, reason) => heard.end(code === NORMAL ? OK : UNAVAILABLE, "", `closed ${code} ${reason}`));
  return {
    send: (bytes) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
      else waiting.push(bytes);
    },
    // A WebSocket has no half end: Close is said as a message.
    finish: () => {
      const close = encodeRequest({ message: { $case: "close", value: {} } });
      if (socket.readyState === WebSocket.OPEN) socket.send(close);
      else if (socket.readyState === WebSocket.CONNECTING) waiting.push(close);
    },
    leave: () => socket.terminate(),
  };
}
