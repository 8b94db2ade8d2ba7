import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { decodeResponse, encodeRequest, type ShotAnswer } from "../../src/protocol/codec.js";
import { DropReason } from "../../src/protocol/generated/playblast/v1/generated_frame.js";
import { fakeModelHost } from "../fixtures/fake-model-host.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";

let running: Awaited<ReturnType<typeof testServer>>;
afterEach(() => running.close());

async function answersOf(shot: AsyncIterable<ShotAnswer>): Promise<ShotAnswer[]> {
  const answers: ShotAnswer[] = [];
  for await (const answer of shot) answers.push(answer);
  return answers;
}

const generated = (answers: ShotAnswer[]) =>
  answers.flatMap((a) => (a.$case === "generatedFrame" ? [a.value.tick] : []));
const dropped = (answers: ShotAnswer[]) => answers.flatMap((a) => (a.$case === "frameDropped" ? [a.value] : []));

describe("a shot over gRPC", () => {
  it("exports every tick in order, short chunks included", async () => {
    const log = { calls: [] as string[] };
    running = await testServer({ openModel: async () => fakeModelHost({ log }) });
    const shot = await running.client.openShot(openShot());
    expect(shot.ready).toMatchObject({
      model: "fake",
      chunkLength: 4,
      frameSize: { width: 32, height: 16 },
      credit: 16,
    });
    const reading = answersOf(shot);
    await shot.post({ $case: "firstFrame", value: firstFrame(10) });
    for (let tick = 10; tick < 40; tick++) await shot.send(engineFrame(tick));
    await shot.close();
    const answers = await reading;
    expect(generated(answers)).toEqual(Array.from({ length: 30 }, (_, i) => 10 + i));
    expect(answers.at(-1)).toMatchObject({ $case: "shotClosed", value: { received: 30, generated: 30, dropped: 0 } });
    expect(log.calls.slice(0, 2)).toEqual(["look 10", "render 10 11 12 13"]);
    expect(log.calls.slice(-2)).toEqual(["render 38 39", "close"]);
  });

  it("answers every live tick, and drops the oldest when the model is slow", async () => {
    running = await testServer({ openModel: async () => fakeModelHost({ delayMs: 120 }) });
    const shot = await running.client.openShot(openShot("live"));
    const reading = answersOf(shot);
    await shot.post({ $case: "firstFrame", value: firstFrame(0) });
    const frame = engineFrame(0);
    for (let tick = 0; tick < 40; tick++) {
      await shot.send({ ...frame, tick });
      await new Promise((resolve) => setTimeout(resolve, 8));
    }
    await shot.close();
    const answers = await reading;
    const drops = dropped(answers);
    expect(drops.length).toBeGreaterThan(0);
    expect(drops.every(({ reason }) => reason === DropReason.DROP_REASON_NEWER_FRAME)).toBe(true);
    const all = [...generated(answers), ...drops.map(({ tick }) => tick)].sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(generated(answers).at(-1)).toBe(39);
    expect(answers.some((a) => a.$case === "notice" && /does not keep up/.test(a.value.message))).toBe(true);
  });

  it("drops live frames that come before there is a look", async () => {
    running = await testServer();
    const shot = await running.client.openShot(openShot("live"));
    const reading = answersOf(shot);
    for (const tick of [0, 1]) await shot.send(engineFrame(tick));
    await shot.post({ $case: "firstFrame", value: firstFrame(1) });
    for (const tick of [2, 3, 4, 5]) await shot.send(engineFrame(tick));
    await shot.close();
    const answers = await reading;
    expect(dropped(answers)).toEqual([0, 1].map((tick) => ({ tick, reason: DropReason.DROP_REASON_NO_FIRST_FRAME })));
    expect(generated(answers)).toEqual([2, 3, 4, 5]);
  });

  it("cuts and takes a new look between chunks", async () => {
    const log = { calls: [] as string[] };
    running = await testServer({ openModel: async () => fakeModelHost({ log }) });
    const shot = await running.client.openShot(openShot());
    const reading = answersOf(shot);
    await shot.post({ $case: "firstFrame", value: firstFrame(0) });
    for (const tick of [0, 1, 2, 3, 4]) await shot.send(engineFrame(tick));
    await shot.post({ $case: "cut", value: { forgetLook: false, newPlace: false } });
    for (const tick of [5, 6]) await shot.send(engineFrame(tick));
    await shot.post({ $case: "firstFrame", value: firstFrame(6) });
    await shot.send(engineFrame(7));
    await shot.post({ $case: "flush", value: {} });
    await shot.close();
    const answers = await reading;
    expect(log.calls).toEqual([
      "look 0",
      "render 0 1 2 3",
      "render 4",
      "cut",
      "render 5 6",
      "look 6",
      "render 7",
      "close",
    ]);
    expect(answers.some((a) => a.$case === "flushed")).toBe(true);
    expect(answers.some((a) => a.$case === "notice" && a.value.tick === 6)).toBe(true);
  });

  it("runs two shots side by side", async () => {
    running = await testServer({ openModel: async () => fakeModelHost({ delayMs: 5 }) });
    const one = async (seed: number) => {
      const shot = await running.client.openShot(openShot("export", { seed }));
      await shot.post({ $case: "firstFrame", value: firstFrame(0) });
      const reading = answersOf(shot);
      for (let tick = 0; tick < 9; tick++) await shot.send(engineFrame(tick));
      await shot.close();
      return (await reading).flatMap((a) => (a.$case === "generatedFrame" ? [a.value.image[0]] : []));
    };
    const [a, b] = await Promise.all([one(1), one(2)]);
    expect(a).toHaveLength(9);
    expect(b).toEqual(a.map((value) => value + 1));
  });

  it("asks for the token, and lets nobody bind beyond this machine without one", async () => {
    running = await testServer({ token: "open sesame" });
    const shot = await running.client.openShot(openShot());
    shot.cancel();
    const { PlayblastClient } = await import("../../src/client/client.js");
    const stranger = new PlayblastClient(`127.0.0.1:${running.server.port}`, { token: "guess" });
    await expect(stranger.openShot(openShot())).rejects.toMatchObject({ code: 16 });
    stranger.close();
    await expect(testServer({ host: "0.0.0.0" })).rejects.toThrow(/token is needed/);
    await expect(testServer({ host: "0.0.0.0", token: "x" })).rejects.toThrow(/TLS is needed/);
  });

  it("closes twice without harm, ending what runs", async () => {
    running = await testServer({ openModel: async () => fakeModelHost({ delayMs: 50 }) });
    const shot = await running.client.openShot(openShot());
    await shot.post({ $case: "firstFrame", value: firstFrame(0) });
    for (let tick = 0; tick < 4; tick++) await shot.send(engineFrame(tick));
    await Promise.all([running.server.close(), running.server.close()]);
    await expect(answersOf(shot)).rejects.toMatchObject({ name: "ShotError" });
  });
});

