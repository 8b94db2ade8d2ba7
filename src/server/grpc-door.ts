import { type AddressInfo, createServer, type Server as NetServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { fileURLToPath } from "node:url";
import { Server, ServerCredentials, type ServerDuplexStream, type ServiceDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { HealthImplementation } from "grpc-health-check";
import { type BadRequestError, Code } from "../protocol/errors.js";
import { LIMITS } from "../protocol/limits.js";
import { allows } from "./access.js";
import { Connections } from "./connections.js";
import { type Door, type DoorOptions, listen } from "./door.js";
import { CLOSING } from "./door-limits.js";
import { DoorShots } from "./door-shots.js";
import { grpcGuard } from "./grpc-guard.js";
import { statusMessage, statusOf } from "./grpc-status.js";
import type { SessionContext } from "./session.js";
import { within } from "./within.js";

const SERVICE = "playblast.v1.ShotService";
const PROTO_FOLDER = fileURLToPath(new URL("../../proto/", import.meta.url));

/** The service with messages as bytes: a broken one gets a typed error instead of a bare INTERNAL, and what waits is counted by its length. */
const definition: ServiceDefinition = {
  streamShot: {
    path: `/${SERVICE}/StreamShot`,
    requestStream: true,
    responseStream: true,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: (bytes: Buffer) => bytes,
  },
};

/** Bytes that every HTTP/2 client begins with: the preface of 24 and the header of its SETTINGS frame. */
const PREFACE_BYTES = 24 + 9;
/** Frame types and an error code of RFC 9113. */
const SETTINGS = 4;
const GOAWAY = 7;
const ENHANCE_YOUR_CALM = 11;

/** Opens the gRPC door with the shot, health and reflection services. */
export async function openGrpcDoor(context: SessionContext, options: DoorOptions): Promise<Door> {
  const { token, tls, limits } = options;
  const server = new Server({
    "grpc.max_receive_message_length": LIMITS.maxMessageBytes,
    "grpc.max_send_message_length": LIMITS.maxMessageBytes,
    "grpc.max_concurrent_streams": limits.streamsPerConnection,
    "grpc.keepalive_time_ms": limits.keepaliveMs,
    "grpc.keepalive_timeout_ms": limits.keepaliveAnswerMs,
    "grpc.max_connection_idle_ms": limits.idleMs,
    interceptors: [grpcGuard(token)],
  });
  const connections = new Connections(limits);
  const shots = new DoorShots(context, options, connections);

  const health = new HealthImplementation();
  const tellHealth = () => {
    const status = context.models.serving && !shots.closing ? "SERVING" : "NOT_SERVING";
    health.setStatus("", status);
    health.setStatus(SERVICE, status);
  };
  tellHealth();
  context.models.onServingChange(tellHealth);
  health.addToServer(server);
  const loaded = loadSync("playblast/v1/shot_service.proto", { includeDirs: [PROTO_FOLDER] });
  new ReflectionService(loaded).addToServer(server);

  server.addService(definition, {
    streamShot: (call: ServerDuplexStream<Buffer, Uint8Array>) => {
      const fail = (error: BadRequestError) => call.emit("error", statusOf(error));
      if (!allows(token, call.metadata.get("authorization")[0]?.toString())) {
        const details =
          "authorization: is missing or wrong; send the metadata 'authorization: Bearer TOKEN' with this server's token";
        call.emit("error", { code: Code.UNAUTHENTICATED, details: statusMessage(details) });
        return;
      }
      const { refusal } = shots;
      if (refusal) return void fail(refusal);
      holdOneMessage(call);
      const stream = shots.open(call.getPeer(), {
        write: (bytes, taken) => {
          if (call.writable) call.write(bytes, taken);
        },
        pause: () => void call.pause(),
        resume: () => void call.resume(),
        end: () => void call.end(),
        fail,
      });
      call.on("data", (bytes: Buffer) => stream.receive(bytes));
      call.on("end", () => stream.finish());
      call.on("cancelled", () => stream.gone("the client went away"));
      call.on("error", () => stream.gone("the call failed"));
      call.on("close", () => stream.gone("the call closed"));
      call.on("finish", () => stream.gone("the shot ended"));
    },
  });

  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const serve = (socket: Socket) => {
    const check = () => {
      if (socket.bytesRead < PREFACE_BYTES) socket.destroy();
    };
    setTimeout(check, limits.handshakeMs).unref();
    socket.setNoDelay(true);
    injector.injectConnection(socket);
  };
  const listener = tls ? tlsListener(tls, connections, limits.handshakeMs, serve) : plainListener(connections, serve);
  await listen(listener, options);
  return {
    port: (listener.address() as AddressInfo).port,
    close: async () => {
      shots.close();
      tellHealth();
      listener.close();
      await within(CLOSING.lastWordMs, new Promise<void>((resolve) => server.tryShutdown(() => resolve())));
      connections.destroy();
      server.forceShutdown();
    },
  };
}

/**
 * Lets a call hold one message that nobody has taken yet. By itself it holds 16, whatever their size: 1 GB of the largest. Node has no public way to
 * set this on a stream that others have made.
 */
function holdOneMessage(call: ServerDuplexStream<Buffer, Uint8Array>): void {
  (call as unknown as { _readableState: { highWaterMark: number } })._readableState.highWaterMark = 1;
}

function plainListener(connections: Connections, serve: (socket: Socket) => void): NetServer {
  return createServer((socket) => {
    if (connections.admit(socket, (why) => goAway(socket, why))) serve(socket);
  });
}

/** TLS is spoken here and not in gRPC's server, so that the handshake has its time limit and the connection is counted before it. */
function tlsListener(
  { cert, key }: { readonly cert: Buffer; readonly key: Buffer },
  connections: Connections,
  handshakeTimeout: number,
  serve: (socket: Socket) => void,
): NetServer {
  const server = createTlsServer({ cert, key, ALPNProtocols: ["h2"], handshakeTimeout }, (socket) => {
    connections.secured(socket);
    serve(socket);
  });
  server.prependListener("connection", (socket) => connections.admit(socket));
  server.on("tlsClientError", (_, socket) => socket.destroy());
  return server;
}

/** Tells an HTTP/2 client why its connection is refused: gRPC clients see RESOURCE_EXHAUSTED. */
function goAway(socket: Socket, why: string): void {
  const payload = Buffer.concat([Buffer.alloc(8), Buffer.from(why)]);
  payload.writeUInt32BE(ENHANCE_YOUR_CALM, 4);
  socket.resume();
  socket.end(Buffer.concat([frameHeader(SETTINGS, 0), frameHeader(GOAWAY, payload.length), payload]));
}

/** The header of an HTTP/2 frame of the connection itself, without flags. */
function frameHeader(type: number, length: number): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(length, 0, 3);
  header[3] = type;
  return header;
}
