import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { testServer } from "../fixtures/test-server.js";

type Running = Awaited<ReturnType<typeof testServer>>;
let running: Running;
afterEach(() => running.close());

const page = (path: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${running.server.webSocketPort}${path}`, { headers });

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

  it.each(["/metrics"])("%s needs the token, and says so", async (path) => {
    running = await testServer({ token: "secret" });
    for (const headers of [{}, { authorization: "Bearer guess" }]) {
      const refused = await page(path, headers as Record<string, string>);
      expect(refused.status).toBe(401);
      expect(await refused.text()).toMatch(/^authorization: is missing or wrong; send .*Bearer TOKEN/);
    }
    expect((await page(path, { authorization: "Bearer secret" })).status).toBe(200);
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
    const upgrade = (path: string) =>
      statusLine(`GET ${path} HTTP/1.1\r\nupgrade: websocket\r\norigin: nonsense\r\nconnection: upgrade`);
    expect(await upgrade("//")).toBe("HTTP/1.1 404 Not Found");
    expect(await upgrade("/v1/shot")).toBe("HTTP/1.1 403 Forbidden");
    expect((await page("/health")).status).toBe(200);
  });
});
