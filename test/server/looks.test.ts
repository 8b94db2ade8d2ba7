import sharp from "sharp";
import { afterEach, describe, expect, it } from "vitest";
import type { ShotAnswer, ShotMessage } from "../../src/protocol/codec.js";
import type { EngineFrame } from "../../src/protocol/generated/playblast/v1/engine_frame.js";
import { NoticeKind } from "../../src/protocol/generated/playblast/v1/shot_event.js";
import { fakeModelHost } from "../fixtures/fake-model-host.js";
import { engineFrame, firstFrame, openShot, SMALL } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";
import { warpModelHost } from "../fixtures/warp-model-host.js";
import { picturesOf } from "../fixtures/warped-shot.js";

let running: Awaited<ReturnType<typeof testServer>>;
afterEach(() => running.close());

type Step = ShotMessage | number;

/** Plays messages, and engine frames by their tick, through a server that paints the filled warp, or what another host paints. */
async function play(
  steps: Step[],
  mode: "live" | "export" = "export",
  size = SMALL,
  host = warpModelHost(),
): Promise<ShotAnswer[]> {
  running = await testServer({ openModel: async () => host });
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

async function plain(tick: number, background: Background, size = SMALL, newLook = false): Promise<ShotMessage> {
  const channels = background.alpha === undefined ? 3 : 4;
  const value = await sharp({ create: { ...size, channels, background } })
    .png()
    .toBuffer();
  return { $case: "firstFrame", value: { image: { $case: "encoded", value }, tick, newLook } };
}

const RED = { r: 220, g: 30, b: 40 };
const BLUE = { r: 20, g: 60, b: 230 };
const isRed = ([r, , b]: number[]) => r > 180 && b < 80;
const isBlue = ([r, , b]: number[]) => b > 180 && r < 80;

const newLook = (tick: number, background: Background) => plain(tick, background, SMALL, true);

describe("a new look in mid-shot", () => {
  it.each([
    ["export", [6, 7, 8, 9, 10, 11]],
    // Eight frames may wait in a live shot: none of these is dropped, however late the first look is decoded.
    ["live", [6, 7]],
  ] as const)("takes over with the next frame, within a chunk: %s", async (mode, after) => {
    const red = await plain(0, RED);
    const blue = await newLook(5, BLUE);
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
    const answers = await play([await plain(0, RED), 0, 1, 2, 3, 4, await newLook(6, BLUE), 5, 6, 7, 8]);
    const blue = [...coloursOf(answers)].flatMap(([tick, colour]) => (isBlue(colour) ? [tick] : []));
    expect(blue).toEqual([6, 7, 8]);
  });

  it("is said to be unused when the shot closes before its tick", async () => {
    const answers = await play([await plain(0, RED), 0, 1, await newLook(6, BLUE), 2, 3]);
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

describe("several first frames", () => {
  /** What a host that holds so many images is asked for. */
  const askedOf = async (steps: Step[], lookImages: number, mode: "live" | "export" = "export", delayMs = 0) => {
    const log = { calls: [] as string[] };
    const answers = await play(steps, mode, SMALL, fakeModelHost({ log, lookImages, delayMs }));
    return { calls: log.calls.filter((call) => call !== "close"), notices: noticesOf(answers), answers };
  };

  it.each(["live", "export"] as const)("may be sent at the start, each for its tick: %s", async (mode) => {
    const steps = [await plain(0, RED), await plain(6, BLUE), 0, 1, 2, 3, 4, 5, 6, 7];
    const { calls, notices, answers } = await askedOf(steps, 4, mode);
    expect(calls).toEqual(["look 0", "render 0 1 2 3", "render 4 5", "image 6", "render 6 7"]);
    expect([...coloursOf(answers).keys()]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(notices).toEqual([
      {
        kind: NoticeKind.NOTICE_KIND_LOOK_ADDED,
        message: "The first frame of tick 6 was added to the look: it has 2 images, and the model holds 4.",
        tick: 6,
      },
    ]);
  });

  it("may be sent in any order, and for a tick that has passed", async () => {
    const steps = [await plain(4, BLUE), await plain(0, RED), 0, 1, 2, 3, 4, 5, await plain(2, BLUE), 6, 7];
    const { calls } = await askedOf(steps, 4);
    expect(calls).toEqual(["look 0", "render 0 1 2 3", "image 4", "render 4 5", "image 2", "render 6 7"]);
  });

  it("are named when one gives way because the model holds no more", async () => {
    const steps = [await plain(0, RED), 0, await plain(1, RED), 1, await plain(2, BLUE), 2, 3];
    const { notices } = await askedOf(steps, 2);
    expect(notices.map(({ message }) => message)).toEqual([
      "The first frame of tick 1 was added to the look: it has 2 images, and the model holds 2.",
      "The first frame of tick 2 was added to the look in the place of that of tick 1: it has 2 images, and the model holds 2.",
    ]);
  });

  it("are not used where the model would not hold them in the end, with a notice", async () => {
    const steps = [
      await plain(0, RED),
      0,
      1,
      2,
      await plain(0, BLUE),
      await plain(1, BLUE),
      await plain(2, BLUE),
      3,
      4,
    ];
    // The first chunk takes as long as all of the three need to come.
    const { calls, notices } = await askedOf(steps, 3, "export", 500);
    expect(calls).toEqual(["look 0", "render 0 1 2", "image 1", "image 2", "render 3 4"]);
    expect(notices[0]).toEqual({
      kind: NoticeKind.NOTICE_KIND_IGNORED,
      message: expect.stringMatching(/for tick 0 was not used/),
      tick: 0,
    });
  });

  it.each<[string, boolean, number]>([
    ["say new_look", true, 4],
    ["go to a model that holds one", false, 1],
  ])("begin a new look each where they %s", async (_, isNew, lookImages) => {
    const steps = [await plain(0, RED), 0, 1, 2, 3, await plain(4, BLUE, SMALL, isNew), 4, 5];
    const { calls, notices } = await askedOf(steps, lookImages);
    expect(calls).toEqual(["look 0", "render 0 1 2 3", "look 4", "render 4 5"]);
    expect(notices.map(({ kind }) => kind)).toEqual([NoticeKind.NOTICE_KIND_LOOK_REPLACED]);
  });

  it("begin anew after a cut that forgets the look", async () => {
    const cut: ShotMessage = { $case: "cut", value: { forgetLook: true, newPlace: false } };
    const steps = [await plain(0, RED), 0, 1, 2, 3, cut, await plain(4, BLUE), 4, 5, await plain(5, RED), 6, 7];
    const { calls, notices } = await askedOf(steps, 4);
    expect(calls).toEqual(["look 0", "render 0 1 2 3", "cut", "look 4", "render 4 5", "image 5", "render 6 7"]);
    expect(notices.map(({ message }) => message)).toEqual([expect.stringMatching(/tick 5 was added .* has 2 images/)]);
  });

  it("give other pictures than the first alone, from the tick of the second on", async () => {
    const red = await plain(0, RED);
    const ticks = [0, 1, 2, 3, 60, 61];
    const picturesWith = async (steps: Step[]) => {
      const answers = await play(steps);
      await running.close();
      return picturesOf(answers);
    };
    const one = await picturesWith([red, ...ticks]);
    const two = await picturesWith([red, await plain(60, BLUE), ...ticks]);
    for (const tick of ticks)
      expect(Buffer.compare(one.get(tick) as Uint8Array, two.get(tick) as Uint8Array) === 0).toBe(tick < 60);
    running = await testServer();
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
    const stripes: ShotMessage = {
      $case: "firstFrame",
      value: { image: { $case: "encoded", value }, tick: 3, newLook: false },
    };
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
