import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ClientShot, PlayblastClient } from "../../src/client/client.js";
import { playTake } from "../../src/client/play-take.js";
import type { ShotAnswer } from "../../src/protocol/codec.js";
import { NoticeKind } from "../../src/protocol/generated/playblast/v1/shot_event.js";
import { inspectTake } from "../../src/take/inspect-take.js";
import { readTake } from "../../src/take/take-reader.js";
import { at } from "../fixtures/command-line.js";
import { fakeModelHost } from "../fixtures/fake-model-host.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";

let folder: string;
let takes: string;
let running: Awaited<ReturnType<typeof testServer>>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "playblast-recording-"));
  takes = join(folder, "takes");
  await mkdir(takes);
  running = await testServer({ takeFolder: takes });
});
afterEach(async () => {
  await running.close();
  await rm(folder, { recursive: true });
});

const recordAs = (name: string) => running.client.openShot(openShot("export", { recordAs: name }));

async function answersOf(shot: ClientShot): Promise<ShotAnswer[]> {
  const answers: ShotAnswer[] = [];
  for await (const answer of shot) answers.push(answer);
  return answers;
}

const failures = (answers: ShotAnswer[]) =>
  answers.flatMap((a) =>
    a.$case === "notice" && a.value.kind === NoticeKind.NOTICE_KIND_RECORDING_FAILED ? [a.value.message] : [],
  );
const generated = (answers: ShotAnswer[]) => answers.filter((a) => a.$case === "generatedFrame").length;

/** Sends a look and some ticks, does something to the disk, sends some more and closes. */
async function play(shot: ClientShot, between: () => Promise<unknown> = async () => {}): Promise<ShotAnswer[]> {
  const reading = answersOf(shot);
  await shot.post({ $case: "firstFrame", value: firstFrame(0) });
  for (let tick = 0; tick < 4; tick++) await shot.send(engineFrame(tick));
  await between();
  for (let tick = 4; tick < 8; tick++) await shot.send(engineFrame(tick));
  await shot.close();
  return reading;
}

describe("a recording that fails ends alone: its shot goes on and its client hears why", () => {
  it.each([
    ["the take folder is removed", () => rm(takes, { recursive: true })],
    ["the partial file is removed", () => unlink(join(takes, "scene.mcap.partial"))],
    [
      "another file takes the partial file's place",
      async () => {
        await unlink(join(takes, "scene.mcap.partial"));
        await writeFile(join(takes, "scene.mcap.partial"), "somebody's");
      },
    ],
  ])("when %s", async (_, harm) => {
    const bystander = await running.client.openShot(openShot());
    const answers = await play(await recordAs("scene"), harm);
    expect(generated(answers)).toBe(8);
    expect(failures(answers)).toEqual([expect.stringMatching(/^The recording failed \(.+\)\..*The shot goes on/)]);
    expect(answers.at(-1)).toMatchObject({ $case: "shotClosed", value: { generated: 8, dropped: 0 } });
    expect(generated(await play(bystander))).toBe(8);
    // And the server takes new shots.
    expect(generated(await play(await running.client.openShot(openShot())))).toBe(8);
    expect(existsSync(join(takes, "scene.mcap"))).toBe(false);
    const left = join(takes, "scene.mcap.partial");
    if (existsSync(left)) expect(await readFile(left, "utf8")).toBe("somebody's");
  });
});

