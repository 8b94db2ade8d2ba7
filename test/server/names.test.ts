import { once } from "node:events";
import { connect } from "node:net";
import { Writable } from "node:stream";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import pino from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { decodeResponse, encodeRequest } from "../../src/protocol/codec.js";
import { openShot } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";

let running: Awaited<ReturnType<typeof testServer>>;
afterEach(() => running.close());

/** Sends a request as it is to the WebSocket door; gives the whole answer. */
async function answerTo(...lines: string[]): Promise<string> {
  const socket = connect(running.server.webSocketPort, "127.0.0.1").setEncoding("utf8");
  socket.write(`${lines.join("\r\n")}\r\nconnection: close\r\n\r\n`);
  let answer = "";
  socket.on("data", (text) => {
    answer += text;
  });
  await once(socket, "end");
  socket.destroy();
  return answer;
}

/** Opens a shot over WebSocket. Gives the status of a refusal, or the first answer. */
async function openOverWebSocket(headers: Record<string, string>, path = "/v1/shot", protocols: string[] = []) {
  const url = `ws://127.0.0.1:${running.server.webSocketPort}${path}`;
  const socket = new WebSocket(url, protocols, { headers });
  socket.on("error", () => {});
  socket.on("open", () => socket.send(encodeRequest({ message: { $case: "openShot", value: openShot() } })));
  const outcome = await new Promise((resolve) => {
    socket.on("unexpected-response", (_, response) => resolve(response.statusCode));
    socket.on("message", (data: Buffer) => resolve(decodeResponse(data).message?.$case));
  });
  socket.terminate();
  return { outcome, protocol: socket.protocol };
}

/** Calls a gRPC method with this authority; gives the status. */
async function callAs(authority: string, path: string, metadata = new Metadata()): Promise<Partial<ServiceError>> {
  const channel = new Client(`127.0.0.1:${running.server.port}`, credentials.createInsecure(), {
    "grpc.default_authority": authority,
  });
  const same = (bytes: Buffer) => bytes;
  const call = channel.makeBidiStreamRequest(path, same, same, metadata);
  call.on("data", () => {});
  call.on("error", () => {});
  const ended = new Promise<Partial<ServiceError>>((resolve) => call.on("status", resolve));
  call.end();
  const { code, details } = await ended;
  channel.close();
  return { code, details };
}

const SHOT = "/playblast.v1.ShotService/StreamShot";
const HEALTH = "/grpc.health.v1.Health/Check";
const REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const FOREIGN = [
  "evil.example",
  "evil.example:50071",
  "127.0.0.1.evil.example",
  "localhost.evil.example",
  "192.168.0.7",
];
const ODD = ["evil.example@127.0.0.1", "127.0.0.1/evil.example", "127.0.0.1:99999999", "[::2]", "[::ffff:8.8.8.8]"];
const LOOPBACK = ["127.0.0.1", "127.0.0.1:50071", "localhost:1", "LOCALHOST", "[::1]:50071", "127.8.9.1"];

