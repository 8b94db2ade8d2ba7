import { createHash } from "node:crypto";
import { linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CONTROL_NAMES } from "../../src/conditioning/controls.js";
import type { FoundModel } from "../../src/diffusion/model-card.js";
import { ModelError } from "../../src/diffusion/model-error.js";
import { Models } from "../../src/server/models.js";
import type { HostState, ModelHost } from "../../src/shot/renderer.js";
import { fakeModelHost } from "../fixtures/fake-model-host.js";
import { openShot } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";

const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;
const RESOURCE_EXHAUSTED = 8;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "playblast-models-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const WEIGHTS = Buffer.from("weights");
const card = {
  family: "filled-warp-correction",
  weights: "model.onnx",
  sha256: createHash("sha256").update(WEIGHTS).digest("hex"),
  chunkLength: 4,
  sizeMultiple: 16,
  steps: 1,
  sigma: 0.25,
  controls: CONTROL_NAMES,
};

/** Writes the card of a model into the folder; gives its path. */
function write(id: string, changes: Record<string, unknown> = {}): string {
  const path = join(folder, `${id}.json`);
  writeFileSync(path, JSON.stringify({ id, ...card, ...changes }));
  writeFileSync(join(folder, card.weights), WEIGHTS);
  return path;
}

/** A fake host whose state the test sets. */
function hostWith(state: { -readonly [Key in keyof HostState]?: HostState[Key] }): ModelHost & { closed: boolean } {
  const host = {
    ...fakeModelHost(),
    state: { serving: true, openShots: 0, bytes: 0, onServingChange: () => {}, ...state } as HostState,
    closed: false,
    close: async () => {
      host.closed = true;
    },
  };
  return host;
}

describe("a client's name for a model", () => {
  const SECRET = "correct horse battery staple";

  it.each(["the path of a file", "the path of a card", "a way up", "another spelling", "a name of nobody's"])(
    "that is %s gets the same answer, which tells nothing of the server's files, and starts nothing",
    async (what) => {
      const opened: FoundModel[] = [];
      write("mine");
      writeFileSync(join(folder, "secret.json"), JSON.stringify({ id: SECRET, family: SECRET }));
      const name = {
        "the path of a file": join(folder, "secret.json"),
        "the path of a card": join(folder, "mine.json"),
        "a way up": "../mine",
        "another spelling": "./mine",
        "a name of nobody's": "gone",
      }[what] as string;
      const running = await testServer({
        modelFolder: folder,
        model: join(folder, "mine.json"),
        openModel: async (model) => {
          opened.push(model);
          return fakeModelHost();
        },
      });
      const error = await running.client.openShot(openShot("export", { model: name })).catch((e) => e);
      expect(error).toMatchObject({ code: NOT_FOUND, field: "open_shot.model" });
      expect(error.message).toMatch(/is no model here; this server has 'mine'/);
      expect(error.message.replaceAll(`'${name}'`, "")).not.toContain(folder);
      expect(error.message).not.toContain(SECRET);
      expect(opened).toEqual([]);
      (await running.client.openShot(openShot("export", { model: "mine" }))).cancel();
      expect(opened).toHaveLength(1);
      await running.close();
    },
  );

  it("whose weights are corrupt gets no digest and no path, and is not read again at once", async () => {
    write("mine");
    write("half");
    let reads = 0;
    const running = await testServer({
      modelFolder: folder,
      model: "mine",
      openModel: async ({ id, files: [weights] }) => {
        if (id !== "half") return fakeModelHost();
        reads++;
        throw new ModelError(`${weights.path} is corrupt: sha256 is ${card.sha256}`, false);
      },
    });
    for (let i = 0; i < 5; i++) {
      const error = await running.client.openShot(openShot("export", { model: "half" })).catch((e) => e);
      expect(error).toMatchObject({
        code: FAILED_PRECONDITION,
        message: expect.stringMatching(/'half', which cannot/),
      });
      expect(error.message).not.toMatch(new RegExp(`${folder}|${card.sha256}`));
    }
    expect(reads).toBe(1);
    (await running.client.openShot(openShot())).cancel();
    await running.close();
  });
});

