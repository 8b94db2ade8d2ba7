import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { findModel } from "playblast/diffusion/model-card";
import { openModel } from "playblast/shot/open-model";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RenderSetup } from "../../src/diffusion/family.js";
import type { EngineFrame } from "../../src/scene/engine-frame.js";
import type { FrameSize } from "../../src/scene/picture.js";
import type { ModelHost } from "../../src/shot/renderer.js";
import { at } from "../fixtures/command-line.js";
import { childrenOf, exists } from "../fixtures/processes.js";
import { RAY_SCENE, rayFrame } from "../fixtures/ray-scene.js";

const UNAVAILABLE = 14;
const SMALL = { width: 32, height: 16 };
/** Large enough to be seen in memory, not so large that a process collects before each chunk. */
const MIDDLE = { width: 512, height: 256 };
/** A chunk takes a second or more, and memory enough that its process ends with it. */
const LARGE = { width: 640, height: 320 };

let host: ModelHost;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "playblast-worker-"));
});
afterEach(async () => {
  await host?.close();
  rmSync(folder, { recursive: true, force: true });
});

const setup = (live: boolean, size: FrameSize = SMALL): RenderSetup => ({
  scene: RAY_SCENE,
  size,
  seed: 1,
  steps: 1,
  prompt: "",
  preview: false,
  live,
});

/** Traced small; large frames are the same with each pixel repeated, for tracing them takes minutes. */
const TRACED = [0, 1, 2, 3].map((tick) => rayFrame(tick, SMALL));

function ticks(size: FrameSize): EngineFrame[] {
  if (size === SMALL) return TRACED;
  const scale = size.width / SMALL.width;
  const from = Uint32Array.from({ length: size.width * size.height }, (_, p) => {
    const x = Math.floor((p % size.width) / scale);
    return Math.floor(Math.floor(p / size.width) / scale) * SMALL.width + x;
  });
  return TRACED.map((frame) => ({
    ...frame,
    depth: Float32Array.from(from, (p) => frame.depth?.[p] ?? 0),
    ownerId: Uint16Array.from(from, (p) => frame.ownerId?.[p] ?? 0),
    shade: undefined,
    normal: undefined,
  }));
}

async function opened(live: boolean, size: FrameSize = SMALL) {
  const shot = await host.openShot(setup(live, size));
  const [first] = ticks(size);
  const rgb = Uint8Array.from({ length: size.width * size.height * 3 }, (_, i) => (i * 37) & 255);
  await shot.setFirstFrame({ ...size, rgb }, first, { newLook: true });
  return shot;
}

async function painted(live: boolean): Promise<Uint8Array[]> {
  const shot = await opened(live);
  const frames = await shot.render(ticks(SMALL));
  await shot.close();
  return frames.map(({ rgb }) => Uint8Array.from(rgb));
}

/** A worker that is whatever is written to its file. */
function script(text: string): URL {
  const path = join(folder, "worker.mjs");
  writeFileSync(path, text);
  return pathToFileURL(path);
}
const WHOLE = `import ${JSON.stringify(pathToFileURL(at("dist/shot/render-worker.js")).href)};`;

/** Ends every process of the host as a crash would. */
function crash(): void {
  for (const pid of childrenOf(process.pid)) process.kill(pid, "SIGKILL");
}

