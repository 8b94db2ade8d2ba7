import { afterEach, describe, expect, it } from "vitest";
import { decodeRequest, encodeRequest } from "../../src/protocol/codec.js";
import { readEngineFrame } from "../../src/protocol/engine-frame.js";
import { PlaneKind } from "../../src/protocol/generated/playblast/v1/plane.js";
import { readOpenShot } from "../../src/protocol/open-shot.js";
import { Readers } from "../../src/shot/readers.js";
import { engineFrame, firstFrame, openShot, SMALL } from "../fixtures/shot-messages.js";

let readers: Readers;
afterEach(() => readers.close());

/** Too many pixels to be read in place. */
const LARGE = { width: 512, height: 288 };
const request = readOpenShot(openShot("live", { frameSize: LARGE }));
const bytesOf = (frame: ReturnType<typeof engineFrame>) =>
  encodeRequest({ message: { $case: "engineFrame", value: frame } });
const job = (shot: number, bytes: Uint8Array, lastTick = -1) => ({ kind: "frame", shot, bytes, lastTick }) as const;

describe("reader threads", () => {
  it("read a large frame as it is read in place, but for planes that no control is made from", async () => {
    readers = new Readers();
    const wire = engineFrame(3);
    const [depth] = wire.planes;
    const data = Buffer.alloc(SMALL.width * SMALL.height * 12, 60);
    for (const kind of [PlaneKind.PLANE_KIND_NORMAL, PlaneKind.PLANE_KIND_SHADE, PlaneKind.PLANE_KIND_TRUTH])
      wire.planes.push({ ...depth, kind, data });
    const shot = readers.open({ request, asked: LARGE, size: LARGE });
    const bytes = bytesOf(wire);
    const { message } = decodeRequest(bytes);
    if (message?.$case !== "engineFrame") throw new Error("no engine frame");
    const expected = readEngineFrame(message.value, request, LARGE, -1);
    const { frame } = await readers.readFrame(job(shot, bytes));
    for (const plane of ["depth", "ownerId", "normal", "shade"] as const) {
      const [read, same] = [frame[plane], expected[plane]];
      if (!read || !same) throw new Error(`there is no ${plane}`);
      expect(Buffer.compare(new Uint8Array(read.buffer), new Uint8Array(same.buffer)), plane).toBe(0);
    }
    expect([frame.truth, expected.truth?.length]).toEqual([undefined, LARGE.width * LARGE.height * 3]);
    expect(frame).toMatchObject({ tick: 3, camera: expected.camera, poses: expected.poses, objects: expected.objects });
  });

  it("refuse by the same name", async () => {
    readers = new Readers();
    const shot = readers.open({ request, asked: LARGE, size: LARGE });
    const wire = engineFrame(3);
    wire.planes[1].data.fill(0xee);
    await expect(readers.readFrame(job(shot, bytesOf(wire)))).rejects.toMatchObject({
      name: "BadRequestError",
      code: 3,
      field: "engine_frame.planes[1].data",
    });
    await expect(readers.readFrame(job(shot, bytesOf(engineFrame(3)), 3))).rejects.toMatchObject({
      field: "engine_frame.tick",
    });
  });

  it("check the planes that they do not read", async () => {
    readers = new Readers();
    const shot = readers.open({ request, asked: SMALL, size: SMALL });
    for (const kind of [PlaneKind.PLANE_KIND_MOTION, PlaneKind.PLANE_KIND_COLOUR, PlaneKind.PLANE_KIND_TRUTH]) {
      const wire = engineFrame(3);
      wire.planes.push({ ...wire.planes[0], kind, data: Buffer.alloc(7) });
      await expect(readers.readFrame(job(shot, bytesOf(wire)))).rejects.toThrow(/planes\[2\]\.data: has 7 bytes/);
    }
  });

  it("make looks", async () => {
    readers = new Readers();
    const shot = readers.open({ request, asked: LARGE, size: LARGE });
    const frame = readEngineFrame(engineFrame(3), request, LARGE, -1);
    const look = await readers.readLook({ kind: "look", shot, first: firstFrame(3), pictureSize: SMALL, frame });
    expect(look.picture).toMatchObject(LARGE);
    expect(look.picture.rgb).toHaveLength(LARGE.width * LARGE.height * 3);
  });

  it("are replaced when they die, which fails what they were at and nothing else", async () => {
    readers = new Readers(new URL("../fixtures/mortal-reader.mjs", import.meta.url));
    const shot = readers.open({ request, asked: LARGE, size: LARGE });
    const bytes = bytesOf(engineFrame(3));
    expect(await readers.readFrame(job(shot, bytes, 4))).toEqual({ tick: 5 });
    const [dies, lives] = await Promise.allSettled([13, 20].map((tick) => readers.readFrame(job(shot, bytes, tick))));
    expect(dies).toMatchObject({ status: "rejected", reason: { message: expect.stringMatching(/thread has ended/) } });
    expect(lives).toMatchObject({ status: "fulfilled", value: { tick: 21 } });
    expect(await readers.readFrame(job(shot, bytes, 30))).toEqual({ tick: 31 });
  });

  it("fail what waits when they are closed", async () => {
    readers = new Readers();
    const shot = readers.open({ request, asked: LARGE, size: LARGE });
    const waiting = readers.readFrame(job(shot, bytesOf(engineFrame(3))));
    const refused = expect(waiting).rejects.toThrow(/closing/);
    await readers.close();
    await refused;
    await expect(readers.readFrame(job(shot, bytesOf(engineFrame(3))))).rejects.toThrow(/closing/);
  });
});
