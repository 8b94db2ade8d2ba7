import pino from "pino";
import { PlayblastClient } from "playblast/client/client";
import { startServer } from "playblast/server/start-server";

/** Lends work a client of a server of its own in this process, over gRPC on a free port; both are closed after it. */
export async function withLocalServer<T>(work: (client: PlayblastClient) => Promise<T>): Promise<T> {
  const server = await startServer({ port: 0, webSocketPort: 0, log: pino({ level: "silent" }) });
  const client = new PlayblastClient(`${server.host}:${server.port}`);
  try {
    return await work(client);
  } finally {
    client.close();
    await server.close();
  }
}
