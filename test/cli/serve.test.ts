import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import { playblast, startPlayblast } from "../fixtures/command-line.js";

let server: ChildProcessWithoutNullStreams | undefined;
afterEach(() => {
  server?.kill("SIGKILL");
  server = undefined;
});

/** Starts a server on free ports; gives the base of its HTTP pages. */
async function serve(args: string[] = [], env: Record<string, string> = {}): Promise<string> {
  server = startPlayblast(["serve", "--port", "0", "--ws-port", "0", "--json", ...args], env);
  const [line] = await once(createInterface(server.stdout), "line");
  return JSON.parse(line).webSocket.replace(/^ws(.*)\/v1\/shot$/, "http$1");
}

const statusOf = async (url: string, token: string) =>
  (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status;

describe("playblast serve", () => {
  it("takes its token from the environment, and --token before it", async () => {
    const env = { PLAYBLAST_TOKEN: "from-env" };
    const one = await serve([], env);
    expect(await statusOf(`${one}/v1/models`, "from-env")).toBe(200);
    expect(await statusOf(`${one}/v1/models`, "another")).toBe(401);
    server?.kill("SIGKILL");
    const other = await serve(["--token", "given"], env);
    expect(await statusOf(`${other}/v1/models`, "given")).toBe(200);
    expect(await statusOf(`${other}/v1/models`, "from-env")).toBe(401);
  });

  it("refuses an empty token instead of letting everybody in", async () => {
    expect(playblast("serve", "--token", "")).toMatchObject({ status: 2, stderr: expect.stringMatching(/is empty/) });
    server = startPlayblast(["serve", "--port", "0", "--ws-port", "0"], { PLAYBLAST_TOKEN: "" });
    const [message] = await once(server.stderr.setEncoding("utf8"), "data");
    expect(message).toMatch(/'PLAYBLAST_TOKEN' is invalid. It is empty; give a token/);
    expect(await once(server, "exit")).toEqual([2, null]);
  });

  it("ends when standard input closes, where it was told to", async () => {
    await serve(["--end-with-stdin"]);
    server?.stdin.end("what comes in means nothing");
    expect(await once(server!, "exit")).toEqual([0, null]);
  });

  it("ends when standard input has closed before it was ready", async () => {
    server = startPlayblast(["serve", "--port", "0", "--ws-port", "0", "--end-with-stdin"]);
    server.stdin.end();
    expect(await once(server, "exit")).toEqual([0, null]);
  });

  it("does not care for standard input otherwise", async () => {
    const base = await serve();
    server?.stdin.end();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await (await fetch(`${base}/health`)).text()).toBe("ok\n");
    server?.kill("SIGINT");
    expect(await once(server!, "exit")).toEqual([0, null]);
  });

  it("ends by Ctrl-C or a taken port although standard input stays open", async () => {
    await serve(["--end-with-stdin"]);
    server?.kill("SIGINT");
    expect(await once(server!, "exit")).toEqual([0, null]);
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    server = startPlayblast(["serve", "--port", "0", "--ws-port", String(port), "--end-with-stdin"]);
    expect(await once(server, "exit")).toEqual([1, null]);
    taken.close();
  });
});
