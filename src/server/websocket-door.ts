import { createServer, type IncomingMessage } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { encodeResponse, type ShotAnswer } from "../protocol/codec.js";
import { BadRequestError, Code } from "../protocol/errors.js";
import { LIMITS } from "../protocol/limits.js";
import { type AccessOptions, allows } from "./access.js";
import { httpPages, urlOf } from "./http-pages.js";
import { Session, type SessionContext } from "./session.js";

/** Bytes that may wait to be sent before a shot pauses. */
const MOST_BUFFERED = 4 * 1024 * 1024;
const POLL_MS = 10;
/** How long a client may take to close after its last message. */
const LAST_WORD_MS = 500;
/** Close codes of RFC 6455: normal, policy violation, internal error, going away. */
const NORMAL = 1000;
const GOING_AWAY = 1001;
const POLICY = 1008;
const INTERNAL = 1011;

/** The WebSocket door, with `httpPages` beside it. */
export interface WebSocketDoor {
  readonly port: number;
  close(): Promise<void>;
}

/** Options of the WebSocket door. */
export interface WebSocketDoorOptions extends AccessOptions {
  readonly port: number;
  readonly readTimeoutMs: number;
}

/**
 * Opens the WebSocket door: each binary message at /v1/shot is one StreamShotRequest or StreamShotResponse. GET /health,
 * /metrics and /v1/models answer beside it. A page of another origin is refused, or any page that a user visits could read the scene.
 */
export async function openWebSocketDoor(
  context: SessionContext,
  options: WebSocketDoorOptions,
): Promise<WebSocketDoor> {
  const http = httpPages(context, options.token);
  const server = options.tls ? createTlsServer(options.tls, http) : createServer(http);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LIMITS.maxMessageBytes, perMessageDeflate: false });
  const sessions = new Set<Session>();

  server.on("upgrade", (request, socket, head) => {
    const refusal = refuse(request, options.token);
    if (refusal) {
      // A client that is gone before it reads why must not end the server.
      socket.on("error", () => {});
      socket.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => serve(client, request.socket.remoteAddress ?? "?"));
  });

  const serve = (client: WebSocket, from: string) => {
    const send = (answer: ShotAnswer) => {
      if (client.readyState === client.OPEN) client.send(encodeResponse({ message: answer }));
    };
    const session = new Session(
      context,
      {
        send,
        ready: () => drained(client, options.readTimeoutMs),
        pause: () => client.pause(),
        resume: () => client.resume(),
        end: () => closeSoon(client, NORMAL),
        fail: (error) => {
          send({ $case: "shotFailed", value: { code: error.code, message: error.message, field: error.field } });
          closeSoon(client, error.code === Code.INTERNAL ? INTERNAL : POLICY);
        },
      },
      from,
    );
    sessions.add(session);
    client.on("message", (data: Buffer, isBinary) => {
      if (isBinary) session.receive(data);
      else session.refuse(new BadRequestError("stream_shot_request", "came as text; send binary WebSocket messages"));
    });
    client.on("error", () => {});
    client.on("close", async () => {
      await session.abort("the client went away");
      sessions.delete(session);
    });
  };

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await Promise.all([...sessions].map((session) => session.abort("the server is closing")));
      for (const client of sockets.clients) client.close(GOING_AWAY);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      setTimeout(() => {
        for (const client of sockets.clients) client.terminate();
        server.closeAllConnections();
      }, 200).unref();
      await closed;
    },
  };
}

/**
 * Closes when the client has had time to read the last message and close by itself: some clients (Godot's among them)
 * lose messages that arrive together with the end.
 */
function closeSoon(client: WebSocket, code: number): void {
  setTimeout(() => client.close(code), LAST_WORD_MS).unref();
}

/** The status line of a refusal, or undefined where the client may come in. */
function refuse(request: IncomingMessage, token: string | undefined): string | undefined {
  const url = urlOf(request);
  if (url.pathname !== "/v1/shot") return "404 Not Found";
  const { origin, host, authorization } = request.headers;
  if (origin && origin !== "null" && !(URL.canParse(origin) && new URL(origin).host === host)) return "403 Forbidden";
  const asked = url.searchParams.get("token");
  if (!allows(token, authorization ?? (asked ? `Bearer ${asked}` : undefined))) return "401 Unauthorized";
  return undefined;
}

/** Resolves when a client has read enough. */
async function drained(client: WebSocket, timeoutMs: number): Promise<void> {
  let waited = 0;
  let before = client.bufferedAmount;
  while (client.bufferedAmount > MOST_BUFFERED && client.readyState === client.OPEN) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    waited = client.bufferedAmount < before ? 0 : waited + POLL_MS;
    before = client.bufferedAmount;
    if (waited > timeoutMs) {
      throw new BadRequestError(
        "client",
        `has read nothing for ${timeoutMs / 1000} s; read the answers while sending, or close the shot`,
        Code.DEADLINE_EXCEEDED,
      );
    }
  }
}