describe("the models of a server", () => {
  it("have one host each, however they are called and however often they are asked for at a time", async () => {
    const path = write("mine");
    symlinkSync(path, join(folder, "soft.json"));
    linkSync(path, join(folder, "hard.json"));
    const opened: FoundModel[] = [];
    const models = new Models(
      async (model) => {
        opened.push(model);
        return fakeModelHost();
      },
      path,
      { folder },
    );
    const names = ["", "mine", "soft", "hard", "mine"];
    const hosts = await Promise.all(names.map((name) => models.get(name)));
    expect(new Set(hosts).size).toBe(1);
    expect(opened).toHaveLength(1);
  });

  it("make room for another by unloading the one used longest ago, and none that paints", async () => {
    const hosts = new Map<string, ReturnType<typeof hostWith>>();
    for (const id of ["a", "b", "c", "d"]) write(id);
    const models = new Models(
      async ({ id }) => {
        const host = hostWith({ bytes: 100e6 });
        hosts.set(id, host);
        return host;
      },
      "a",
      { folder, memoryBytes: 400e6, now: () => now },
    );
    let now = 0;
    for (const id of ["a", "b", "c", "a"]) {
      await models.get(id);
      now += 60_000;
    }
    expect([...hosts.values()].map(({ closed }) => closed)).toEqual([false, false, false]);
    Object.assign(hosts.get("b")?.state ?? {}, { openShots: 1 });
    await models.get("d");
    expect(Object.fromEntries([...hosts].map(([id, { closed }]) => [id, closed]))).toEqual({
      a: false,
      b: false,
      c: true,
      d: false,
    });
    // Now everything was just used or paints.
    await models.get("a");
    await expect(models.get("c")).rejects.toMatchObject({
      code: RESOURCE_EXHAUSTED,
      message: expect.stringMatching(/other models take now \('a', 'b', 'd'\)/),
    });
  });

  it("say that they do not serve while the default is down or failed to load, and when it is back", async () => {
    write("mine");
    write("other");
    const listeners: ((serving: boolean) => void)[] = [];
    const state = {
      serving: true,
      openShots: 0,
      bytes: 0,
      onServingChange: (l: (s: boolean) => void) => void listeners.push(l),
    };
    let loads = 0;
    const models = new Models(
      async ({ id }) => {
        if (id === "other") throw new ModelError("no graph", false);
        if (++loads === 1) throw new Error("the process ended");
        return hostWith(state);
      },
      "mine",
      { folder },
    );
    const heard: boolean[] = [];
    models.onServingChange((serving) => heard.push(serving));
    await expect(models.get("other")).rejects.toMatchObject({ code: FAILED_PRECONDITION });
    expect(models.serving).toBe(true);
    await expect(models.get("")).rejects.toMatchObject({ code: 14 });
    expect(models.serving).toBe(false);
    // Nobody sends shots to a server that does not serve: it tries again by itself.
    await expect.poll(() => models.serving, { timeout: 10_000 }).toBe(true);
    const host = await models.get("mine");
    for (const serving of [false, true]) {
      Object.assign(host.state ?? {}, { serving });
      for (const listener of listeners) listener(serving);
      expect(models.serving).toBe(serving);
    }
    expect(heard).toEqual([false, true, false, true]);
    await models.close();
  });

  it("close a host that is still being loaded", async () => {
    write("mine");
    const host = hostWith({});
    let loaded: (() => void) | undefined;
    const models = new Models(
      () =>
        new Promise((resolve) => {
          loaded = () => resolve(host);
        }),
      "mine",
      { folder },
    );
    const asked = models.get("");
    const closing = models.close();
    loaded?.();
    await Promise.all([asked, closing]);
    expect(host.closed).toBe(true);
    await expect(models.get("")).rejects.toMatchObject({ code: 14 });
  });
});
