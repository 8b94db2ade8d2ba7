import { fileURLToPath } from "node:url";
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
  type StatusObject,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { HealthImplementation } from "grpc-health-check";
import { encodeResponse, type ShotAnswer } from "../protocol/codec.js";
import { type BadRequestError, Code, statusDetails } from "../protocol/errors.js";
import { LIMITS } from "../protocol/limits.js";
import { type AccessOptions, allows } from "./access.js";
import { Drain } from "./drain.js";
import { Session, type SessionContext } from "./session.js";

const SERVICE = "playblast.v1.ShotService";
const PROTO_FOLDER = fileURLToPath(new URL("../../proto/", import.meta.url));

/** The service with undecoded messages, so that a broken one gets a typed error instead of a bare INTERNAL. */
const definition: ServiceDefinition = {
  streamShot: {
    path: `/${SERVICE}/StreamShot`,
    requestStream: true,
    responseStream: true,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (answer: ShotAnswer) => encodeResponse({ message: answer }),
    responseDeserialize: (bytes: Buffer) => bytes,
  },
};

/** The gRPC door. */
export interface GrpcDoor {
  readonly port: number;
  /** Stops taking new shots and ends those that run; resolves when all have ended. */
  close(): Promise<void>;
}

/** Options of the gRPC door. */
export interface GrpcDoorOptions extends AccessOptions {
  readonly port: number;
  /** Milliseconds after which a client that reads nothing is ended. */
  readonly readTimeoutMs: number;
}

/** Opens the gRPC door with the shot, health and reflection services. */
export async function openGrpcDoor(context: SessionContext, options: GrpcDoorOptions): Promise<GrpcDoor> {
  const server = new Server({
    "grpc.max_receive_message_length": LIMITS.maxMessageBytes,
    "grpc.max_send_message_length": LIMITS.maxMessageBytes,
  });
  const sessions = new Set<Session>();
  const health = new HealthImplementation({ "": "SERVING", [SERVICE]: "SERVING" });
  health.addToServer(server);
  const loaded = loadSync("playblast/v1/shot_service.proto", { includeDirs: [PROTO_FOLDER] });
  new ReflectionService(loaded).addToServer(server);

  server.addService(definition, {
    streamShot: (call: ServerDuplexStream<Buffer, ShotAnswer>) => {
      if (!allows(options.token, call.metadata.get("authorization")[0]?.toString())) {
        const details =
          "authorization: is missing or wrong; send the metadata 'authorization: Bearer TOKEN' with this server's token";
        call.emit("error", { code: Code.UNAUTHENTICATED, details } satisfies Partial<StatusObject>);
        return;
      }
      holdOneMessage(call);
      const drain = new Drain(call, options.readTimeoutMs);
      const session = new Session(
        context,
        {
          send: (answer) => void call.write(answer),
          ready: () => drain.ready(),
          pause: () => void call.pause(),
          resume: () => void call.resume(),
          end: () => void call.end(),
          fail: (error) => call.emit("error", statusOf(error)),
        },
        call.getPeer(),
      );
      sessions.add(session);
      void session.done;
      call.on("data", (bytes: Buffer) => session.receive(bytes));
      call.on("end", () => session.finish());
      const gone = async (reason: string) => {
        drain.stop();
        await session.abort(reason);
        sessions.delete(session);
      };
      call.on("cancelled", () => void gone("the client went away"));
      call.on("error", () => void gone("the call failed"));
      call.on("close", () => void gone("the call closed"));
      call.on("finish", () => void gone("the shot ended"));
    },
  });
  const credentials = options.tls
    ? ServerCredentials.createSsl(null, [{ cert_chain: options.tls.cert, private_key: options.tls.key }])
    : ServerCredentials.createInsecure();
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:${options.port}`, credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    port,
    close: async () => {
      health.setStatus("", "NOT_SERVING");
      health.setStatus(SERVICE, "NOT_SERVING");
      const stopped = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      await Promise.all([...sessions].map((session) => session.abort("the server is closing")));
      // Calls whose clients hang on are cut.
      const patience = setTimeout(() => server.forceShutdown(), 200);
      await stopped;
      clearTimeout(patience);
    },
  };
}

/**
 * Lets a call hold one message that nobody has taken yet. By itself it holds 16, whatever their size: 1 GB of the largest. Node has no public way to
 * set this on a stream that others have made.
 */
function holdOneMessage(call: ServerDuplexStream<Buffer, ShotAnswer>): void {
  (call as unknown as { _readableState: { highWaterMark: number } })._readableState.highWaterMark = 1;
}

function statusOf(error: BadRequestError): Partial<StatusObject> {
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(statusDetails(error)));
  return { code: error.code, details: error.message, metadata };
}
