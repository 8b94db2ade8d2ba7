import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FoundModel } from "../../src/diffusion/model-card.js";
import type { ModelList } from "../../src/server/model-list.js";
import { fakeModelHost } from "../fixtures/fake-model-host.js";
import { openShot } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";

type Running = Awaited<ReturnType<typeof testServer>>;
let running: Running;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "playblast-pages-"));
});
afterEach(async () => {
  await running.close();
  rmSync(folder, { recursive: true, force: true });
});

const page = (path: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${running.server.webSocketPort}${path}`, { headers });
const models = async () => (await (await page("/v1/models")).json()) as ModelList;

/** Sends a request as it is, and gives the status line of the answer. */
async function statusLine(request: string): Promise<string> {
  const socket = connect(running.server.webSocketPort, "127.0.0.1");
  socket.end(`${request}\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
  const [answer] = await once(socket.setEncoding("utf8"), "data");
  socket.destroy();
  return answer.split("\r\n")[0];
}

describe("the pages beside the shots", () => {
  it("tell health and counts", async () => {
    running = await testServer();
    expect(await (await page("/health")).text()).toBe("ok\n");
    expect(await (await page("/metrics")).text()).toContain("playblast_shots_open 0");
  });

  it.each(["/metrics", "/v1/models"])("%s needs the token, and says so", async (path) => {
    running = await testServer({ token: "secret" });
    for (const headers of [{}, { authorization: "Bearer guess" }]) {
      const refused = await page(path, headers as Record<string, string>);
      expect(refused.status).toBe(401);
      expect(await refused.text()).toMatch(/^authorization: is missing or wrong; send .*Bearer TOKEN/);
    }
    expect((await page(path, { authorization: "Bearer secret" })).status).toBe(200);
    expect((await page(path, { authorization: "bearer secret" })).status).toBe(200);
    expect((await page("/health")).status).toBe(200);
  });

  it("answer one request of a connection, however many come at once", async () => {
    running = await testServer();
    const socket = connect(running.server.webSocketPort, "127.0.0.1").setEncoding("utf8");
    let got = "";
    socket.on("data", (text: string) => {
      got += text;
    });
    socket.on("error", () => {});
    socket.write("GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(5000));
    await once(socket, "close");
    expect(got.match(/HTTP\/1.1/g)?.length ?? 0).toBeLessThanOrEqual(1);
    expect((await page("/health")).status).toBe(200);
  });

  it("say where shots are", async () => {
    running = await testServer();
    const missing = await page("/v1/model");
    expect(missing.status).toBe(404);
    expect(await missing.text()).toMatch(/\/v1\/model is not here.*\/v1\/shot/);
  });

  it("live through requests that no browser sends", async () => {
    running = await testServer();
    expect(await statusLine("GET // HTTP/1.1")).toBe("HTTP/1.1 404 Not Found");
    const upgrade = (path: string, header: string) =>
      statusLine(`GET ${path} HTTP/1.1\r\nupgrade: websocket\r\n${header}\r\nconnection: upgrade`);
    expect(await upgrade("//", "x-nothing: special")).toBe("HTTP/1.1 404 Not Found");
    expect(await upgrade("/v1/shot", "origin: nonsense")).toBe("HTTP/1.1 403 Forbidden");
    expect((await page("/health")).status).toBe(200);
  });
});

describe("every page", () => {
  it.each(["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])("refuses %s, and reads no body", async (method) => {
    running = await testServer();
    for (const path of ["/health", "/metrics", "/v1/models", "/nothing"]) {
      const answer = await fetch(`http://127.0.0.1:${running.server.webSocketPort}${path}`, { method });
      expect(answer.status).toBe(405);
      expect(answer.headers.get("allow")).toBe("GET");
      const endless = connect(running.server.webSocketPort, "127.0.0.1");
      endless.on("error", () => {}).resume();
      endless.write(`${method} ${path} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n`);
      const more = setInterval(() => endless.write(`1000\r\n${"x".repeat(0x1000)}\r\n`), 5);
      await once(endless, "close");
      clearInterval(more);
    }
  });

  it("is for no other page to use, and of the type that it says", async () => {
    running = await testServer();
    for (const path of ["/health", "/metrics", "/v1/models", "/nothing"]) {
      const { headers } = await page(path, { origin: "http://localhost:3000" });
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("content-type")).toMatch(/^(text\/plain|application\/json)/);
      expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });
});

describe("the list of models", () => {
  it("names what can be opened, and loads nothing for it", async () => {
    const opened: FoundModel[] = [];
    running = await testServer({
      openModel: async (model) => {
        opened.push(model);
        return fakeModelHost();
      },
    });
    const answer = await page("/v1/models");
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(await answer.json()).toEqual({
      server_version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      protocol_version: { major: 1, minor: 0 },
      default: "default",
      models: expect.arrayContaining([
        {
          id: "default",
          family: "filled-warp-correction",
          takes_prompt: false,
          look_images: 4,
          chunk_length: 4,
          provider: null,
        },
      ]),
      records_takes: false,
    });
    expect(opened).toEqual([]);
  });

  it("says what a loaded model runs on, and opens it once for both of its names", async () => {
    const opened: FoundModel[] = [];
    running = await testServer({
      takeFolder: folder,
      openModel: async (model) => {
        opened.push(model);
        return fakeModelHost();
      },
    });
    for (const model of ["", "default"]) (await running.client.openShot(openShot("export", { model }))).cancel();
    expect(opened).toHaveLength(1);
    const list = await models();
    expect(list.models[0]).toMatchObject({ id: "default", provider: "cpu" });
    expect(list.records_takes).toBe(true);
  });

  it("holds the model of a card elsewhere by the card's id, which a shot may name", async () => {
    const path = join(folder, "mine.json");
    const card = {
      family: "filled-warp-correction",
      sha256: "0".repeat(64),
      sizeMultiple: 16,
      steps: 1,
      sigma: 0.25,
      controls: ["filled warp red"],
    };
    writeFileSync(path, JSON.stringify({ ...card, id: "night", weights: "mine.onnx", chunkLength: 8 }));
    writeFileSync(join(folder, "mine.onnx"), "weights");
    const opened: FoundModel[] = [];
    running = await testServer({
      model: path,
      openModel: async (model) => {
        opened.push(model);
        return fakeModelHost();
      },
    });
    const list = await models();
    expect(list.default).toBe("night");
    expect(list.models[0]).toMatchObject({ id: "night", chunk_length: 8, provider: null });
    expect(list.models).toContainEqual(expect.objectContaining({ id: "default", chunk_length: 4, provider: null }));
    (await running.client.openShot(openShot("export", { model: "night" }))).cancel();
    expect(opened.map(({ cardPath }) => cardPath)).toEqual([path]);
    expect(JSON.stringify(await models())).not.toContain(folder);
  });

  it("leaves out what cannot be opened, the default too", async () => {
    const path = join(folder, "half.json");
    running = await testServer({ model: path });
    for (const text of ["", "null", "{}", "[]", undefined]) {
      if (text === undefined) rmSync(path);
      else writeFileSync(path, text);
      const list = await models();
      expect(list.default).toBe("half");
      const ids = list.models.map(({ id }) => id);
      expect(ids).toContain("default");
      expect(ids).not.toContain("half");
    }
  });
});
