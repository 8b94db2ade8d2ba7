import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ClientShot } from "../../src/client/client.js";
import { FAMILIES } from "../../src/diffusion/families.js";
import type { ShotAnswer } from "../../src/protocol/codec.js";
import { NoticeKind } from "../../src/protocol/generated/playblast/v1/shot_event.js";
import { openModel } from "../../src/shot/open-model.js";
import { at } from "../fixtures/command-line.js";
import { flatFamily } from "../fixtures/flat-family.mjs";
import { childrenOf } from "../fixtures/processes.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";

const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;

const RED = 200;
const FLAT_WORKER = new URL("../fixtures/flat-worker.mjs", import.meta.url);

let folder: string;
let running: Awaited<ReturnType<typeof testServer>>;
let logged: string[];

beforeAll(() => void FAMILIES.push(flatFamily));
afterAll(() => void FAMILIES.pop());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "playblast-families-"));
  for (const name of ["default.json", "default.onnx"]) copyFileSync(at(`models/${name}`), join(folder, name));
  writeFlat("flat");
  logged = [];
  running = await testServer({
    modelFolder: folder,
    openModel: (model, options) => openModel(model, { ...options, script: FLAT_WORKER }),
    log: pino({ level: "error" }, { write: (line: string) => void logged.push(line) }),
  });
});
afterEach(async () => {
  await running.close();
  rmSync(folder, { recursive: true, force: true });
});

const digest = (bytes: string) => createHash("sha256").update(bytes).digest("hex");

/** Writes the card and the files of a model of the flat family. */
function writeFlat(id: string, changes: Record<string, unknown> = {}): void {
  const card = { id, family: "flat", red: RED, ink: "ink.bin", inkSha256: digest("ink") };
  const paper = { paper: "paper.bin", paperSha256: digest("paper") };
  writeFileSync(join(folder, `${id}.json`), JSON.stringify({ ...card, ...paper, ...changes }));
  writeFileSync(join(folder, "ink.bin"), "ink");
  writeFileSync(join(folder, "paper.bin"), "paper");
}

/** All answers of a shot from here on; its error is the promise's. */
async function answersOf(shot: ClientShot): Promise<ShotAnswer[]> {
  const answers: ShotAnswer[] = [];
  for await (const answer of shot) answers.push(answer);
  return answers;
}

/** The first pixel of each picture by tick: [red, frames in its chunk, letters of the words]. */
function pixels(answers: readonly ShotAnswer[]): Record<number, number[]> {
  return Object.fromEntries(
    answers.flatMap((answer) =>
      answer.$case === "generatedFrame" ? [[answer.value.tick, [...answer.value.image.subarray(0, 3)]]] : [],
    ),
  );
}

const prompt = (text: string) => ({ $case: "promptChange", value: { prompt: text } }) as const;
const cut = { $case: "cut", value: { forgetLook: false, newPlace: true } } as const;
const look = { $case: "firstFrame", value: firstFrame(0) } as const;

