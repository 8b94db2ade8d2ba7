import sharp from "sharp";
import { afterEach, describe, expect, it } from "vitest";
import type { ShotAnswer, ShotMessage } from "../../src/protocol/codec.js";
import type { EngineFrame } from "../../src/protocol/generated/playblast/v1/engine_frame.js";
import { NoticeKind } from "../../src/protocol/generated/playblast/v1/shot_event.js";
import { engineFrame, firstFrame, openShot, SMALL } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";
import { warpModelHost } from "../fixtures/warp-model-host.js";

let running: Awaited<ReturnType<typeof testServer>>;
afterEach(() => running.close());

type Step = ShotMessage | number;

/** Plays messages, and engine frames by their tick, through a server that paints the filled warp. */
async function play(steps: Step[], mode: "live" | "export" = "export", size = SMALL): Promise<ShotAnswer[]> {
  running = await testServer({ openModel: async () => warpModelHost() });
  const shot = await running.client.openShot(openShot(mode, { frameSize: size }));
  const answers: ShotAnswer[] = [];
  const reading = (async () => {
    for await (const answer of shot) answers.push(answer);
  })();
  for (const step of steps) {
    if (typeof step === "number") await shot.send(engineFrame(step, size));
    else if (step.$case === "engineFrame") await shot.send(step.value);
    else await shot.post(step);
  }
  await shot.close();
  await reading;
  return answers;
}

const noticesOf = (answers: ShotAnswer[]) => answers.flatMap((a) => (a.$case === "notice" ? [a.value] : []));

/** Mean red, green and blue of each generated tick. */
function coloursOf(answers: ShotAnswer[]): Map<number, number[]> {
  const colours = new Map<number, number[]>();
  for (const answer of answers) {
    if (answer.$case !== "generatedFrame") continue;
    const { image, tick } = answer.value;
    const sum = [0, 0, 0];
    image.forEach((value, i) => {
      sum[i % 3] += value;
    });
    colours.set(
      tick,
      sum.map((value) => Math.round((value * 3) / image.length)),
    );
  }
  return colours;
}

type Background = { r: number; g: number; b: number; alpha?: number };

async function plain(tick: number, background: Background, size = SMALL): Promise<ShotMessage> {
  const channels = background.alpha === undefined ? 3 : 4;
  const value = await sharp({ create: { ...size, channels, background } })
    .png()
    .toBuffer();
  return { $case: "firstFrame", value: { image: { $case: "encoded", value }, tick } };
}

const RED = { r: 220, g: 30, b: 40 };
const BLUE = { r: 20, g: 60, b: 230 };
const isRed = ([r, , b]: number[]) => r > 180 && b < 80;
const isBlue = ([r, , b]: number[]) => b > 180 && r < 80;

describe("a new first frame in mid-shot", () => {
  it.each([
    ["export", [6, 7, 8, 9, 10, 11]],
    // Eight frames may wait in a live shot: none of these is dropped, however late the first look is decoded.
    ["live", [6, 7]],
  ] as const)("takes over with the next frame, within a chunk: %s", async (mode, after) => {
    const red = await plain(0, RED);
    const blue = await plain(5, BLUE);
    // Tick 5 is the second of its chunk.
    const answers = await play([red, 0, 1, 2, 3, 4, 5, blue, ...after], mode);
    const colours = coloursOf(answers);
    expect([...colours.keys()]).toEqual([0, 1, 2, 3, 4, 5, ...after]);
    for (const [tick, colour] of colours) {
      expect((tick <= 5 ? isRed : isBlue)(colour), `tick ${tick} is ${colour}`).toBe(true);
    }
    expect(noticesOf(answers)).toEqual([
      { kind: NoticeKind.NOTICE_KIND_LOOK_REPLACED, message: expect.stringMatching(/tick 5 took over/), tick: 5 },
    ]);
  });

  it("takes over at the very tick that it shows when it is sent ahead of it", async () => {
    const answers = await play([await plain(0, RED), 0, 1, 2, 3, 4, await plain(6, BLUE), 5, 6, 7, 8]);
    const blue = [...coloursOf(answers)].flatMap(([tick, colour]) => (isBlue(colour) ? [tick] : []));
    expect(blue).toEqual([6, 7, 8]);
  });

  it("is said to be unused when the shot closes before its tick", async () => {
    const answers = await play([await plain(0, RED), 0, 1, await plain(6, BLUE), 2, 3]);
    expect(coloursOf(answers).size).toBe(4);
    expect(noticesOf(answers)).toEqual([
      {
        kind: NoticeKind.NOTICE_KIND_IGNORED,
        message: expect.stringMatching(/for tick 6 was not used.*closed after tick 3/),
        tick: 6,
      },
    ]);
  });
});

