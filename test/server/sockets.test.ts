import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { PlayblastClient } from "../../src/client/client.js";
import { decodeResponse, encodeRequest, type ShotAnswer } from "../../src/protocol/codec.js";
import { fakeModelHost } from "../fixtures/fake-model-host.js";
import { HELLO, MALFORMED, PREFACE } from "../fixtures/http2-frames.js";
import { selfSigned } from "../fixtures/self-signed.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";

type Running = Awaited<ReturnType<typeof testServer>>;
let running: Running;
let clients: Socket[];
beforeEach(() => {
  clients = [];
});
afterEach(async () => {
  for (const client of clients) client.destroy();
  await running.close();
});

/** Time limits short enough to wait for. */
const SHORT = { handshakeMs: 300, firstMessageMs: 300, keepaliveMs: 100, keepaliveAnswerMs: 200, lingerMs: 200 };
/** Tells what is ended in its time from what never is, on the slowest machine. */
const NEVER = 15_000;

/** TCP connections of this process, both ends of those that it has with itself. */
const descriptors = () => process.getActiveResourcesInfo().filter((name) => /^TCPSocketWrap$/.test(name)).length;

/** Connects, sends this and stays; what comes back is thrown away. */
function open(port: number, ...bytes: Buffer[]): Socket {
  const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  client.on("error", () => {}).resume();
  for (const part of bytes) client.write(part);
  clients.push(client);
  return client;
}

/** Resolves when the server has ended or reset the connection. */
function ended(client: Socket): Promise<string> {
  return new Promise((resolve) => {
    client.once("end", () => resolve("ended")).once("close", () => resolve("ended"));
    setTimeout(() => resolve("still open"), NEVER).unref();
  });
}

async function shotWorks({ client }: Running): Promise<void> {
  const shot = await client.openShot(openShot());
  await shot.post({ $case: "firstFrame", value: firstFrame(0) });
  for (let tick = 0; tick < 4; tick++) await shot.send(engineFrame(tick));
  await shot.close();
  const answers: ShotAnswer[] = [];
  for await (const answer of shot) answers.push(answer);
  expect(answers.at(-1)).toMatchObject({ $case: "shotClosed", value: { generated: 4 } });
}

const openBytes = () => encodeRequest({ message: { $case: "openShot", value: openShot("live") } });

/** A shot over WebSocket that has been opened; its socket is beside it. */
async function openWebSocketShot(): Promise<{ shot: WebSocket; socket: Socket }> {
  let socket: Socket | undefined;
  const shot = new WebSocket(`ws://127.0.0.1:${running.server.webSocketPort}/v1/shot`, {
    createConnection: (options: object) => {
      socket = connect(options as { port: number; host: string });
      return socket;
    },
  });
  await once(shot, "open");
  shot.send(openBytes());
  await once(shot, "message");
  return { shot, socket: socket as Socket };
}

/** A gRPC client with a connection that no other client of this process shares. */
function ownConnection(): Client {
  return new Client(`127.0.0.1:${running.server.port}`, credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
  });
}

/** A shot's stream with these messages on it. */
function rawShot(channel: Client, ...messages: Buffer[]) {
  const same = (bytes: Buffer) => bytes;
  const call = channel.makeBidiStreamRequest("/playblast.v1.ShotService/StreamShot", same, same, new Metadata());
  for (const message of messages) call.write(message);
  return call.on("data", () => {}).on("error", () => {});
}

function failureOf(call: ReturnType<typeof rawShot>): Promise<ServiceError> {
  return new Promise((resolve) => call.on("error", resolve));
}

describe("malformed HTTP/2", () => {
  it.each(Object.keys(MALFORMED))(
    "leaves no descriptor open: %s",
    async (kind) => {
      // By falling quiet alone, not by a ping's time limit.
      running = await testServer({ limits: { ...SHORT, quietMs: 600, keepaliveAnswerMs: 60_000 } });
      await shotWorks(running);
      running.client.close();
      await expect.poll(descriptors, { timeout: NEVER }).toBe(0);
      const attackers = Array.from({ length: 8 }, () => open(running.server.port, MALFORMED[kind]));
      await Promise.all(attackers.map((attacker) => once(attacker, "connect")));
      await sleep(100);
      for (const attacker of attackers) attacker.destroy();
      await expect.poll(descriptors, { timeout: NEVER }).toBe(0);
      await nextClient(running);
    },
    60_000,
  );

  it("keeps nobody out in the meantime, however many of them there are", async () => {
    running = await testServer();
    const kinds = Object.values(MALFORMED);
    for (let i = 0; i < 150; i++) open(running.server.port, kinds[i % kinds.length]);
    // Those that came before all others may have to give way by now.
    await sleep(1_500);
    for (let i = 0; i < 3; i++) await nextClient(running);
    const left = descriptors();
    expect(left).toBeLessThan(150 + 64 + 8);
  });
});

