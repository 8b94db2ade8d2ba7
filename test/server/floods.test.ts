import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterEach, describe, expect, it } from "vitest";
import { encodeRequest, type ShotAnswer, type ShotMessage } from "../../src/protocol/codec.js";
import { PlaneKind } from "../../src/protocol/generated/playblast/v1/plane.js";
import { LIMITS } from "../../src/protocol/limits.js";
import { fakeModelHost } from "../fixtures/fake-model-host.js";
import { type RawShot, rawGrpc, rawWebSocket } from "../fixtures/raw-shots.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";

let running: Awaited<ReturnType<typeof testServer>>;
afterEach(() => running.close());

const bytesOf = (message: ShotMessage) => encodeRequest({ message });
const FLUSH = bytesOf({ $case: "flush", value: {} });
const FLUSHES = 5000;
const CLOSE = bytesOf({ $case: "close", value: {} });
const OPEN = bytesOf({ $case: "openShot", value: openShot() });
const LIVE = bytesOf({ $case: "openShot", value: openShot("live") });
const LOOK = bytesOf({ $case: "firstFrame", value: firstFrame(0) });
const frame = (tick: number) => bytesOf({ $case: "engineFrame", value: engineFrame(tick) });

const shots = (port: number, webSocketPort: number): [string, () => Promise<RawShot>][] => [
  ["gRPC", async () => rawGrpc(port)],
  ["WebSocket", () => rawWebSocket(webSocketPort)],
];
const ofCase = (answers: readonly ShotAnswer[], kind: ShotAnswer["$case"]) =>
  answers.filter(({ $case }) => $case === kind);

/** A field of a message on the wire, number 1 to 15, of a length below 2^28. */
function field(number: number, value: Uint8Array): Buffer {
  const head = [number * 8 + 2];
  for (let rest = value.length; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.concat([Buffer.from([...head, rest]), value]);
    head.push((rest & 0x7f) | 0x80);
  }
}

