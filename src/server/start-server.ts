import { mkdirSync, readFileSync } from "node:fs";
import type { Logger } from "pino";
import { openModel } from "../shot/open-model.js";
import { Readers } from "../shot/readers.js";
import { type AccessOptions, checkAccess } from "./access.js";
import type { Door } from "./door.js";
import { CLOSING, DOOR_LIMITS, type DoorLimits } from "./door-limits.js";
import { openGrpcDoor } from "./grpc-door.js";
import { Metrics } from "./metrics.js";
import { Models, type OpenModel } from "./models.js";
import type { Session } from "./session.js";
import { startTakeRecovery } from "./take-recovery.js";
import { openWebSocketDoor } from "./websocket-door.js";
import { within } from "./within.js";

/** Ports that clients try when they are told none. */
export const GRPC_PORT = 50070;
export const WEBSOCKET_PORT = 50071;

/** How a server is started. */
export interface ServerOptions extends Partial<AccessOptions> {
  /** 0 chooses a free port. Default 50070. */
  readonly port?: number;
  /** 0 chooses a free port. Default 50071. */
  readonly webSocketPort?: number;
  /** Id or card path of the model for shots that name none. Default: the default model. */
  readonly model?: string;
  /** Loads that model before the doors open, so that one that cannot be used is told at once. Default: when a shot first needs it. */
  readonly loadModel?: boolean;
  /** Folder for recorded takes; without it recording is refused. What a crash left there is recovered. */
  readonly takeFolder?: string;
  /** Folder of the models that shots may name; default: those that come with Playblast. */
  readonly modelFolder?: string;
  /** What the doors allow a client. Default: `DOOR_LIMITS`. */
  readonly limits?: Partial<DoorLimits>;
  /** Default: `openModel`, in processes of the model's own. */
  readonly openModel?: OpenModel;
  readonly log: Logger;
}

/** A running server. */
export interface RunningServer {
  readonly host: string;
  readonly port: number;
  readonly webSocketPort: number;
  /**
   * Ends shots, doors and models, in this order, within the times of `CLOSING`: what a model or a client does cannot hold it up. Safe to
   * call twice.
   */
  close(): Promise<void>;
}

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

/**
 * Starts a server with both doors.
 *
 * @throws Error when the bind address needs a token or TLS that is not given, or a port is taken; ModelError when `loadModel` is set and the
 * model cannot be used.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const host = options.host ?? "127.0.0.1";
  const access = { host, token: options.token, tls: options.tls, insecure: options.insecure };
  checkAccess(access);
  if (options.takeFolder) mkdirSync(options.takeFolder, { recursive: true });
  const models = new Models(options.openModel ?? openModel, options.model ?? "", {
    log: options.log,
    folder: options.modelFolder,
  });
  if (options.loadModel) await models.load().catch((error) => models.close().then(() => Promise.reject(error)));
  const readers = new Readers();
  const context = {
    models,
    readers,
    log: options.log,
    metrics: new Metrics(),
    version,
    takeFolder: options.takeFolder,
  };
  const shots = new Set<Session>();
  const door = { ...access, shots, limits: { ...DOOR_LIMITS, ...options.limits } };
  const grpc = await openGrpcDoor(context, { ...door, port: options.port ?? GRPC_PORT });
  let webSocket: Door;
  try {
    webSocket = await openWebSocketDoor(context, { ...door, port: options.webSocketPort ?? WEBSOCKET_PORT });
  } catch (error) {
    await grpc.close();
    throw error;
  }
  const recovery = options.takeFolder ? await startTakeRecovery(options.takeFolder, options.log) : undefined;
  options.log.info({ host, port: grpc.port, webSocketPort: webSocket.port }, "server ready");
  let closing: Promise<void> | undefined;
  return {
    host,
    port: grpc.port,
    webSocketPort: webSocket.port,
    close: () => {
      closing ??= (async () => {
        options.log.info({ shots: shots.size }, "server closing");
        await Promise.all([grpc.close(), webSocket.close()]);
        const shotsEnded = () => Promise.allSettled([...shots].map((session) => session.done));
        await within(CLOSING.shotsMs, shotsEnded());
        if (!(await within(CLOSING.modelsMs, models.close())))
          options.log.warn("a model has not ended in time and is left behind");
        // Chunks that were abandoned with their model let their shots' recordings be written out.
        await within(CLOSING.recordingsMs, Promise.all([shotsEnded(), readers.close(), recovery?.stop()]));
        options.log.info("server closed");
      })();
      return closing;
    },
  };
}