describe("without a token", () => {
  it.each(["/health", "/metrics", "/v1/models", "/nothing"])("%s answers to loopback names only", async (path) => {
    running = await testServer();
    for (const host of [...FOREIGN, ...ODD]) {
      const answer = await answerTo(`GET ${path} HTTP/1.1`, `host: ${host}`);
      expect(answer).toMatch(/^HTTP\/1.1 403 Forbidden/);
      expect(answer).toMatch(/host: is '.*'; a server without a token answers to loopback names only.*--token/);
    }
    for (const host of LOOPBACK) {
      expect(await answerTo(`GET ${path} HTTP/1.1`, `host: ${host}`)).toMatch(/^HTTP\/1.1 (200|404) /);
    }
    const inLine = await answerTo(`GET http://evil.example${path} HTTP/1.1`, "host: 127.0.0.1");
    expect(inLine).toMatch(/^HTTP\/1.1 403 Forbidden/);
  });

  it("a page elsewhere reads no page of the server", async () => {
    running = await testServer();
    for (const origin of ["null", "http://evil.example", "http://127.0.0.1.evil.example", "file://", "nonsense"]) {
      const answer = await answerTo("GET /v1/models HTTP/1.1", "host: 127.0.0.1", `origin: ${origin}`);
      expect(answer).toMatch(/^HTTP\/1.1 403 Forbidden/);
      expect(answer).toMatch(/origin: is '.*'; .*Open the page from localhost/);
    }
    const own = await answerTo("GET /v1/models HTTP/1.1", "host: 127.0.0.1", "origin: http://localhost:3000");
    expect(own).toMatch(/^HTTP\/1.1 200 OK/);
    expect(own).not.toMatch(/access-control/i);
  });

  it.each([
    ["a page in a sandbox, or a file", { origin: "null" }, 403],
    ["a page of another site", { origin: "http://evil.example" }, 403],
    ["a page whose name points at 127.0.0.1", { origin: "http://evil.example", host: "evil.example" }, 403],
    ["a program that uses such a name", { host: "evil.example" }, 403],
    ["a page of this machine", { origin: "http://localhost:8080" }, "shotReady"],
    ["a page of the server's own origin", { origin: "http://127.0.0.1:5", host: "127.0.0.1:5" }, "shotReady"],
    ["a program", {}, "shotReady"],
  ])("a shot over WebSocket from %s", async (_, headers, expected) => {
    running = await testServer();
    expect((await openOverWebSocket(headers as Record<string, string>)).outcome).toBe(expected);
  });

  it.each([SHOT, HEALTH, REFLECTION])("gRPC's %s answers to loopback names only", async (path) => {
    running = await testServer();
    for (const authority of FOREIGN) {
      expect(await callAs(authority, path)).toEqual({
        code: status.PERMISSION_DENIED,
        details: expect.stringMatching(/host: is '.*'; a server without a token answers to loopback names only/),
      });
    }
    const page = new Metadata();
    page.set("origin", "null");
    expect((await callAs("127.0.0.1", path, page)).code).toBe(status.PERMISSION_DENIED);
    expect((await callAs("localhost:50070", path)).code).not.toBe(status.PERMISSION_DENIED);
  });
});

describe("with a token", () => {
  it("any name will do, and pages are of the server's own origin or of none", async () => {
    running = await testServer({ token: "secret" });
    const authorization = "Bearer secret";
    for (const headers of [
      { host: "render.example" },
      { host: "a.example", origin: "https://a.example" },
      { origin: "null" },
    ])
      expect((await openOverWebSocket({ ...headers, authorization } as Record<string, string>)).outcome).toBe(
        "shotReady",
      );
    expect((await openOverWebSocket({ origin: "https://b.example", authorization })).outcome).toBe(403);
    expect((await openOverWebSocket({ origin: "null" })).outcome).toBe(401);
    const metadata = new Metadata();
    metadata.set("authorization", authorization);
    expect((await callAs("render.example", SHOT, metadata)).code).toBe(status.OK);
    expect((await callAs("render.example", SHOT)).code).toBe(status.UNAUTHENTICATED);
  });

  it("a page brings it as a subprotocol, which the server does not repeat", async () => {
    const token = "open sesame+/?~";
    running = await testServer({ token });
    const offer = (text: string) => ["playblast.v1", `playblast.token.${Buffer.from(text).toString("base64url")}`];
    expect(await openOverWebSocket({}, "/v1/shot", offer(token))).toEqual({
      outcome: "shotReady",
      protocol: "playblast.v1",
    });
    for (const other of [offer("guess"), offer(""), ["playblast.v1", "playblast.token.***"], ["playblast.v1"]]) {
      expect((await openOverWebSocket({}, "/v1/shot", other)).outcome).toBe(401);
    }
  });

  it("may come in the URL, which is discouraged once, and is in no log", async () => {
    const lines: string[] = [];
    const stream = new Writable({
      write: (line, _, done) => {
        lines.push(String(line));
        done();
      },
    });
    running = await testServer({ token: "s3cr3t", log: pino({ level: "trace" }, stream) });
    for (let i = 0; i < 3; i++)
      expect((await openOverWebSocket({}, "/v1/shot?token=s3cr3t")).outcome).toBe("shotReady");
    expect((await openOverWebSocket({}, "/v1/shot?token=s3cr3t-guess")).outcome).toBe(401);
    expect((await openOverWebSocket({ authorization: "Bearer s3cr3t" })).outcome).toBe("shotReady");
    const offer = `playblast.token.${Buffer.from("s3cr3t").toString("base64url")}`;
    expect((await openOverWebSocket({}, "/v1/shot", ["playblast.v1", offer])).outcome).toBe("shotReady");
    expect(lines.filter((line) => /token in the URL/.test(line))).toHaveLength(1);
    expect(lines.join("")).not.toMatch(/s3cr3t|czNjcjN0/);
  });
});