describe("a flood is bounded", () => {
  it("of 32 million empty planes in a compressed message: refused by its count, before it is decoded", async () => {
    running = await testServer();
    // As gRPC sends it: one byte that says compressed, four of length. The client library sends no compression by itself.
    const planes = field(2, Buffer.alloc(LIMITS.maxMessageBytes - 1024, Buffer.from([7 * 8 + 2, 0])));
    const end = await sendCompressed(running.server.port, [OPEN, planes]);
    expect(end).toMatch(/engine_frame\.planes.*allowed%20are%2012/);
  });

  it("of a message that unpacks to more than is allowed: refused while it unpacks", async () => {
    running = await testServer();
    const end = await sendCompressed(running.server.port, [OPEN, Buffer.alloc(4 * LIMITS.maxMessageBytes)]);
    expect(end).toMatch(/^8 .*larger%20than/);
  });

  it.each([0, 1])("of Flush: each is answered (%i)", async (transport) => {
    running = await testServer();
    const shot = await shots(running.server.port, running.server.webSocketPort)[transport][1]();
    shot.send(LIVE);
    for (let i = 0; i < FLUSHES; i++) shot.send(FLUSH);
    shot.send(CLOSE);
    expect(await shot.end).toMatchObject({ code: 0 });
    expect(ofCase(shot.answers, "flushed")).toHaveLength(FLUSHES);
    expect(shot.answers.at(-1)?.$case).toBe("shotClosed");
  });

  it("of cuts and flushes for which no first frame comes: refused by name", async () => {
    running = await testServer();
    const shot = rawGrpc(running.server.port);
    shot.send(OPEN);
    shot.send(frame(0));
    for (let i = 0; i < 100; i++) {
      shot.send(bytesOf({ $case: "cut", value: { forgetLook: false, newPlace: true } }));
      shot.send(FLUSH);
    }
    expect(await shot.end).toMatchObject({ code: 8, field: "first_frame", message: expect.stringMatching(/64 cuts/) });
  });

  it.each([0, 1])("of what a busy shot does not take: it stays with the client (%i)", async (transport) => {
    // The first chunk takes until the end of the test. Each look comes behind a cut, so that none takes another's place.
    running = await testServer({ openModel: async () => fakeModelHost({ delayMs: 6000 }) });
    const shot = await shots(running.server.port, running.server.webSocketPort)[transport][1]();
    const value = await sharp(Buffer.alloc(1650 * 1650 * 3), { raw: { width: 1650, height: 1650, channels: 3 } })
      .png({ compressionLevel: 0 })
      .toBuffer();
    const look = bytesOf({
      $case: "firstFrame",
      value: { image: { $case: "encoded", value }, tick: 0, newLook: false },
    });
    const cut = bytesOf({ $case: "cut", value: { forgetLook: false, newPlace: false } });
    shot.send(OPEN);
    shot.send(LOOK);
    for (let tick = 0; tick < 4; tick++) shot.send(frame(tick));
    const count = 40;
    for (let i = 0; i < count; i++) {
      shot.send(look);
      shot.send(cut);
    }
    let before = -1;
    // Until nothing moves any more.
    while (shot.unsent() !== before) {
      before = shot.unsent();
      await sleep(700);
    }
    // Of 327 MB: a shot's queue of 64, an inbox of 16, each up to a message more, one or two on the way.
    const taken = count * look.length - shot.unsent();
    expect(taken).toBeGreaterThan(64 * 1024 * 1024);
    expect(taken).toBeLessThan(150 * 1024 * 1024);
    shot.leave();
  });

  it.each([0, 1])(
    "of what a busy live shot does not take: its client is told once why it has to wait (%i)",
    async (transport) => {
      running = await testServer({ openModel: async () => fakeModelHost({ delayMs: 4000 }) });
      const shot = await shots(running.server.port, running.server.webSocketPort)[transport][1]();
      const cut = bytesOf({ $case: "cut", value: { forgetLook: false, newPlace: false } });
      shot.send(LIVE);
      shot.send(LOOK);
      for (let tick = 0; tick < 4; tick++) shot.send(frame(tick));
      // 64 wait in the shot, 64 in its inbox.
      for (let i = 0; i < 100; i++) for (const bytes of [FLUSH, cut]) shot.send(bytes);
      shot.send(CLOSE);
      expect(await shot.end).toMatchObject({ code: 0 });
      expect(ofCase(shot.answers, "generatedFrame")).toHaveLength(4);
      expect(ofCase(shot.answers, "flushed")).toHaveLength(100);
      const said = shot.answers.flatMap((a) => (a.$case === "notice" ? [a.value.message] : []));
      expect(said.filter((message) => /the stream is paused and sending has to wait/.test(message))).toHaveLength(1);
    },
  );

  it("of frames without a look, to a client that reads nothing: it has to wait, and is ended", {
    timeout: 90_000,
  }, async () => {
    running = await testServer({ limits: { readMs: 500 } });
    const shot = rawGrpc(running.server.port);
    shot.stopReading();
    shot.send(LIVE);
    const wire = engineFrame(0);
    for (let tick = 0; tick < 6000; tick++) shot.send(bytesOf({ $case: "engineFrame", value: { ...wire, tick } }));
    const metrics = async () => (await fetch(`http://127.0.0.1:${running.server.webSocketPort}/metrics`)).text();
    await expect.poll(metrics, { timeout: 80_000 }).toMatch(/shots_open 0\n(.*\n)*playblast_shots_total 1/);
    const dropped = Number(/no_first_frame"} (\d+)/.exec(await metrics())?.[1]);
    expect(dropped).toBeLessThan(6000);
    shot.leave();
  });
});

describe("one client's work", () => {
  it("on planes of one pixel that are read at 1920x1088 leaves the event loop to others", async () => {
    running = await testServer();
    const size = { width: LIMITS.maxWidth, height: LIMITS.maxHeight };
    const shot = rawGrpc(running.server.port);
    shot.send(bytesOf({ $case: "openShot", value: openShot("live", { frameSize: size }) }));
    shot.send(LOOK);
    const wire = engineFrame(0);
    const pixel = { ...wire.planes[0], size: { width: 1, height: 1 } };
    const planes = [
      { ...pixel, data: Buffer.alloc(4) },
      ...[PlaneKind.PLANE_KIND_NORMAL, PlaneKind.PLANE_KIND_SHADE].map((kind) => ({
        ...pixel,
        kind,
        data: Buffer.alloc(12),
      })),
    ];
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    // 10 kB, which took 12 s of the event loop in one go.
    for (let tick = 0; tick < 40; tick++)
      shot.send(bytesOf({ $case: "engineFrame", value: { ...wire, tick, planes } }));
    const other = await running.client.openShot(openShot("live"));
    await other.post({ $case: "firstFrame", value: firstFrame(0) });
    for (let tick = 0; tick < 4; tick++) await other.send(engineFrame(tick));
    await other.close();
    const ticks: number[] = [];
    for await (const answer of other) if (answer.$case === "generatedFrame") ticks.push(answer.value.tick);
    expect(ticks).toEqual([0, 1, 2, 3]);
    shot.leave();
    delay.disable();
    // Far above what a busy machine makes of slices of 10 ms.
    expect(delay.max / 1e6).toBeLessThan(3000);
  });
});

describe("a first frame", () => {
  it("of 60 megapixels in a small file is decoded off the event loop, and only when it is needed", async () => {
    running = await testServer();
    const bomb = await sharp({
      create: { width: 8000, height: 7500, channels: 4, background: { r: 1, g: 2, b: 3, alpha: 0.5 } },
    })
      .png()
      .toBuffer();
    const shot = await running.client.openShot(openShot());
    // All but the last give way before they are decoded.
    for (let i = 0; i < 30; i++)
      await shot.post({
        $case: "firstFrame",
        value: { image: { $case: "encoded", value: bomb }, tick: 0, newLook: false },
      });
    await shot.post({ $case: "firstFrame", value: firstFrame(0) });
    for (let tick = 0; tick < 4; tick++) await shot.send(engineFrame(tick));
    await shot.close();
    const answers: ShotAnswer[] = [];
    for await (const answer of shot) answers.push(answer);
    expect(ofCase(answers, "generatedFrame")).toHaveLength(4);
    const notices = answers.flatMap((a) => (a.$case === "notice" ? [a.value.message] : []));
    expect(notices.filter((message) => /tick 0 was not used: newer ones came/.test(message))).toHaveLength(30);
  });

  it("that is damaged behind its header is refused when it is needed, by its name", async () => {
    running = await testServer();
    const whole = await sharp({ create: { width: 300, height: 300, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    const shot = rawGrpc(running.server.port);
    shot.send(OPEN);
    const value = {
      image: { $case: "encoded" as const, value: whole.subarray(0, whole.length - 60) },
      tick: 0,
      newLook: false,
    };
    shot.send(bytesOf({ $case: "firstFrame", value }));
    shot.send(frame(0));
    shot.send(CLOSE);
    expect(await shot.end).toMatchObject({
      code: 3,
      field: "first_frame.encoded",
      message: expect.stringMatching(/damaged png/),
    });
  });

  it("for a tick that is no longer held is refused, and says what is", async () => {
    running = await testServer();
    const shot = rawGrpc(running.server.port);
    shot.send(LIVE);
    for (let tick = 0; tick < 70; tick++) shot.send(frame(tick));
    shot.send(bytesOf({ $case: "firstFrame", value: firstFrame(3) }));
    expect(await shot.end).toMatchObject({
      field: "first_frame.tick",
      message: expect.stringMatching(/is 3; .*last 64 are still held, 6 to 69/),
    });
  });
});

describe("what comes after Close", () => {
  it.each([0, 1])("is not read: ShotClosed is the last answer (%i)", async (transport) => {
    running = await testServer({ openModel: async () => fakeModelHost({ delayMs: 50 }) });
    const shot = await shots(running.server.port, running.server.webSocketPort)[transport][1]();
    for (const bytes of [OPEN, LOOK, frame(0), frame(1), CLOSE, frame(2), FLUSH, frame(1), Buffer.from([0xff])])
      shot.send(bytes);
    expect(await shot.end).toMatchObject({ code: 0 });
    expect(shot.answers.at(-1)).toMatchObject({
      $case: "shotClosed",
      value: { received: 2, generated: 2, dropped: 0 },
    });
    expect(ofCase(shot.answers, "frameDropped")).toEqual([]);
    expect(ofCase(shot.answers, "flushed")).toEqual([]);
  });
});

/** Sends gzip messages over bare HTTP/2 and gives the status and message that the call ends with. */
async function sendCompressed(port: number, messages: readonly Buffer[]): Promise<string> {
  const { connect } = await import("node:http2");
  const session = connect(`http://127.0.0.1:${port}`);
  const stream = session.request({
    ":method": "POST",
    ":path": "/playblast.v1.ShotService/StreamShot",
    "content-type": "application/grpc",
    "grpc-encoding": "gzip",
    te: "trailers",
  });
  stream.on("error", () => {});
  stream.resume();
  const ended = new Promise<string>((resolve) => {
    const tell = (headers: Record<string, unknown>) => {
      if (headers["grpc-status"] !== undefined) resolve(`${headers["grpc-status"]} ${headers["grpc-message"]}`);
    };
    stream.on("trailers", tell);
    stream.on("response", tell);
  });
  for (const message of messages) {
    const packed = gzipSync(message);
    const head = Buffer.alloc(5);
    head.writeUInt8(1, 0);
    head.writeUInt32BE(packed.length, 1);
    stream.write(Buffer.concat([head, packed]));
  }
  const end = await ended;
  session.destroy();
  return end;
}
