import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import type { ClientShot, ShotError } from "../../src/client/client.js";
import { ModelError } from "../../src/diffusion/model-error.js";
import { encodeRequest } from "../../src/protocol/codec.js";
import { GODOT } from "../../src/protocol/convention.js";
import { type EngineFrame, Light, LightKind } from "../../src/protocol/generated/playblast/v1/engine_frame.js";
import { OpenShot } from "../../src/protocol/generated/playblast/v1/open_shot.js";
import type { PlaneFormat } from "../../src/protocol/generated/playblast/v1/plane.js";
import type { Bone, Scene, SceneObject } from "../../src/protocol/generated/playblast/v1/scene.js";
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

/** The traced scene with changes of its own, of its first bone and of its first object. */
function sceneWith(changes: Partial<Scene>, bone: Partial<Bone> = {}, object: Partial<SceneObject> = {}): Scene {
  const { scene } = openShot();
  if (!scene) throw new Error("the traced scene is declared");
  Object.assign(scene.characters[0].bones[0], bone);
  Object.assign(scene.objects[0], object);
  return { ...scene, ...changes };
}

function set<T extends object, K extends keyof T>(target: T | undefined, key: K, value: T[K]): void {
  if (target) target[key] = value;
}

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

  it.each([
    ["row-major", (m: number[]) => m.map((_, i) => m[(i % 4) * 4 + (i >> 2)]), /row-major.*column-major/],
    ["Vulkan's, flipped", (m: number[]) => m.map((value, i) => (i === 5 ? -value : value)), /flips Y \(value 5 is -/],
    ["left-handed", (m: number[]) => m.map((value, i) => (i === 11 ? 1 : value)), /w = \+z/],
    ["multiplied by 1e30", (m: number[]) => m.map((value, i) => (i === 0 ? 1e30 : value)), /scales by 1/],
  ])("a projection that is %s", async (_, change, message) => {
    const error = await spoil(({ camera }) => {
      if (camera) camera.projection = change(camera.projection);
    });
    expect(error).toMatchObject({ code: INVALID_ARGUMENT, field: "engine_frame.camera.projection" });
    expect(error.message).toMatch(message);
  });

  const light = (changes: Partial<Light>): Light => Light.fromPartial({ kind: LightKind.LIGHT_KIND_SPOT, ...changes });

  it.each<[string, (frame: EngineFrame) => void, string, RegExp]>([
    ["a time of NaN", (frame) => set(frame, "time", Number.NaN), "time", /is NaN; allowed is -1000000000 to/],
    ["a time of 1e300", (frame) => set(frame, "time", 1e300), "time", /is 1e\+300/],
    [
      "a camera 1e12 m away",
      ({ camera }) => set(camera?.transform?.position, "x", 1e12),
      "camera.transform.position",
      /more than 1000000000 m from the origin.*relative to an origin near/,
    ],
    [
      "a joint at 1e30",
      ({ characters }) => set(characters[0].positions, 1, 1e30),
      "characters[0].positions[0]",
      /from the origin/,
    ],
    [
      "a scale of 1e30",
      ({ objects }) => set(objects[0].transform, "scale", { x: 1, y: 1e30, z: 1 }),
      "objects[0].transform.scale",
      /each axis is 1e-12 to 1000000000/,
    ],
    [
      "a scale of 0",
      ({ objects }) => set(objects[0].transform, "scale", { x: 1, y: 0, z: 1 }),
      "objects[0].transform.scale",
      /Leave the object out to hide it/,
    ],
    ["an object twice", ({ objects }) => void objects.push(objects[0]), "objects[1].id", /for the second time/],
    ["a range of NaN", ({ lights }) => void lights.push(light({ range: Number.NaN })), "lights[0].range", /is NaN/],
    ["a range below 0", ({ lights }) => void lights.push(light({ range: -1 })), "lights[0].range", /0 means unlimited/],
    [
      "a range of infinity",
      ({ lights }) => void lights.push(light({ range: Infinity })),
      "lights[0].range",
      /Infinity/,
    ],
    [
      "a spot's cone in degrees",
      ({ lights }) => void lights.push(light({ spotAngle: 45 })),
      "lights[0].spot_angle",
      /is 45; .*in radians/,
    ],
    [
      "a light of NaN",
      ({ lights }) => void lights.push(light({ colour: { x: 1, y: Number.NaN, z: 1 } })),
      "lights[0].colour",
      /send finite numbers/,
    ],
  ])("%s", async (_, change, field, message) => {
    const error = await spoil(change);
    expect(error).toMatchObject({ code: INVALID_ARGUMENT, field: `engine_frame.${field}` });
    expect(error.message).toMatch(message);
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
    [
      "a unit of 1e300 m",
      { convention: { ...GODOT, metresPerUnit: 1e300 } },
      "open_shot.convention.metres_per_unit",
      /1e\+300/,
    ],
    ["a near plane of NaN", { scene: sceneWith({ near: Number.NaN }) }, "open_shot.scene", /near NaN/],
    [
      "a bone's radius of infinity",
      { scene: sceneWith({}, { radius: Infinity }) },
      "open_shot.scene.characters[0].bones[0].radius",
      /Infinity.*the server chooses/,
    ],
    [
      "a bone that rests at NaN",
      {
        scene: sceneWith(
          {},
          { rest: { position: { x: 0, y: Number.NaN, z: 0 }, rotation: undefined, scale: undefined } },
        ),
      },
      "open_shot.scene.characters[0].bones[0].rest.position",
      /NaN.*send finite/,
    ],
    [
      "bounds of 1e30",
      { scene: sceneWith({}, {}, { bounds: { min: { x: 0, y: 0, z: 0 }, max: { x: 1, y: 1e30, z: 1 } } }) },
      "open_shot.scene.objects[0].bounds.max",
      /from the origin/,
    ],
    [
      "an owner id of 65536",
      { scene: sceneWith({}, {}, { ownerId: 65536 }) },
      "open_shot.scene.objects[0].owner_id",
      /at most 65535/,
    ],
  ])("%s", async (_, change, field, message) => {
    running = await testServer();
    await expect(running.client.openShot(openShot("export", change))).rejects.toMatchObject({
      code: INVALID_ARGUMENT,
      field,
      message: expect.stringMatching(message),
    });
    await nextShotWorks(running);
  });

  it.each([Number.NaN, 1e300, -Infinity])("a scene time of %d", async (time) => {
    const error = await spoil((frame) => {
      frame.time = time;
    });
    expect(error).toMatchObject({ code: INVALID_ARGUMENT, field: "engine_frame.time" });
    expect(error.message).toMatch(/allowed is -1000000000 to 1000000000\. It is scene time in seconds/);
  });

  it.each([1e300, 1e-9, Number.NaN])("metres_per_unit of %d", async (metresPerUnit) => {
    running = await testServer();
    const open = openShot("export", { convention: { ...GODOT, metresPerUnit } });
    await expect(running.client.openShot(open)).rejects.toMatchObject({
      code: INVALID_ARGUMENT,
      field: "open_shot.convention.metres_per_unit",
      message: expect.stringMatching(/allowed is 0\.000001 to 1000000/),
    });
  });

  it("an unknown id where 1,024 are declared, each of 1,000 characters: the error is short and arrives", async () => {
    running = await testServer();
    const open = openShot();
    const [box] = open.scene?.objects ?? [];
    const objects = Array.from({ length: 1024 }, (_, i) => ({ ...box, id: `${i} ${"é".repeat(500)}`, ownerId: 0 }));
    const shot = await running.client.openShot({ ...open, scene: { ...open.scene!, objects } });
    const frame = engineFrame(0);
    frame.objects[0].id = `\x1b[2J${"x".repeat(4000)}`;
    await shot.send(frame);
    const error = await failureOf(shot);
    expect(error).toMatchObject({ code: INVALID_ARGUMENT, field: "engine_frame.objects[0].id" });
    expect(error.message).toMatch(/^engine_frame\.objects\[0\]\.id: is '\\u001b\[2Jx+\.\.\..*and 1018 more$/);
    await nextShotWorks(running);
  });

  it("a name of 20,000 characters", async () => {
    running = await testServer();
    const open = openShot("export", { clientName: "n".repeat(20_000) });
    await expect(running.client.openShot(open)).rejects.toMatchObject({
      code: INVALID_ARGUMENT,
      field: "open_shot.client_name",
      message: expect.stringMatching(/20000 bytes; allowed are 4096/),
    });
  });

  it("a seed beyond 2^53", async () => {
    running = await testServer();
    // The field's last value counts: seed = 2^64 - 1.
    const open = Buffer.concat([
      OpenShot.encode(openShot()).finish(),
      Buffer.from([9 * 8]),
      Buffer.alloc(9, 0xff),
      Buffer.from([1]),
    ]);
    const head = [1 * 8 + 2, (open.length & 0x7f) | 0x80, open.length >> 7];
    const error = await rawFailure(running, [Buffer.concat([Buffer.from(head), open])]);
    expect(error.code).toBe(INVALID_ARGUMENT);
    expect(error.details).toMatch(/^open_shot\.seed: is 18446744073709551615; allowed is 0 to 9007199254740991/);
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
    await shot.post({ $case: "firstFrame", value: { image, tick: 0, newLook: false } });
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
    // Before its first read a grpc-js client takes all that comes.
    call.on("data", () => {}).pause();
    const big = { width: 512, height: 512 };
    call.write(encodeRequest({ message: { $case: "openShot", value: openShot("live", { frameSize: big }) } }));
    call.write(encodeRequest({ message: { $case: "firstFrame", value: firstFrame(0) } }));
    const frame = engineFrame(0);
    const metrics = async () => (await fetch(`http://127.0.0.1:${running.server.webSocketPort}/metrics`)).text();
    for (let tick = 0; tick < 100; tick++)
      call.write(encodeRequest({ message: { $case: "engineFrame", value: { ...frame, tick } } }));
    await expect.poll(metrics, { timeout: 20_000 }).toMatch(/shots_open 0\n(.*\n)*playblast_shots_total 1/);
    // Reading on at last shows how the shot ended.
    call.resume();
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
