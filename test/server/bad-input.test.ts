import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import type { ClientShot, ShotError } from "../../src/client/client.js";
import { ModelError } from "../../src/diffusion/model-card.js";
import { encodeRequest } from "../../src/protocol/codec.js";
import type { EngineFrame } from "../../src/protocol/generated/playblast/v1/engine_frame.js";
import type { PlaneFormat } from "../../src/protocol/generated/playblast/v1/plane.js";
import { fakeModelHost } from "../fixtures/fake-model-host.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";

type Running = Awaited<ReturnType<typeof testServer>>;
let running: Running;

/** The error that a shot ends with. */
async function failureOf(shot: ClientShot): Promise<ShotError> {
  try {
    for await (const _ of shot);
  } catch (error) {
    return error as ShotError;
  }
  throw new Error("the shot ended well");
}

/** Opens a shot, sends one good frame and then a spoilt one; gives the error and checks that the next shot works. */
async function spoil(change: (frame: EngineFrame) => void): Promise<ShotError> {
  running = await testServer();
  const shot = await running.client.openShot(openShot());
  await shot.post({ $case: "firstFrame", value: firstFrame(1) });
  await shot.send(engineFrame(1));
  const bad = engineFrame(2);
  change(bad);
  await shot.send(bad);
  const error = await failureOf(shot);
  await nextShotWorks(running);
  return error;
}

async function nextShotWorks({ client }: Running): Promise<void> {
  const shot = await client.openShot(openShot());
  await shot.post({ $case: "firstFrame", value: firstFrame(0) });
  for (let tick = 0; tick < 4; tick++) await shot.send(engineFrame(tick));
  await shot.close();
  const ticks: number[] = [];
  for await (const answer of shot) if (answer.$case === "generatedFrame") ticks.push(answer.value.tick);
  expect(ticks).toEqual([0, 1, 2, 3]);
}

const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const UNIMPLEMENTED = 12;

afterEach(() => running.close());