describe("a disk that is full", () => {
  it("ends the recording alone, also of a server of the command line's", async () => {
    // Files of this process may have 64 KiB: writing more fails, as on a full disk.
    const command = `ulimit -f 128; exec "$0" "$@" serve --port 0 --ws-port 0 --takes "${takes}" --json --log-level error`;
    const server = spawn("sh", ["-c", command, process.execPath, at("dist/cli/playblast.js")]);
    let log = "";
    server.stderr.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
    const [line] = (await once(createInterface(server.stdout), "line")) as [string];
    const client = new PlayblastClient((JSON.parse(line) as { grpc: string }).grpc);
    const size = { width: 128, height: 64 };
    const noise = randomBytes(size.width * size.height * 4);
    const frame = engineFrame(0);
    const planes = [{ ...frame.planes[0], size, data: noise }];
    // A live shot without a look: every tick is answered at once, as dropped.
    const stream = async (name: string, ticks: number) => {
      const shot = await client.openShot(openShot("live", { recordAs: name, frameSize: size }));
      const reading = answersOf(shot);
      for (let tick = 0; tick < ticks; tick++) {
        await shot.send({ ...frame, tick, planes });
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
      await shot.close();
      return reading;
    };
    try {
      const [full, small] = await Promise.all([stream("full", 60), stream("small", 1)]);
      expect(failures(full)).toEqual([
        expect.stringMatching(/The recording failed \(.*(EFBIG|too large).*\).*The shot goes on/),
      ]);
      expect(full.at(-1)).toMatchObject({ $case: "shotClosed", value: { received: 60, dropped: 60 } });
      expect(failures(small)).toEqual([]);
      // What fitted is kept, and a take that fits is whole.
      expect(await inspectTake(join(takes, "small.mcap"))).toMatchObject({ frames: 1, damage: undefined });
      const left = (await readdir(takes)).filter((name) => name !== "small.mcap");
      expect(left).toEqual(existsSync(join(takes, "full.mcap.partial")) ? ["full.mcap.partial"] : []);
      expect(failures(await stream("later", 1))).toEqual([]);
      expect(log).toMatch(/recording failed/);
      expect(server.exitCode).toBe(null);
    } finally {
      client.close();
      server.kill("SIGKILL");
    }
  }, 60_000);
});

describe("a take is not destroyed by its name", () => {
  it("when two shots want it: the second is refused, in any case of its letters", async () => {
    const first = await recordAs("scene");
    for (const name of ["scene", "Scene", "SCENE"]) {
      await expect(recordAs(name)).rejects.toThrow(
        /record_as.*scene\.mcap\.partial exists already.*choose another name/,
      );
    }
    expect(failures(await play(first))).toEqual([]);
    await expect(recordAs("sCene")).rejects.toThrow(/scene\.mcap exists already; choose another name or move/);
    expect(await inspectTake(join(takes, "scene.mcap"))).toMatchObject({
      frames: 8,
      damage: undefined,
      refusedCount: 0,
    });
    expect(await readdir(takes)).toEqual(["scene.mcap"]);
  });

  it("when a partial file of that name lies there", async () => {
    const rescued = join(takes, "rescued.mcap.partial");
    await writeFile(rescued, "what a crash left");
    await expect(recordAs("rescued")).rejects.toThrow(/rescued\.mcap\.partial exists already.*start the server anew/);
    expect(await readFile(rescued, "utf8")).toBe("what a crash left");
  });

  it.each(["linked.mcap", "linked.mcap.partial"])("when %s is a link to somewhere else", async (name) => {
    const elsewhere = join(folder, "elsewhere");
    for (const there of [true, false]) {
      if (there) await writeFile(elsewhere, "precious");
      else await unlink(elsewhere);
      await rm(join(takes, name), { force: true });
      await symlink(elsewhere, join(takes, name));
      await expect(recordAs("linked")).rejects.toThrow(/exists already/);
      if (there) expect(await readFile(elsewhere, "utf8")).toBe("precious");
      else expect(existsSync(elsewhere)).toBe(false);
      expect((await lstat(join(takes, name))).isSymbolicLink()).toBe(true);
    }
  });

  it("when a file of that name appears meanwhile: the take gets the next name, and says so", async () => {
    const answers = await play(await recordAs("scene"), () => writeFile(join(takes, "scene.mcap"), "somebody's"));
    expect(failures(answers)).toEqual([expect.stringMatching(/scene\.mcap appeared.*the take is scene-2\.mcap/)]);
    expect(await readFile(join(takes, "scene.mcap"), "utf8")).toBe("somebody's");
    expect(await inspectTake(join(takes, "scene-2.mcap"))).toMatchObject({ frames: 8, damage: undefined });
    expect(existsSync(join(takes, "scene.mcap.partial"))).toBe(false);
  });

  it.each(["CON", "nul", "Aux", "prn.v2", "com1", "LPT9.x", "x.", ".x", "a b", "..", "x ", "a/b", "a\\b", "é", ""])(
    "by the name '%s', which no folder can hold on every system",
    async (name) => {
      if (name === "") {
        // No name asks for no recording.
        await play(await recordAs(name));
        expect(await readdir(takes)).toEqual([]);
      } else {
        await expect(recordAs(name)).rejects.toMatchObject({ field: "open_shot.record_as" });
        await expect(recordAs(name)).rejects.toThrow(/letters, digits|Windows keeps for a device/);
      }
    },
  );

  it("by a shot that never opens: nothing stays, and the name is free", async () => {
    let broken = true;
    const other = await testServer({
      takeFolder: takes,
      openModel: async () => ({
        ...fakeModelHost(),
        openShot: (setup) => (broken ? Promise.reject(new Error("no memory")) : fakeModelHost().openShot(setup)),
      }),
    });
    const open = () => other.client.openShot(openShot("export", { recordAs: "scene" }));
    await expect(open()).rejects.toThrow(/no memory/);
    await expect.poll(() => readdir(takes)).toEqual([]);
    broken = false;
    expect(failures(await play(await open()))).toEqual([]);
    await other.close();
    expect(await inspectTake(join(takes, "scene.mcap"))).toMatchObject({ frames: 8 });
  });
});

describe("a take holds what its shot accepted", () => {
  it("and not the message that ended it, so that it renders", async () => {
    const shot = await recordAs("scene");
    const reading = answersOf(shot).catch((error: Error) => error);
    await shot.post({ $case: "firstFrame", value: firstFrame(0) });
    for (let tick = 0; tick < 3; tick++) await shot.send(engineFrame(tick));
    const spoilt = engineFrame(3);
    spoilt.objects[0].transform = { ...spoilt.objects[0].transform!, position: { x: Number.NaN, y: 0, z: 0 } };
    await shot.send(spoilt);
    expect(String(await reading)).toMatch(/engine_frame\.objects\[0\]\.transform\.position/);
    const take = join(takes, "scene.mcap");
    await expect.poll(() => existsSync(take)).toBe(true);
    expect(await inspectTake(take)).toMatchObject({ frames: 3, lastTick: 2, refusedCount: 0, damage: undefined });
    let ticks = 0;
    for await (const answer of playTake(running.client, readTake(take), { mode: "export" }))
      if (answer.$case === "generatedFrame") ticks++;
    expect(ticks).toBe(3);
  });

  it("and is there when the client hears ShotClosed", async () => {
    const shot = await recordAs("scene");
    const sending = (async () => {
      await shot.post({ $case: "firstFrame", value: firstFrame(0) });
      for (let tick = 0; tick < 8; tick++) await shot.send(engineFrame(tick));
      await shot.close();
    })();
    for await (const answer of shot) {
      if (answer.$case === "shotClosed") expect(existsSync(join(takes, "scene.mcap"))).toBe(true);
      else expect(existsSync(join(takes, "scene.mcap"))).toBe(false);
    }
    await sending;
    expect(await inspectTake(join(takes, "scene.mcap"))).toMatchObject({ frames: 8, damage: undefined });
  });

  it("with a frame rate of 24000/1001 included", async () => {
    const frameRate = 24000 / 1001;
    const shot = await running.client.openShot(openShot("export", { recordAs: "scene", frameRate }));
    await play(shot);
    const [opening] = await (async () => {
      const messages = [];
      for await (const message of readTake(join(takes, "scene.mcap"))) messages.push(message);
      return messages;
    })();
    expect(opening).toMatchObject({ $case: "openShot", value: { frameRate } });
    expect((await inspectTake(join(takes, "scene.mcap"))).frameRate).toBe(frameRate);
  });
});