/** A shot by a client of its own. */
async function nextClient({ server }: Running): Promise<void> {
  const client = new PlayblastClient(`127.0.0.1:${server.port}`);
  await shotWorks({ ...running, client });
  client.close();
}

describe("too many connections", () => {
  const FEW = { connectionsPerAddress: 3 };

  it("the oldest without a shot gives way, and those with one stay", async () => {
    running = await testServer({ limits: FEW });
    const { shot } = await openWebSocketShot();
    const idle = [open(running.server.webSocketPort), open(running.server.webSocketPort)];
    await sleep(1_200);
    const over = idle.map(ended);
    const other = await openWebSocketShot();
    expect(await over[0]).toBe("ended");
    const third = await openWebSocketShot();
    expect(await over[1]).toBe("ended");
    for (const { readyState } of [shot, other.shot, third.shot]) expect(readyState).toBe(WebSocket.OPEN);
    await sleep(1_200);
    const refused = await fetch(`http://127.0.0.1:${running.server.webSocketPort}/health`);
    expect(refused.status).toBe(503);
    expect(await refused.text()).toMatch(/3 connections from 127.0.0.1 are open, as many as this server takes/);
    shot.terminate();
    await expect
      .poll(async () => (await fetch(`http://127.0.0.1:${running.server.webSocketPort}/health`)).status, {
        timeout: NEVER,
      })
      .toBe(200);
    for (const one of [other, third]) one.shot.terminate();
  });

  it("a gRPC client hears RESOURCE_EXHAUSTED", async () => {
    running = await testServer({ limits: FEW });
    const channels = Array.from({ length: 4 }, ownConnection);
    for (const channel of channels.slice(0, 3)) await once(rawShot(channel, openBytes()), "data");
    expect(await failureOf(rawShot(channels[3], openBytes()))).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    for (const channel of channels) channel.close();
  });

  it("many more of them are cut, and the server goes on", async () => {
    running = await testServer({ limits: FEW });
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 100; i++) {
        open(running.server.port, HELLO);
        open(running.server.webSocketPort);
      }
      await sleep(100);
    }
    const admitted = 3 + 32;
    const here = () => descriptors() - clients.filter(({ destroyed }) => !destroyed).length;
    await expect.poll(here, { timeout: NEVER }).toBeLessThanOrEqual(2 * admitted);
    for (const client of clients) client.destroy();
    await expect
      .poll(async () => (await fetch(`http://127.0.0.1:${running.server.webSocketPort}/health`)).status, {
        timeout: NEVER,
      })
      .toBe(200);
  });
});

describe("too many shots", () => {
  it("the next is refused on both doors until one ends, whichever door it came by", async () => {
    running = await testServer({ limits: { openShots: 2 } });
    const first = await running.client.openShot(openShot("live"));
    const { shot } = await openWebSocketShot();
    const message = /2 are open or ending, as many as this server takes; try again later/;
    await expect(running.client.openShot(openShot())).rejects.toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      message: expect.stringMatching(message),
    });
    const late = new WebSocket(`ws://127.0.0.1:${running.server.webSocketPort}/v1/shot`);
    const [data] = (await once(late, "message")) as [Buffer];
    expect(decodeResponse(data).message).toMatchObject({
      $case: "shotFailed",
      value: { code: status.RESOURCE_EXHAUSTED, message: expect.stringMatching(message) },
    });
    shot.terminate();
    first.cancel();
    await expect
      .poll(
        () =>
          shotWorks(running).then(
            () => "works",
            () => "is refused",
          ),
        { timeout: NEVER },
      )
      .toBe("works");
  });
});

