import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { WebSocket } from "ws";
import { encodeRequest } from "../../src/protocol/codec.js";
import { fakeModelHost } from "../fixtures/fake-model-host.js";
import { HELLO, http2Frame } from "../fixtures/http2-frames.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";

// Nothing here watches over errors that nobody catches: one of them fails the run.

let running: Awaited<ReturnType<typeof testServer>>;
beforeEach(async () => {
  running = await testServer({ openModel: async () => fakeModelHost({ delayMs: 20 }) });
});
afterEach(async () => {
  expect((await fetch(`http://127.0.0.1:${running.server.webSocketPort}/health`)).status).toBe(200);
  const shot = await running.client.openShot(openShot());
  shot.cancel();
  await running.close();
});

/** Sends this to a door and resets the connection after so long. */
async function sendAndReset(port: number, bytes: Buffer, milliseconds: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(bytes);
  await sleep(milliseconds);
  socket.resetAndDestroy();
}

const messages = () =>
  [
    { $case: "openShot" as const, value: openShot() },
    { $case: "firstFrame" as const, value: firstFrame(0) },
    ...[0, 1, 2, 3, 4].map((tick) => ({ $case: "engineFrame" as const, value: engineFrame(tick) })),
    { $case: "close" as const, value: {} },
  ].map((message) => encodeRequest({ message }));

const literal = (name: string, value: string) =>
  Buffer.concat(
    [0, name.length, ...Buffer.from(name), value.length, ...Buffer.from(value)].map((one) => Buffer.from([one])),
  );
const headers = (path: string, type = "application/grpc") =>
  Buffer.concat([
    literal(":method", "POST"),
    literal(":scheme", "http"),
    literal(":path", path),
    literal(":authority", "localhost"),
    literal("content-type", type),
  ]);
const SHOT = "/playblast.v1.ShotService/StreamShot";
const CANCEL = http2Frame(3, 0, 1, Buffer.from([0, 0, 0, 8]));
const END_HEADERS = 4;

it.each([
  ["a call that is cancelled with its first bytes", [headers(SHOT)], CANCEL],
  ["a call of an unknown method that is cancelled", [headers("/a/b")], CANCEL],
  ["a call that is not gRPC", [headers(SHOT, "text/plain")], CANCEL],
  ["a call with a broken deadline", [Buffer.concat([headers(SHOT), literal("grpc-timeout", "soon")])], CANCEL],
  ["a call with a deadline that has passed", [Buffer.concat([headers(SHOT), literal("grpc-timeout", "1n")])], CANCEL],
  ["a call whose message is no gzip", [headers(SHOT)], http2Frame(0, 1, 1, Buffer.from([1, 0, 0, 0, 1, 7]))],
  ["a call whose message is longer than allowed", [headers(SHOT)], http2Frame(0, 0, 1, Buffer.from([0, 9, 0, 0, 0]))],
  ["a call that ends without a message", [headers(SHOT)], http2Frame(0, 1, 1)],
])("gRPC goes on after %s, and a reset", async (_, blocks, then) => {
  const opening = blocks.map((block) => http2Frame(1, END_HEADERS, 1, block));
  for (const milliseconds of [0, 5, 50]) {
    await sendAndReset(running.server.port, Buffer.concat([HELLO, ...opening]), milliseconds);
    await sendAndReset(running.server.port, Buffer.concat([HELLO, ...opening, then]), milliseconds);
  }
});

it.each(["GET /health", "POST /v1/models", "GET /nothing", "HEAD /metrics", "CONNECT localhost:1", "* *"])(
  "HTTP goes on after %s, and a reset",
  async (line) => {
    const rest = " HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n";
    for (const text of [`${line}${rest}\r\n`, `${line}${rest}upgrade: websocket\r\nconnection: upgrade\r\n\r\nab`])
      for (const milliseconds of [0, 5])
        await sendAndReset(running.server.webSocketPort, Buffer.from(text), milliseconds);
  },
);

it("both go on after clients that leave in the middle of a shot, at any moment", async () => {
  const sent = messages();
  const frames = [0, 1, 2, 3, 4, 5].map((tick) => engineFrame(tick));
  const look = firstFrame(0);
  for (let moment = 0; moment < 12; moment++) {
    const socket = new WebSocket(`ws://127.0.0.1:${running.server.webSocketPort}/v1/shot`);
    socket.on("error", () => {});
    await once(socket, "open");
    for (const bytes of sent) socket.send(bytes);
    const shot = await running.client.openShot(openShot("live"));
    await shot.post({ $case: "firstFrame", value: look });
    for (const frame of frames) await shot.send(frame);
    await sleep(moment * 4);
    socket.terminate();
    shot.cancel();
  }
});

it("WebSocket goes on after frames that break RFC 6455", async () => {
  const upgrade = `GET /v1/shot HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${Buffer.alloc(16).toString("base64")}\r\n\r\n`;
  const frames = [
    [0x82, 0x01, 0x00], // not masked
    [0xf2, 0x80, 0, 0, 0, 0], // reserved bits
    [0x80, 0x80, 0, 0, 0, 0], // goes on with nothing
    [0x89, 0xfe, 0x00, 0xff], // a ping of 255 bytes
    [0x88, 0x81, 0, 0, 0, 0, 1], // a close code of one byte
    [0x88, 0x82, 0, 0, 0, 0, 0, 1], // a close code that does not exist
    [0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], // 2^63 bytes
  ];
  for (const frame of frames) {
    for (const milliseconds of [0, 20])
      await sendAndReset(running.server.webSocketPort, Buffer.from([...Buffer.from(upgrade), ...frame]), milliseconds);
  }
});