describe("a shot over WebSocket", () => {
  const connect = (path = "/v1/shot", options = {}) =>
    new WebSocket(`ws://127.0.0.1:${running.server.webSocketPort}${path}`, options);

  it("speaks the same messages, one a frame", async () => {
    running = await testServer();
    const socket = connect();
    const answers: ShotAnswer[] = [];
    socket.on("message", (data: Buffer) => {
      const { message } = decodeResponse(data);
      if (message) answers.push(message);
    });
    await new Promise((resolve) => socket.on("open", resolve));
    socket.send(encodeRequest({ message: { $case: "openShot", value: openShot() } }));
    socket.send(encodeRequest({ message: { $case: "firstFrame", value: firstFrame(0) } }));
    for (let tick = 0; tick < 5; tick++) {
      socket.send(encodeRequest({ message: { $case: "engineFrame", value: engineFrame(tick) } }));
    }
    socket.send(encodeRequest({ message: { $case: "close", value: {} } }));
    await new Promise((resolve) => socket.on("close", resolve));
    expect(answers[0].$case).toBe("shotReady");
    expect(generated(answers)).toEqual([0, 1, 2, 3, 4]);
    expect(answers.at(-1)?.$case).toBe("shotClosed");
  });

  it("says what was wrong before it closes", async () => {
    running = await testServer();
    const socket = connect();
    const last = new Promise<ShotAnswer | undefined>((resolve) =>
      socket.on("message", (data: Buffer) => resolve(decodeResponse(data).message)),
    );
    await new Promise((resolve) => socket.on("open", resolve));
    socket.send(encodeRequest({ message: { $case: "engineFrame", value: engineFrame(0) } }));
    expect(await last).toMatchObject({
      $case: "shotFailed",
      value: { code: 9, field: "stream_shot_request.engine_frame" },
    });
  });

  it.each([
    ["a page of another origin", "/v1/shot", { origin: "http://evil.example" }, 403],
    ["a wrong token", "/v1/shot?token=guess", {}, 401],
    ["another path", "/shot", {}, 404],
  ])("refuses %s", async (_, path, options, status) => {
    running = await testServer({ token: "secret" });
    const socket = connect(path, options);
    const refused = new Promise<number | undefined>((resolve) =>
      socket.on("unexpected-response", (__, response) => resolve(response.statusCode)),
    );
    socket.on("error", () => {});
    expect(await refused).toBe(status);
  });
});
