import { get, type IncomingMessage } from "node:http";
import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { encodeRequest } from "playblast/protocol/codec";
import WebSocket from "ws";
import { openFloor } from "../../../bench/load/floor-scene.js";
import type { Target } from "./target.js";

const EVIL = "evil.example";
const PATH = "/playblast.v1.ShotService/StreamShot";

/** HTTP status of a page that is asked for under another host's name. */
function page({ webSocketPort }: Target, path: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port: webSocketPort, path, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on("error", reject);
  });
}

/** HTTP status of a WebSocket upgrade; 101 when it is let in. */
function upgrade({ webSocketPort }: Target, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${webSocketPort}/v1/shot`, { headers });
    socket.on("open", () => {
      socket.terminate();
      resolve(101);
    });
    socket.on("unexpected-response", (_, response: IncomingMessage) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on("error", () => resolve(0));
  });
}

/** gRPC code of a shot that is opened under another host's name; 0 when it is let in. */
function call({ address }: Target, authority: string): Promise<number> {
  const channel = new Client(address, credentials.createInsecure(), { "grpc.default_authority": authority });
  const same = (bytes: Buffer) => bytes;
  const stream = channel.makeBidiStreamRequest(PATH, same, same, new Metadata());
  return new Promise<number>((resolve) => {
    stream.on("data", () => resolve(0));
    stream.on("error", ({ code }: ServiceError) => resolve(code));
    stream.write(encodeRequest({ message: openFloor("live", { width: 64, height: 36 }) }));
  }).finally(() => {
    stream.on("error", () => {});
    stream.cancel();
    channel.close();
  });
}

/** Comes as a web page that a user of this machine has open: without an origin of its own, or through a name that it turned to 127.0.0.1. */
export async function foreignPages(target: Target) {
  const port = target.webSocketPort;
  return {
    did: "came with the Origin and Host headers of foreign web pages, on every page and door",
    nullOrigin: await upgrade(target, { origin: "null" }),
    foreignOrigin: await upgrade(target, { origin: `http://${EVIL}` }),
    rebound: await upgrade(target, { host: `${EVIL}:${port}`, origin: `http://${EVIL}:${port}` }),
    reboundWithoutOrigin: await upgrade(target, { host: `${EVIL}:${port}` }),
    metrics: await page(target, "/metrics", `${EVIL}:${port}`),
    models: await page(target, "/v1/models", `${EVIL}:${port}`),
    grpc: await call(target, `${EVIL}:50070`),
    // And as those who belong here.
    own: await upgrade(target, { host: `localhost:${port}`, origin: `http://localhost:${port}` }),
    ownModels: await page(target, "/v1/models", `127.0.0.1:${port}`),
    ownGrpc: await call(target, target.address),
  };
}
