import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import pino, { type Logger } from "pino";
import { findModel } from "../diffusion/model-card.js";
import { GRPC_PORT, startServer, WEBSOCKET_PORT } from "../server/start-server.js";
import { interruptible } from "./interrupt.js";
import { printableLines } from "./printable.js";
import { stdinEnd } from "./stdin-end.js";

interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly wsPort: number;
  readonly token?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecure?: boolean;
  readonly model?: string;
  readonly takes?: string;
  readonly logLevel: string;
  readonly endWithStdin?: boolean;
  readonly json?: boolean;
}

/** A port number of the command line. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new InvalidArgumentError("expected 0 to 65535");
  return port;
}

/** What an `Authorization` header can carry: ASCII that shows, with blanks inside only. */
const TOKEN = /^[!-~]([ -~]*[!-~])?$/;

/** A token of the command line or the environment; an empty one would let everybody in. */
function parseToken(text: string): string {
  if (!text) throw new InvalidArgumentError("It is empty; give a token, or leave it out to do without");
  if (!TOKEN.test(text))
    throw new InvalidArgumentError("No header can carry it; give one of ASCII letters, digits and signs");
  return text;
}

/** For the process to end by itself once the server is closed. A thread inside a model's library can hold it for as long as a chunk takes. */
const EXIT_MS = 300;

/** Characters of the log that wait where it cannot be written; further ones are lost. */
const MOST_UNWRITTEN = 1024 * 1024;

/** A log that a full disk or a reader that has gone cannot turn against the server. */
function openLog(level: string): Logger {
  const destination = pino.destination({ dest: 2, sync: true, maxLength: MOST_UNWRITTEN });
  destination.on("error", () => {});
  return pino({ level, hooks: { streamWrite: printableLines } }, destination);
}

/**
 * Logs errors that nobody caught, and goes on: one client's trouble must not end the shots of all. Each is a defect all the same.
 * Returns what takes the guard away.
 */
function guard(log: Logger): () => void {
  const survive = (err: unknown) =>
    log.fatal({ err }, "an error was caught by nobody; the server goes on. Please report it");
  process.on("uncaughtException", survive);
  process.on("unhandledRejection", survive);
  return () => {
    process.off("uncaughtException", survive);
    process.off("unhandledRejection", survive);
  };
}

/** Ends the process as a second Ctrl-C would, should it not end by itself. */
function endSoon(): void {
  setTimeout(() => process.kill(process.pid, "SIGTERM"), EXIT_MS).unref();
}

/** `playblast serve`: runs until Ctrl-C, or with `--end-with-stdin` until standard input closes. */
export function serveCommand(): Command {
  return new Command("serve")
    .description("run a server for engines to connect to")
    .option("--host <address>", "address to bind to", "127.0.0.1")
    .option("--port <number>", "gRPC port, 0 for any", parsePort, GRPC_PORT)
    .option("--ws-port <number>", "WebSocket and HTTP port, 0 for any", parsePort, WEBSOCKET_PORT)
    .addOption(
      new Option("--token <text>", "token that clients must bring; the variable keeps it out of process lists")
        .env("PLAYBLAST_TOKEN")
        .argParser(parseToken),
    )
    .option("--tls-cert <file>", "certificate chain (PEM)")
    .option("--tls-key <file>", "private key (PEM)")
    .option("--insecure", "allow other machines to connect without TLS")
    .option("--model <id or card>", "model for shots that name none; loaded before the server listens")
    .option("--takes <folder>", "let clients record takes here")
    .option("--log-level <level>", "trace, debug, info, warn or error", "info")
    .option("--end-with-stdin", "end, as by Ctrl-C, when standard input closes")
    .option("--json", "print the addresses as JSON")
    .action((options: ServeOptions) =>
      interruptible(async (interrupt) => {
        const signal = options.endWithStdin ? AbortSignal.any([interrupt, stdinEnd()]) : interrupt;
        if (!options.tlsCert !== !options.tlsKey) throw new Error("--tls-cert and --tls-key go together");
        const tls =
          options.tlsCert && options.tlsKey
            ? { cert: readFileSync(options.tlsCert), key: readFileSync(options.tlsKey) }
            : undefined;
        if (options.model !== undefined) findModel(options.model);
        const log = openLog(options.logLevel);
        const release = guard(log);
        const server = await startServer({
          host: options.host,
          port: options.port,
          webSocketPort: options.wsPort,
          token: options.token,
          tls,
          insecure: options.insecure,
          model: options.model,
          loadModel: options.model !== undefined,
          takeFolder: options.takes,
          log,
        });
        const scheme = tls ? "wss" : "ws";
        const address = {
          grpc: `${server.host}:${server.port}`,
          webSocket: `${scheme}://${server.host}:${server.webSocketPort}/v1/shot`,
        };
        console.log(
          options.json
            ? JSON.stringify(address)
            : `gRPC ${address.grpc}\nWebSocket ${address.webSocket}\nCtrl-C ends the server`,
        );
        if (!signal.aborted)
          await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
        await server.close();
        release();
        endSoon();
      }),
    );
}