describe("bad input ends its shot alone and says field, value and remedy", () => {
  it("a pose with NaN", async () => {
    const error = await spoil((frame) => {
      frame.characters[0].positions[4] = Number.NaN;
    });
    expect(error).toMatchObject({ code: INVALID_ARGUMENT, field: "engine_frame.characters[0].positions[1]" });
    expect(error.message).toMatch(/NaN.*send finite/);
  });

  it("an infinite object position", async () => {
    const error = await spoil((frame) => {
      frame.objects[0].transform!.position!.x = Infinity;
    });
    expect(error.field).toBe("engine_frame.objects[0].transform.position");
    expect(error.message).toContain("Infinity");
  });

  it("a singular projection", async () => {
    const error = await spoil((frame) => frame.camera!.projection.fill(0));
    expect(error).toMatchObject({ code: INVALID_ARGUMENT, field: "engine_frame.camera.projection" });
    expect(error.message).toMatch(/singular.*send the camera's/);
  });

  it("a plane shorter than its size says", async () => {
    const error = await spoil((frame) => {
      frame.planes[0].data = frame.planes[0].data.subarray(0, 100);
    });
    expect(error.field).toBe("engine_frame.planes[0].data");
    expect(error.message).toMatch(/100 bytes.*needs 2048/);
  });

  it("an unknown plane format", async () => {
    const error = await spoil((frame) => {
      frame.planes[0].format = 99 as PlaneFormat;
    });
    expect(error.field).toBe("engine_frame.planes[0].format");
    expect(error.message).toMatch(/99.*allowed are/);
  });

  it("a wrong number of bones", async () => {
    const error = await spoil((frame) => frame.characters[0].positions.push(1, 2, 3));
    expect(error.field).toBe("engine_frame.characters[0].positions");
    expect(error.message).toMatch(/12 values.*3 bones.*send 9/);
  });

  it("an unknown object id", async () => {
    const error = await spoil((frame) => {
      frame.objects[0].id = "chair";
    });
    expect(error.field).toBe("engine_frame.objects[0].id");
    expect(error.message).toMatch(/'chair'.*declares 'box'/);
  });

  it("an owner id that nobody declared", async () => {
    const error = await spoil((frame) => frame.planes[1].data.fill(0xee));
    expect(error.field).toBe("engine_frame.planes[1].data");
  });

  it("a tick that goes backwards", async () => {
    const error = await spoil((frame) => {
      frame.tick = 1;
    });
    expect(error.field).toBe("engine_frame.tick");
    expect(error.message).toMatch(/is 1 after 1/);
  });

  it("an engine frame before the shot is open", async () => {
    running = await testServer();
    const bytes = encodeRequest({ message: { $case: "engineFrame", value: engineFrame(0) } });
    const error = await rawFailure(running, [bytes]);
    expect(error.code).toBe(FAILED_PRECONDITION);
    expect(error.details).toMatch(/engine_frame.*before open_shot/);
    await nextShotWorks(running);
  });

  it("a truncated protobuf", async () => {
    running = await testServer();
    const bytes = encodeRequest({ message: { $case: "openShot", value: openShot() } });
    const error = await rawFailure(running, [bytes.subarray(0, bytes.length - 7)]);
    expect(error.code).toBe(INVALID_ARGUMENT);
    expect(error.details).toMatch(/not a whole protobuf message/);
    await nextShotWorks(running);
  });

  it("a message beyond the limit", async () => {
    running = await testServer();
    const error = await rawFailure(running, [Buffer.alloc(65 * 1024 * 1024)]);
    expect(error.code).toBe(RESOURCE_EXHAUSTED);
    expect(error.details).toMatch(/larger than max.*67108864/);
    await nextShotWorks(running);
  });

  it.each([
    ["frame size 0", { frameSize: { width: 0, height: 144 } }, "open_shot.frame_size", /0x144.*1920x1088/],
    ["frame size beyond the limit", { frameSize: { width: 9999, height: 144 } }, "open_shot.frame_size", /9999x144/],
    ["a frame rate of 0", { frameRate: 0 }, "open_shot.frame_rate", /is 0/],
    ["no convention", { convention: undefined }, "open_shot.convention", /missing/],
  ])("%s", async (_, change, field, message) => {
    running = await testServer();
    await expect(running.client.openShot(openShot("export", change))).rejects.toMatchObject({
      code: INVALID_ARGUMENT,
      field,
      message: expect.stringMatching(message),
    });
    await nextShotWorks(running);
  });

  it("an incompatible version", async () => {
    running = await testServer();
    const open = openShot("export", { protocolVersion: { major: 2, minor: 5 } });
    await expect(running.client.openShot(open)).rejects.toMatchObject({
      code: UNIMPLEMENTED,
      message: expect.stringMatching(/2\.5.*1\.0/),
    });
    await nextShotWorks(running);
  });

  it("a missing and a corrupt model", async () => {
    let corrupt = true;
    running = await testServer({
      openModel: async () => {
        if (corrupt) throw new ModelError("weights broken.onnx are corrupt. Install again", false);
        return fakeModelHost();
      },
    });
    const { client } = running;
    await expect(client.openShot(openShot("export", { model: "gone" }))).rejects.toMatchObject({
      code: NOT_FOUND,
      field: "open_shot.model",
    });
    await expect(client.openShot(openShot())).rejects.toMatchObject({
      code: FAILED_PRECONDITION,
      message: expect.stringContaining("cannot be loaded"),
    });
    corrupt = false;
    await expect
      .poll(() => client.openShot(openShot()).then((shot) => shot.cancel()), { timeout: 10_000 })
      .toBe(undefined);
    await nextShotWorks(running);
  });

  it("a first frame that is no picture", async () => {
    running = await testServer();
    const shot = await running.client.openShot(openShot());
    const image = { $case: "encoded" as const, value: Buffer.from("not a picture") };
    await shot.post({ $case: "firstFrame", value: { image, tick: 0 } });
    expect(await failureOf(shot)).toMatchObject({ code: INVALID_ARGUMENT, field: "first_frame.encoded" });
    await nextShotWorks(running);
  });

  it("an export past its credit", async () => {
    running = await testServer({ openModel: async () => fakeModelHost({ delayMs: 500 }) });
    const shot = await running.client.openShot(openShot());
    for (let tick = 0; tick < 17; tick++) await shot.post({ $case: "engineFrame", value: engineFrame(tick) });
    expect(await failureOf(shot)).toMatchObject({
      code: RESOURCE_EXHAUSTED,
      message: expect.stringMatching(/tick 16 came without credit/),
    });
  });

  it("a shot that is closed without a first frame", async () => {
    running = await testServer();
    const shot = await running.client.openShot(openShot());
    await shot.send(engineFrame(0));
    await shot.close();
    expect(await failureOf(shot)).toMatchObject({ code: FAILED_PRECONDITION, field: "first_frame" });
    await nextShotWorks(running);
  });

  it("a client that vanishes in mid-chunk", async () => {
    const log = { calls: [] as string[] };
    running = await testServer({ openModel: async () => fakeModelHost({ delayMs: 300, log }) });
    const shot = await running.client.openShot(openShot());
    await shot.post({ $case: "firstFrame", value: firstFrame(0) });
    for (let tick = 0; tick < 4; tick++) await shot.send(engineFrame(tick));
    await expect.poll(() => log.calls).toContain("render 0 1 2 3");
    shot.cancel();
    await expect.poll(() => log.calls.at(-1)).toBe("close");
    await nextShotWorks(running);
  });

  it("a client that never reads", async () => {
    running = await testServer({ limits: { readMs: 300 } });
    const channel = new Client(`127.0.0.1:${running.server.port}`, credentials.createInsecure());
    const call = channel.makeBidiStreamRequest(PATH, same, same, new Metadata());
    const failed = new Promise<ServiceError>((resolve) => call.on("error", resolve));
    const big = { width: 512, height: 512 };
    call.write(encodeRequest({ message: { $case: "openShot", value: openShot("live", { frameSize: big }) } }));
    call.write(encodeRequest({ message: { $case: "firstFrame", value: firstFrame(0) } }));
    const frame = engineFrame(0);
    const metrics = async () => (await fetch(`http://127.0.0.1:${running.server.webSocketPort}/metrics`)).text();
    // Sockets and both ends' buffers hold some 130 pictures.
    for (let tick = 0; tick < 1000 && !/shots_open 0/.test(await metrics()); tick++)
      call.write(encodeRequest({ message: { $case: "engineFrame", value: { ...frame, tick } } }));
    // Reading on at last shows how the shot ended.
    call.on("data", () => {});
    expect((await failed).details).toMatch(/read nothing for 0.3 s/);
    channel.close();
    await nextShotWorks(running);
  });
});

const PATH = "/playblast.v1.ShotService/StreamShot";
const same = (bytes: Buffer) => bytes;

/** Sends raw bytes on a stream and gives the status that it ends with. */
async function rawFailure({ server }: Running, messages: Buffer[]): Promise<ServiceError> {
  const channel = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure(), {
    "grpc.max_send_message_length": -1,
  });
  const call = channel.makeBidiStreamRequest(PATH, same, same, new Metadata());
  const failed = new Promise<ServiceError>((resolve) => call.on("error", resolve));
  call.on("data", () => {});
  for (const message of messages) call.write(message);
  const error = await failed;
  channel.close();
  return error;
}