describe("A model's processes", () => {
  it("make the same pictures for a live shot and for an export, in whichever process each runs", async () => {
    host = await openModel(findModel(""));
    const [live, exported] = await Promise.all([painted(true), painted(false)]);
    expect(childrenOf(process.pid)).toHaveLength(2);
    expect(live).toEqual(exported);
    expect(live[0].some((value) => value > 0)).toBe(true);
  });

  it("are replaced when one dies: its shots fail with the reason, the next shot works", async () => {
    host = await openModel(findModel(""));
    const serving: boolean[] = [];
    host.state?.onServingChange((now) => serving.push(now));
    const shot = await opened(false, LARGE);
    const chunk = shot.render(ticks(LARGE));
    crash();
    await expect(chunk).rejects.toMatchObject({
      code: UNAVAILABLE,
      message: expect.stringMatching(/the model's worker ended; open the shot again/),
    });
    await expect(shot.cut({ forgetLook: false, newPlace: false })).rejects.toMatchObject({ code: UNAVAILABLE });
    await shot.close();
    await shot.close();
    expect(host.state).toMatchObject({ serving: false, openShots: 0 });
    expect(await painted(false)).toHaveLength(4);
    expect(serving).toEqual([false, true]);
    expect(host.state?.serving).toBe(true);
  });

  it("leave the shots of the other process alone when one dies", async () => {
    host = await openModel(findModel(""));
    const exported = await opened(false);
    const [first] = childrenOf(process.pid);
    const live = await opened(true);
    process.kill(first, "SIGKILL");
    await expect(exported.render(ticks(SMALL))).rejects.toMatchObject({ code: UNAVAILABLE });
    expect(await live.render(ticks(SMALL))).toHaveLength(4);
  });

  it("that die at every start are tried at longer and longer intervals, and shots are refused meanwhile", async () => {
    host = await openModel(findModel(""), { script: script(WHOLE) });
    script("process.exit(7)");
    crash();
    await expect.poll(() => host.openShot(setup(false)).catch((error) => error.message)).toMatch(/try again in \d+ s/);
    expect(host.state?.serving).toBe(false);
    script(WHOLE);
    await expect.poll(() => host.state?.serving, { timeout: 20_000 }).toBe(true);
    expect(await painted(false)).toHaveLength(4);
  });

  it("that end before the model is loaded are an error, not a wait", async () => {
    await expect(openModel(findModel(""), { script: script("process.exit(7)") })).rejects.toThrow(/ended/);
    expect(childrenOf(process.pid)).toEqual([]);
  });

  it("end at once in the middle of a run, again and again, without harm to this process", async () => {
    for (let round = 0; round < 4; round++) {
      host = await openModel(findModel(""));
      const shot = await opened(false, LARGE);
      const chunks = (async () => {
        for (;;) await shot.render(ticks(LARGE));
      })();
      chunks.catch(() => {});
      // Somewhere in conditioning or in the network.
      await new Promise((resolve) => setTimeout(resolve, 300 + 700 * round));
      const pids = childrenOf(process.pid);
      const start = performance.now();
      await host.close();
      expect(performance.now() - start).toBeLessThan(3000);
      expect(pids.filter(exists)).toEqual([]);
      await expect(chunks).rejects.toMatchObject({ code: UNAVAILABLE });
      await expect(host.openShot(setup(true))).rejects.toMatchObject({ code: UNAVAILABLE });
    }
  }, 120_000);

  it.runIf(process.platform === "linux")(
    "give a closed shot's memory back while another is open",
    async () => {
      host = await openModel(findModel(""));
      const kept = await opened(false);
      await kept.render(ticks(SMALL));
      const frames = ticks(MIDDLE).slice(0, 1);
      const one = async () => {
        const shot = await opened(false, MIDDLE);
        await shot.render(frames);
        await shot.close();
      };
      const [pid] = childrenOf(process.pid);
      const megabytes = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
      for (let shots = 0; shots < 2; shots++) await one();
      const before = megabytes();
      // Each takes some 40 MB beside what the network needs.
      for (let shots = 0; shots < 12; shots++) await one();
      await expect.poll(() => megabytes() - before, { timeout: 10_000 }).toBeLessThan(150);
      await kept.render(ticks(SMALL));
    },
    120_000,
  );

  it("do not go on with a chunk whose shot was closed, and give its memory back", async () => {
    host = await openModel(findModel(""));
    const large = await opened(false, LARGE);
    const pids = childrenOf(process.pid);
    const chunk = large.render(ticks(LARGE));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await large.close();
    await expect(chunk).rejects.toThrow(/is closed/);
    await expect.poll(() => pids.filter(exists), { timeout: 10_000 }).toEqual([]);
    expect(host.state?.serving).toBe(true);
    expect(await painted(false)).toHaveLength(4);
  }, 120_000);

  it("give up a closed shot's chunk between frames where others wait", async () => {
    host = await openModel(findModel(""));
    const large = await opened(false, LARGE);
    const small = await opened(false);
    const whole = performance.now();
    await large.render(ticks(LARGE));
    const chunkMs = performance.now() - whole;
    const chunk = large.render(ticks(LARGE));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const start = performance.now();
    await large.close();
    await expect(chunk).rejects.toThrow(/is closed/);
    expect(await small.render(ticks(SMALL))).toHaveLength(4);
    // One frame of four is conditioned to its end; the network, the longer part, is not run.
    expect(performance.now() - start).toBeLessThan(0.75 * chunkMs);
  }, 120_000);
});