describe("A model of another family, over a real connection", () => {
  it("is painted with, told of and sized by its own rules, in chunks of its own lengths", async () => {
    const page = await fetch(`http://127.0.0.1:${running.server.webSocketPort}/v1/models`);
    const { models } = (await page.json()) as { models: unknown[] };
    expect(models).toContainEqual({
      id: "flat",
      family: "flat",
      takes_prompt: true,
      look_images: 2,
      chunk_length: 3,
      provider: null,
    });
    const shot = await running.client.openShot(openShot("export", { model: "flat", prompt: "four" }));
    expect(shot.ready).toMatchObject({
      model: "flat",
      chunkLength: 3,
      frameSize: { width: 48, height: 24 },
      steps: 3,
      credit: 12,
      provider: "cpu",
      takesPrompt: true,
    });
    const done = answersOf(shot);
    await shot.post(look);
    for (let tick = 0; tick < 6; tick++) await shot.send(engineFrame(tick));
    await shot.post(cut);
    for (let tick = 6; tick < 9; tick++) await shot.send(engineFrame(tick));
    await shot.close();
    const answers = await done;
    const chunk = (frames: number) => [RED, frames, 4];
    // A first chunk of two, one of three, what is left before the cut, and the same from there on.
    expect(pixels(answers)).toEqual(
      Object.fromEntries([2, 2, 3, 3, 3, 1, 2, 2, 1].map((frames, tick) => [tick, chunk(frames)])),
    );
    expect(answers.filter(({ $case }) => $case === "notice")).toEqual([]);
  });

  it("chooses among its own sizes and steps where the client leaves the choice", async () => {
    const frameSize = { width: 0, height: 0 };
    const live = await running.client.openShot(openShot("live", { model: "flat", frameSize }));
    expect(live.ready).toMatchObject({ frameSize: { width: 96, height: 72 }, steps: 3 });
    const exported = await running.client.openShot(openShot("export", { model: "flat", frameSize }));
    expect(exported.ready).toMatchObject({ frameSize: { width: 48, height: 24 }, steps: 3 });
    // Where the default model would start a second process.
    expect(childrenOf(process.pid)).toHaveLength(1);
    live.cancel();
    exported.cancel();
    await expect(running.client.openShot(openShot("export", { model: "flat", steps: 5 }))).rejects.toMatchObject({
      code: INVALID_ARGUMENT,
      field: "open_shot.steps",
      message: expect.stringMatching(/is 5; the model takes 2 to 4/),
    });
  });

  it("hears new words in their order among the frames, from the next chunk on", async () => {
    const shot = await running.client.openShot(openShot("export", { model: "flat" }));
    const done = answersOf(shot);
    await shot.post(look);
    await shot.send(engineFrame(0));
    // In the middle of the chunk of ticks 0 and 1, then twice in that of 2 to 4, of which the last word holds.
    await shot.post(prompt("a"));
    for (const tick of [1, 2]) await shot.send(engineFrame(tick));
    await shot.post(prompt("bb"));
    await shot.send(engineFrame(3));
    await shot.post(prompt("ccc"));
    for (const tick of [4, 5]) await shot.send(engineFrame(tick));
    await shot.post({ $case: "flush", value: {} });
    await shot.post(prompt(""));
    await shot.send(engineFrame(6));
    await shot.close();
    expect(pixels(await done)).toEqual({
      0: [RED, 2, 0],
      1: [RED, 2, 0],
      2: [RED, 3, 1],
      3: [RED, 3, 1],
      4: [RED, 3, 1],
      5: [RED, 1, 3],
      6: [RED, 1, 0],
    });
  });

  it("refuses what it cannot take by the field's name, and its process paints the next shot", async () => {
    const frameSize = { width: 481, height: 24 };
    await expect(running.client.openShot(openShot("export", { model: "flat", frameSize }))).rejects.toMatchObject({
      code: RESOURCE_EXHAUSTED,
      field: "open_shot.frame_size",
      message: expect.stringMatching(/is 504 wide; a flat picture has at most 480/),
    });
    const shot = await running.client.openShot(openShot("export", { model: "flat" }));
    const done = answersOf(shot);
    await shot.post(prompt("x".repeat(201)));
    await expect(done).rejects.toMatchObject({ code: INVALID_ARGUMENT, field: "prompt_change.prompt" });
    const next = await running.client.openShot(openShot("export", { model: "flat" }));
    await next.post(look);
    await next.send(engineFrame(0));
    await next.close();
    expect(Object.keys(pixels(await answersOf(next)))).toEqual(["0"]);
    expect(logged).toEqual([]);
  });

  it("ends its own shots alone when its process crashes: the default model's shot and the server go on", async () => {
    const [flat, other] = [
      await running.client.openShot(openShot("export", { model: "flat" })),
      await running.client.openShot(openShot("export", { model: "default" })),
    ];
    const [flatDone, otherDone] = [answersOf(flat), answersOf(other)];
    for (const shot of [flat, other]) {
      await shot.post(look);
      await shot.send(engineFrame(0));
    }
    await flat.post(prompt("crash"));
    await flat.post({ $case: "flush", value: {} });
    await expect(flatDone).rejects.toMatchObject({
      code: UNAVAILABLE,
      message: expect.stringMatching(/the model's worker ended; open the shot again/),
    });
    for (let tick = 1; tick < 6; tick++) await other.send(engineFrame(tick));
    await other.close();
    expect(Object.keys(pixels(await otherDone))).toEqual(["0", "1", "2", "3", "4", "5"]);
    const again = await running.client.openShot(openShot("export", { model: "flat" }));
    await again.post(look);
    await again.send(engineFrame(0));
    await again.close();
    expect(pixels(await answersOf(again))).toEqual({ 0: [RED, 1, 0] });
    expect(logged.join()).toMatch(/the model's process ended with SIGABRT/);
  });

  it("tells a client of a model without words so, once for each of its words", async () => {
    const shot = await running.client.openShot(openShot("export", { model: "default", prompt: "at night" }));
    expect(shot.ready.takesPrompt).toBe(false);
    await shot.post(prompt("at dawn"));
    await shot.close();
    const notices = (await answersOf(shot)).flatMap((answer) => (answer.$case === "notice" ? [answer.value] : []));
    expect(notices).toHaveLength(2);
    for (const notice of notices)
      expect(notice).toMatchObject({
        kind: NoticeKind.NOTICE_KIND_IGNORED,
        message: expect.stringMatching(/takes no prompt/),
      });
  });

  it.each([
    [{ family: "flatt" }, /'family' is "flatt", expected 'filled-warp-correction' or 'flat'/],
    [{ red: 256 }, /'red' is 256, expected a whole number from 0 to 255/],
    [{ paper: "../paper.bin" }, /'paper' is "..\/paper.bin", expected the name of a file beside the card/],
    [{ inkSha256: undefined }, /'inkSha256' is missing, expected 64 hexadecimal digits/],
    [{ paperSha256: digest("other") }, /paper.bin is corrupt: sha256 is [0-9a-f]{64}/],
  ])("is refused with a card of %j: the log says why, the client that it cannot be loaded", async (changes, reason) => {
    writeFlat("wrong", changes);
    await expect(running.client.openShot(openShot("export", { model: "wrong" }))).rejects.toMatchObject({
      code: FAILED_PRECONDITION,
      message: expect.stringMatching(/'wrong', which cannot be loaded; the server's log says why/),
    });
    expect(logged.map((line) => JSON.parse(line).err.message).join()).toMatch(reason);
  });
});
