import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import pino from "pino";
import { GRPC_PORT, startServer, WEBSOCKET_PORT } from "../server/start-server.js";
import { interruptible } from "./interrupt.js";

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
  readonly json?: boolean;
}

/** A port number of the command line. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new InvalidArgumentError("expected 0 to 65535");
  return port;
}

/** `playblast serve`: runs until Ctrl-C. */
export function serveCommand(): Command {
  return new Command("serve")
    .description("run a server for engines to connect to")
    .option("--host <address>", "address to bind to", "127.0.0.1")
    .option("--port <number>", "gRPC port, 0 for any", parsePort, GRPC_PORT)
    .option("--ws-port <number>", "WebSocket and HTTP port, 0 for any", parsePort, WEBSOCKET_PORT)
    .option("--token <text>", "token that clients must bring")
    .option("--tls-cert <file>", "certificate chain (PEM)")
    .option("--tls-key <file>", "private key (PEM)")
    .option("--insecure", "allow other machines to connect without TLS")
    .option("--model <id or card>", "model for shots that name none")
    .option("--takes <folder>", "let clients record takes here")
    .option("--log-level <level>", "trace, debug, info, warn or error", "info")
    .option("--json", "print the addresses as JSON")
    .action((options: ServeOptions) =>
      interruptible(async (signal) => {
        if (!options.tlsCert !== !options.tlsKey) throw new Error("--tls-cert and --tls-key go together");
        const tls =
          options.tlsCert && options.tlsKey
            ? { cert: readFileSync(options.tlsCert), key: readFileSync(options.tlsKey) }
            : undefined;
        const server = await startServer({
          host: options.host,
          port: options.port,
          webSocketPort: options.wsPort,
          token: options.token,
          tls,
          insecure: options.insecure,
          model: options.model,
          takeFolder: options.takes,
          log: pino({ level: options.logLevel }, pino.destination(2)),
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
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
        await server.close();
      }),
    );
}
