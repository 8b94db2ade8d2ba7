import { createServer, type IncomingMessage } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { type WebSocket, WebSocketServer } from "ws";
import { encodeResponse } from "../protocol/codec.js";
import { BadRequestError, Code } from "../protocol/errors.js";
import { LIMITS } from "../protocol/limits.js";
import { allows, namesRefused } from "./access.js";
import { Connections, peerOf } from "./connections.js";
import { type Door, type DoorOptions, listen } from "./door.js";
import { CLOSING, type DoorLimits } from "./door-limits.js";
import { DoorShots } from "./door-shots.js";
import { httpPages, namesOf, urlOf } from "./http-pages.js";
import { shuttingDown } from "./last-words.js";
import type { SessionContext } from "./session.js";
import { bearerOf, SUBPROTOCOL } from "./websocket-token.js";
import { within } from "./within.js";

/** How long a client may take to close after its last message. */
const LAST_WORD_MS = 500;
/** How often connections are looked over for those that are late with their request. */
const CHECK_MS = 1_000;
/** Close codes of RFC 6455: normal, policy violation, internal error, going away. */
const NORMAL = 1000;
const GOING_AWAY = 1001;
const POLICY = 1008;
const INTERNAL = 1011;

/**
 * Opens the WebSocket door: each binary message at /v1/shot is one StreamShotRequest or StreamShotResponse. GET /health,
 * /metrics and /v1/models answer beside it. Callers are refused by the names that they use (`namesRefused`), or any page that a user
 * visits could read the scene.
 */
export async function openWebSocketDoor(context: SessionContext, options: DoorOptions): Promise<Door> {
  const { limits, token } = options;
  const pages = httpPages(context, token);
  const times = {
    headersTimeout: limits.handshakeMs,
    requestTimeout: limits.handshakeMs,
    connectionsCheckingInterval: Math.min(CHECK_MS, limits.handshakeMs),
  };
  const secure: ServerOptions | undefined = options.tls && { ...options.tls, handshakeTimeout: limits.handshakeMs };
  const server = secure ? createTlsServer({ ...times, ...secure }, pages) : createServer(times, pages);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  const connections = new Connections(limits);
  const shots = new DoorShots(context, options, connections);
  let warned = false;

  server.prependListener("connection", (socket: Socket) => {
    connections.admit(socket, secure ? undefined : (why) => refuse(socket, `503 Service Unavailable`, why));
  });
  server.on("secureConnection", (socket: TLSSocket) => connections.secured(socket));
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A client that is gone before it reads why must not end the server.
    socket.on("error", () => {});
    const { authorization, isInUrl } = bearerOf(request);
    if (isInUrl && !warned) {
      warned = true;
      context.log.warn(
        "a client sent its token in the URL, where proxies and browsers may write it down; the Authorization header or the subprotocol keeps it out",
      );
    }
    const names = namesRefused(namesOf(request), token);
    if (shots.closing) refuse(socket, "503 Service Unavailable", shuttingDown().message);
    else if (names) refuse(socket, "403 Forbidden", names);
    else if (urlOf(request).pathname !== "/v1/shot") refuse(socket, "404 Not Found", "shots are streamed at /v1/shot");
    else if (!allows(token, authorization)) {
      refuse(socket, "401 Unauthorized", "authorization: is missing or wrong; bring this server's token");
    } else sockets.handleUpgrade(request, socket, head, (client) => serve(client, request.socket));
  });

  const serve = (client: WebSocket, socket: Socket) => {
    client.on("error", () => {});
    const fail = ({ code, message, field }: BadRequestError) => {
      if (client.readyState === client.OPEN)
        client.send(encodeResponse({ message: { $case: "shotFailed", value: { code, message, field } } }));
      closeSoon(client, closeCodeOf(code), limits);
    };
    const { refusal } = shots;
    if (refusal) return fail(refusal);
    let isPaused = false;
    const stream = shots.open(peerOf(socket), {
      write: (bytes, taken) => {
        if (client.readyState === client.OPEN) client.send(bytes, taken);
      },
      pause: () => {
        isPaused = true;
        client.pause();
      },
      resume: () => {
        isPaused = false;
        client.resume();
      },
      end: () => closeSoon(client, NORMAL, limits),
      fail,
    });
    const stopAsking = askForLife(client, socket, () => isPaused, options);
    client.on("message", (data: Buffer, isBinary) => {
      if (isBinary) stream.receive(data);
      else stream.end(new BadRequestError("stream_shot_request", "came as text; send binary WebSocket messages"));
    });
    client.on("close", () => {
      stopAsking();
      stream.gone("the client went away");
    });
  };

  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      shots.close();
      await within(CLOSING.lastWordMs, closed);
      connections.destroy();
    },
  };
}

/** Answers a request that will not be served, without closing at once: a reset could overtake the answer. */
function refuse(socket: Duplex, status: string, why: string): void {
  const body = `${why}\n`;
  socket.resume();
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/**
 * Closes when the client has had time to read the last message and close by itself: some clients (Godot's among them)
 * lose messages that arrive together with the end. A client that does not answer to that is cut.
 */
function closeSoon(client: WebSocket, code: number, { lingerMs }: DoorLimits): void {
  setTimeout(() => client.close(code), LAST_WORD_MS).unref();
  setTimeout(() => client.terminate(), LAST_WORD_MS + lingerMs).unref();
}

function closeCodeOf(code: Code): number {
  if (code === Code.INTERNAL) return INTERNAL;
  return code === Code.UNAVAILABLE ? GOING_AWAY : POLICY;
}

/** Pings a client now and then, and cuts it when nothing comes back. Returns what ends that. */
function askForLife(client: WebSocket, socket: Socket, isPaused: () => boolean, { limits }: DoorOptions): () => void {
  let read = socket.bytesRead;
  let asked: number | undefined;
  const timer = setInterval(
    () => {
      const now = performance.now();
      // Any byte is a sign of life: an answer may wait behind a large message, or the server may not be reading.
      if (socket.bytesRead !== read || isPaused()) asked = undefined;
      read = socket.bytesRead;
      if (asked === undefined) {
        if (client.readyState === client.OPEN) client.ping();
        asked = now;
      } else if (now - asked >= limits.keepaliveAnswerMs) client.terminate();
    },
    Math.min(limits.keepaliveMs, limits.keepaliveAnswerMs),
  ).unref();
  return () => clearInterval(timer);
}
