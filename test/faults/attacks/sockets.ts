import { readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { pause, type Target } from "./target.js";

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const PING = 6;
const DATA = 0;
const SETTINGS = 4;
const CONNECTIONS = 150;
const SLOW = 200;
const SLOW_MS = 4000;
const HEAD_BYTES = 9;
/** Until the server has given back what broken connections held. */
const CLEANED_MS = 13_000;

/** An HTTP/2 frame of RFC 9113, section 4.1. */
function frame(type: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.on("error", reject);
    socket.resume();
  });
}

const grpcPort = ({ address }: Target) => Number(address.split(":").pop());
const descriptors = ({ pid }: Target) => readdirSync(`/proc/${pid}/fd`).length;

/** Connects again and again and breaks HTTP/2's rules: a PING of the wrong length, DATA on stream 0. */
export async function malformedHttp2(target: Target) {
  const before = descriptors(target);
  let refused = 0;
  for (let i = 0; i < CONNECTIONS; i++) {
    const bad = i % 2 === 0 ? frame(PING, 0, Buffer.alloc(4)) : frame(DATA, 0, Buffer.from("hello"));
    try {
      const socket = await open(grpcPort(target));
      socket.on("error", () => {});
      socket.write(Buffer.concat([PREFACE, frame(SETTINGS, 0, Buffer.alloc(0)), bad]));
      await Promise.race([new Promise((resolve) => socket.once("close", resolve)), pause(20)]);
      socket.destroy();
    } catch {
      refused++;
    }
  }
  await pause(CLEANED_MS);
  return {
    did: `broke HTTP/2's rules on ${CONNECTIONS} connections`,
    refused,
    descriptors: { before, after: descriptors(target) },
  };
}

/** Opens many connections on both doors and sends their first bytes one by one. */
export async function slowLoris(target: Target) {
  const before = descriptors(target);
  const request = Buffer.from("GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: ");
  const opened = await Promise.all(
    Array.from({ length: SLOW }, async (_, i) => {
      const http = i % 2 === 0;
      const socket = await open(http ? target.webSocketPort : grpcPort(target)).catch(() => undefined);
      return { socket, bytes: http ? request : PREFACE };
    }),
  );
  const sockets = opened.flatMap(({ socket }) => (socket ? [socket] : []));
  for (const socket of sockets) socket.on("error", () => {});
  for (let at = 0; at < SLOW_MS / 200; at++) {
    for (const { socket, bytes } of opened) if (socket?.writable) socket.write(bytes.subarray(at, at + 1));
    await pause(200);
  }
  const during = descriptors(target);
  for (const socket of sockets) socket.destroy();
  await pause(CLEANED_MS);
  return {
    did: `sent a byte each 200 ms on ${SLOW} connections for ${SLOW_MS / 1000} s`,
    descriptors: { before, during, after: descriptors(target) },
  };
}