describe("a first frame after a cut that forgets the look", () => {
  it("holds behind the cut alone, however late the frames before it are painted", async () => {
    const cut: ShotMessage = { $case: "cut", value: { forgetLook: true, newPlace: true } };
    const answers = await play([await plain(0, RED), 0, 1, cut, 2, 3, await plain(3, BLUE), 4]);
    const colours = coloursOf(answers);
    expect([...colours.keys()]).toEqual([0, 1, 2, 3, 4]);
    for (const [tick, colour] of colours) expect((tick < 2 ? isRed : isBlue)(colour), `tick ${tick}`).toBe(true);
  });
});

describe("a first frame that has to be changed is used, with a notice", () => {
  it("when it is of another size: without one", async () => {
    const answers = await play([await plain(0, RED, { width: 320, height: 160 }), 0, 1, 2, 3]);
    expect(isRed(coloursOf(answers).get(3) as number[])).toBe(true);
    expect(noticesOf(answers)).toEqual([]);
  });

  it("when it is of another shape", async () => {
    const answers = await play([await plain(0, RED, { width: 90, height: 90 }), 0, 1, 2, 3]);
    expect(isRed(coloursOf(answers).get(3) as number[])).toBe(true);
    expect(noticesOf(answers)).toEqual([
      {
        kind: NoticeKind.NOTICE_KIND_FIRST_FRAME_CHANGED,
        message: expect.stringMatching(/is 90x90.*45 rows at its top and bottom were cut off\. 90x45, 32x16 or any/),
        tick: 0,
      },
    ]);
  });

  it("when it is transparent: over grey, not black", async () => {
    const answers = await play([await plain(0, { ...RED, alpha: 0 }), 0, 1, 2, 3]);
    for (const [, colour] of coloursOf(answers))
      for (const value of colour) expect(Math.abs(value - 128)).toBeLessThan(3);
    expect(noticesOf(answers)).toEqual([
      {
        kind: NoticeKind.NOTICE_KIND_FIRST_FRAME_CHANGED,
        message: expect.stringMatching(/not opaque in 100\.0 %.*mid grey.*Fill them/),
        tick: 0,
      },
    ]);
  });
});

describe("depth that shows no surface anywhere", () => {
  it.each([
    ["no plane", (frame: EngineFrame) => void frame.planes.splice(0, 1), /Tick 0 came without a DEPTH plane/],
    [
      "an empty plane",
      (frame: EngineFrame) => frame.planes[0].data.fill(0),
      /Tick 0 has a DEPTH plane that shows no surf/,
    ],
  ])("is said once: %s", async (_, change, message) => {
    const frames = [0, 1, 2, 3].map((tick): ShotMessage => {
      const frame = engineFrame(tick);
      change(frame);
      return { $case: "engineFrame", value: frame };
    });
    expect(noticesOf(await play([await plain(0, RED), ...frames]))).toEqual([
      { kind: NoticeKind.NOTICE_KIND_DEPTH_MISSING, message: expect.stringMatching(message), tick: 0 },
    ]);
  });
});

describe("a first frame that shows something else", () => {
  const size = { width: 128, height: 72 };
  const kinds = (answers: ShotAnswer[]) => noticesOf(answers).map(({ kind }) => kind);

  it("is used all the same, with a notice that says so", async () => {
    // Stripes that have nothing to do with the scene.
    const rgb = Uint8Array.from({ length: size.width * size.height * 3 }, (_, i) => {
      const p = (i / 3) | 0;
      return (((p % size.width) + ((p / size.width) | 0) * 0.7) / 9) & 1 ? 220 : 40;
    });
    const value = await sharp(rgb, { raw: { ...size, channels: 3 } })
      .png()
      .toBuffer();
    const stripes: ShotMessage = { $case: "firstFrame", value: { image: { $case: "encoded", value }, tick: 3 } };
    const answers = await play([stripes, 3, 4], "export", size);
    expect([...coloursOf(answers).keys()]).toEqual([3, 4]);
    expect(noticesOf(answers)).toEqual([
      {
        kind: NoticeKind.NOTICE_KIND_FIRST_FRAME_MISFIT,
        message: expect.stringMatching(/does not seem to show tick 3.*match 0\.\d\d.*Paint over/),
        tick: 3,
      },
    ]);
  });

  it("is not said of a fitting picture, nor of one without edges", async () => {
    const own: ShotMessage = { $case: "firstFrame", value: firstFrame(3, size) };
    expect(kinds(await play([own, 3], "export", size))).toEqual([]);
    await running.close();
    expect(kinds(await play([await plain(3, BLUE, size), 3], "export", size))).toEqual([]);
  });
});
