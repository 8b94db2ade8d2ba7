import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ClientShot, PlayblastClient } from "../../src/client/client.js";
import { startPlayblast } from "../fixtures/command-line.js";
import { childrenOf, exists } from "../fixtures/processes.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";

const UNAVAILABLE = 14;
/** With eight steps a chunk takes 15 s and more, most of it in runs of the network, which cannot be stopped. Planes stay small. */
const LARGE = { frameSize: { width: 1280, height: 640 }, steps: 8 };
/** Ending takes well under a second; waiting for the chunk would take longer than this. */
const MOST_ENDING_MS = 8000;

let server: ChildProcess;
let client: PlayblastClient;
beforeEach(async () => {
  const child = startPlayblast(["serve", "--port", "0", "--ws-port", "0", "--json", "--log-level", "silent"]);
  server = child;
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  client = new PlayblastClient((JSON.parse(line) as { grpc: string }).grpc);
});
afterEach(() => {
  client.close();
  server.kill("SIGKILL");
});

/** A shot of four ticks, and the ticks that have come back generated. */
async function started(shot: ClientShot) {
  const generated: number[] = [];
  const done = (async () => {
    for await (const answer of shot) if (answer.$case === "generatedFrame") generated.push(answer.value.tick);
  })();
  done.catch(() => {});
  await shot.post({ $case: "firstFrame", value: firstFrame(0) });
  for (let tick = 0; tick < 4; tick++) await shot.send(engineFrame(tick));
  return { shot, generated, done };
}

/** A small shot from its opening to its end. */
async function whole(mode: "live" | "export"): Promise<number[]> {
  const { shot, generated, done } = await started(await client.openShot(openShot(mode)));
  await shot.close();
  await done;
  return generated;
}

describe("A server whose model runs in processes of its own", () => {
  it("tells a shot that its process died, and paints the next one", async () => {
    expect(await whole("export")).toEqual([0, 1, 2, 3]);
    const { done } = await started(await client.openShot(openShot("export", LARGE)));
    await new Promise((resolve) => setTimeout(resolve, 500));
    const children = childrenOf(server.pid as number);
    expect(children).toHaveLength(1);
    for (const child of children) process.kill(child, "SIGKILL");
    await expect(done).rejects.toMatchObject({
      code: UNAVAILABLE,
      message: expect.stringMatching(/the model's worker ended; open the shot again/),
    });
    for (const mode of ["export", "live"] as const) expect(await whole(mode)).toEqual([0, 1, 2, 3]);
  }, 120_000);

  it("paints a live shot while an export's chunk runs, and the next one when the export's client has gone", async () => {
    const { shot, generated } = await started(await client.openShot(openShot("export", LARGE)));
    expect(await whole("live")).toEqual([0, 1, 2, 3]);
    expect(generated).toEqual([]);
    shot.cancel();
    expect(await whole("export")).toEqual([0, 1, 2, 3]);
  }, 120_000);

  it.each(["SIGTERM", "SIGINT"] as const)(
    "ends by %s in the middle of a chunk",
    async (signal) => {
      await started(await client.openShot(openShot("export", LARGE)));
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const children = childrenOf(server.pid as number);
      expect(children.length).toBeGreaterThan(0);
      const start = performance.now();
      server.kill(signal);
      expect(await once(server, "exit")).toEqual([0, null]);
      expect(performance.now() - start).toBeLessThan(MOST_ENDING_MS);
      await expect.poll(() => children.filter(exists), { timeout: 10_000 }).toEqual([]);
    },
    60_000,
  );

  it.runIf(process.platform === "linux")("loads ONNX Runtime there and nowhere else", async () => {
    await whole("export");
    const loads = (pid: number) => readFileSync(`/proc/${pid}/maps`, "utf8").includes("onnxruntime");
    expect(childrenOf(server.pid as number).map(loads)).toEqual([true]);
    expect(loads(server.pid as number)).toBe(false);
  });

  it("leaves no process behind when it is killed", async () => {
    await whole("export");
    const [child] = childrenOf(server.pid as number);
    server.kill("SIGKILL");
    await expect.poll(() => exists(child), { timeout: 10_000 }).toBe(false);
  });
});
