import { parseArgs } from "node:util";
import pino from "pino";
import { startServer, WEBSOCKET_PORT } from "playblast/server/start-server";
import type { ModelHost } from "playblast/shot/renderer";

const USAGE = `Records takes and paints nothing: every tick is answered at once, with a black picture.

  node dist/training/godot-worlds/record-server.js --takes FOLDER [--ws-port ${WEBSOCKET_PORT}]

Ctrl-C ends the server.`;

/** For a client that names no size. */
const SIZE = { width: 256, height: 144 };

/** Stands where a model would, so that recording costs no more than the engine's own work. */
const nobody: ModelHost = {
  model: "nobody",
  chunkLength: 1,
  provider: "none",
  takes: { prompt: false, lookImages: 1 },
  steps: { least: 1, most: 8, usual: 1 },
  sizes: { live: [SIZE], export: SIZE },
  speed: { size: SIZE, conditioningMs: 1, stepMs: 1 },
  roundSize: (size) => size,
  openShot: async ({ size }) => ({
    steps: 0,
    expectedMs: 0,
    chunkLength: 1,
    setFirstFrame: async () => {},
    cut: async () => {},
    setPrompt: async () => {},
    render: async (frames) =>
      frames.map(({ tick }) => ({
        tick,
        rgb: new Uint8Array(size.width * size.height * 3),
        coverage: 0,
        conditioningMs: 0,
        diffusionMs: 0,
      })),
    close: async () => {},
  }),
  close: async () => {},
};

const { values } = parseArgs({
  options: {
    takes: { type: "string" },
    "ws-port": { type: "string", default: String(WEBSOCKET_PORT) },
    help: { type: "boolean", default: false },
  },
});
if (values.help || !values.takes) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}
const server = await startServer({
  port: 0,
  webSocketPort: Number(values["ws-port"]),
  takeFolder: values.takes,
  openModel: async () => nobody,
  log: pino({ level: "warn" }, pino.destination(2)),
});
console.log(`WebSocket ws://${server.host}:${server.webSocketPort}/v1/shot\nCtrl-C ends the server`);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void server.close());