describe("clients that hold on to what they do not use", () => {
  const half = {
    "nothing at all": Buffer.alloc(0),
    "half a preface": PREFACE.subarray(0, 11),
    "a preface alone": PREFACE,
  };
  it.each(Object.entries(half))("gRPC: %s", async (_, bytes) => {
    running = await testServer({ limits: SHORT });
    expect(await ended(open(running.server.port, bytes))).toBe("ended");
  });

  it("gRPC: a connection without a call", async () => {
    running = await testServer({ limits: { ...SHORT, keepaliveMs: NEVER, idleMs: 300 } });
    const session = connectHttp2(`http://127.0.0.1:${running.server.port}`);
    session.on("error", () => {});
    await once(session, "close");
  });

  it.each([
    ["nothing at all", ""],
    ["half a request", "GET /health HTTP/1.1\r\nhost: local"],
    ["half an upgrade", "GET /v1/shot HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade\r\n"],
    ["half a body", "POST /health HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\nbeginning"],
    ["a refused upgrade", "GET / HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"],
  ])("HTTP: %s", async (_, text) => {
    running = await testServer({ limits: SHORT });
    const client = open(running.server.webSocketPort, Buffer.from(text));
    expect(await ended(client)).toBe("ended");
    // The client keeps its side open all the same.
    await expect.poll(descriptors, { timeout: NEVER }).toBe(1);
  });

  it("TLS: half a handshake, on both doors", async () => {
    const tls = selfSigned();
    running = await testServer({ tls, limits: SHORT });
    for (const port of [running.server.port, running.server.webSocketPort]) {
      expect(await ended(open(port, Buffer.from([0x16, 3, 1, 2, 0, 1])))).toBe("ended");
      expect(await ended(open(port, Buffer.from("GET / HTTP/1.1\r\n\r\n")))).toBe("ended");
    }
    const quiet = connectTls({ port: running.server.port, host: "127.0.0.1", ca: tls.cert, ALPNProtocols: ["h2"] });
    await once(quiet, "secureConnect");
    expect(await ended(quiet.on("error", () => {}).resume())).toBe("ended");
    const client = new PlayblastClient(`localhost:${running.server.port}`, { tlsRoot: tls.cert });
    await shotWorks({ ...running, client });
    client.close();
  });

  it("a stream without a first message", async () => {
    running = await testServer({ limits: SHORT });
    const channel = ownConnection();
    const error = await failureOf(rawShot(channel));
    expect(error.code).toBe(status.DEADLINE_EXCEEDED);
    expect(error.details).toMatch(/open_shot: did not come within 0.3 s/);
    channel.close();
    const socket = new WebSocket(`ws://127.0.0.1:${running.server.webSocketPort}/v1/shot`);
    const [data] = (await once(socket, "message")) as [Buffer];
    expect(decodeResponse(data).message).toMatchObject({
      $case: "shotFailed",
      value: { code: status.DEADLINE_EXCEEDED, field: "open_shot" },
    });
    await once(socket, "close");
  });

  it("a shot whose client has frozen is ended, and one whose client is merely quiet is not", async () => {
    running = await testServer({ limits: SHORT });
    const quiet = await openWebSocketShot();
    const frozen = await openWebSocketShot();
    frozen.socket.pause();
    const calm = await running.client.openShot(openShot("live"));
    const page = async () => (await fetch(`http://127.0.0.1:${running.server.webSocketPort}/metrics`)).text();
    await expect.poll(page, { timeout: NEVER }).toContain("playblast_shots_open 2");
    await sleep(1_000);
    expect(await page()).toContain("playblast_shots_open 2");
    expect(quiet.shot.readyState).toBe(WebSocket.OPEN);
    for (const { shot } of [quiet, frozen]) shot.terminate();
    calm.cancel();
  });
});

/** Resolves when a number has not changed for a second. */
async function still(number: () => number): Promise<void> {
  for (let before = Number.NaN; before !== number(); await sleep(1_000)) before = number();
}

describe("a client that sends faster than its shot is worked on", () => {
  it.each(["gRPC", "WebSocket"])("is held back over %s", async (door) => {
    let release = () => {};
    const loaded = new Promise<void>((resolve) => {
      release = resolve;
    });
    running = await testServer({
      openModel: async () => {
        await loaded;
        return fakeModelHost();
      },
    });
    const image = { $case: "encoded" as const, value: Buffer.alloc(1024 * 1024) };
    const big = encodeRequest({ message: { $case: "firstFrame", value: { image, tick: 9, newLook: false } } });
    const SENT = 64;
    if (door === "gRPC") {
      const channel = ownConnection();
      const call = rawShot(channel, openBytes());
      let taken = 0;
      for (let i = 0; i < SENT; i++) call.write(big, () => taken++);
      await still(() => taken);
      expect(taken).toBeLessThan(SENT / 2);
      release();
      channel.close();
    } else {
      const socket = new WebSocket(`ws://127.0.0.1:${running.server.webSocketPort}/v1/shot`);
      await once(socket, "open");
      socket.send(openBytes());
      for (let i = 0; i < SENT; i++) socket.send(big);
      await still(() => socket.bufferedAmount);
      expect(socket.bufferedAmount).toBeGreaterThan((SENT * big.length) / 2);
      release();
      // The first of them is no picture, which is answered now.
      socket.on("message", () => {});
      await once(socket, "close");
    }
  });
});
