import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { ShotAnswer, ShotMessage } from "../../src/protocol/codec.js";
import type { FrameSize } from "../../src/scene/picture.js";
import { engineFrame, openShot, SMALL } from "../fixtures/shot-messages.js";
import { picturesOf, warpedShot } from "../fixtures/warped-shot.js";

const RED = { r: 220, g: 30, b: 40 };

async function plain(size: FrameSize): Promise<ShotMessage> {
  const value = await sharp({ create: { ...size, channels: 3, background: RED } })
    .png()
    .toBuffer();
  return { $case: "firstFrame", value: { image: { $case: "encoded", value }, tick: 0, newLook: false } };
}

function sizeOf(answers: readonly ShotAnswer[]): FrameSize | undefined {
  const [ready] = answers;
  return ready.$case === "shotReady" ? ready.value.frameSize : undefined;
}

const noticesOf = (answers: readonly ShotAnswer[]) =>
  answers.flatMap((answer) => (answer.$case === "notice" ? [answer.value.message] : []));

const frames = [0, 1, 2, 3].map((tick) => engineFrame(tick));

describe("a frame size of 0x0 lets the server choose, and a first frame shows the look all the same", () => {
  it.each([
    ["live", "gRPC"],
    ["live", "WebSocket"],
    ["export", "gRPC"],
    ["export", "WebSocket"],
  ] as const)("%s over %s", async (mode, door) => {
    const open = openShot(mode, { frameSize: { width: 0, height: 0 } });
    // 16:9, as every size that the server chooses.
    const answers = await warpedShot(open, [await plain({ width: 320, height: 180 }), ...frames], door);
    const size = sizeOf(answers) as FrameSize;
    expect(size.width / size.height).toBeCloseTo(16 / 9, 0);
    const pictures = picturesOf(answers);
    expect([...pictures.keys()]).toEqual([0, 1, 2, 3]);
    const first = pictures.get(0) as Uint8Array;
    expect(first.length).toBe(size.width * size.height * 3);
    const middle = ((size.height >> 1) * size.width + (size.width >> 1)) * 3;
    expect([...first.subarray(middle, middle + 3)]).toEqual([RED.r, RED.g, RED.b]);
    expect(noticesOf(answers)).toEqual([]);
    expect(answers.at(-1)?.$case).toBe("shotClosed");
  });

  it("says what was cut off in the size that it chose", async () => {
    const open = openShot("export", { frameSize: { width: 0, height: 0 } });
    const answers = await warpedShot(open, [await plain({ width: 90, height: 90 }), ...frames]);
    expect(noticesOf(answers)).toEqual([expect.stringMatching(/is 90x90.*were cut off.*256x144/)]);
  });
});

describe("frames are limited by their pixels and longest side, upright or lying", () => {
  it.each([
    ["upright", { width: 608, height: 1088 }],
    ["upright, as large as a lying one may be", { width: 1080, height: 1920 }],
    ["square", { width: 1440, height: 1440 }],
    ["lying", { width: 1920, height: 1080 }],
  ])("%s", async (_, frameSize) => {
    const answers = await warpedShot(openShot("export", { frameSize }), []).catch((error: Error) => error);
    // No first frame is sent, so that nothing of this size has to be painted.
    expect(answers).not.toBeInstanceOf(Error);
    const [ready] = answers as ShotAnswer[];
    expect(ready).toMatchObject({
      $case: "shotReady",
      value: { limits: { maxWidth: 1920, maxHeight: 1920, maxPixels: 1920 * 1088 } },
    });
  });

  it.each([
    [{ width: 1921, height: 16 }],
    [{ width: 16, height: 1921 }],
    [{ width: 1920, height: 1920 }],
    [{ width: 2 ** 32 - 1, height: 2 ** 32 - 1 }],
  ])("not %o", async (frameSize) => {
    await expect(warpedShot(openShot("export", { frameSize }), [])).rejects.toMatchObject({
      field: "open_shot.frame_size",
      message: expect.stringMatching(/2088960 pixels \(as 1920x1088 or 1088x1920\) with sides of at most 1920/),
    });
  });

  it("planes too", async () => {
    const upright = engineFrame(0, { width: 9, height: 1920 });
    const answers = await warpedShot(openShot(), [await plain(SMALL), upright]);
    expect([...picturesOf(answers).keys()]).toEqual([0]);
  });
});
