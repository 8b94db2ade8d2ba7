import { afterEach, describe, expect, it } from "vitest";
import type { ShotError } from "../../src/client/client.js";
import type { ShotAnswer } from "../../src/protocol/codec.js";
import type { EngineFrame as WireFrame } from "../../src/protocol/generated/playblast/v1/engine_frame.js";
import { type Plane, PlaneFormat, PlaneKind } from "../../src/protocol/generated/playblast/v1/plane.js";
import { NoticeKind } from "../../src/protocol/generated/playblast/v1/shot_event.js";
import type { EngineFrame } from "../../src/scene/engine-frame.js";
import type { ModelHost } from "../../src/shot/renderer.js";
import { planeOf } from "../fixtures/dialects.js";
import { fakeModelHost } from "../fixtures/fake-model-host.js";
import { engineFrame, firstFrame, openShot, SMALL } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";

let running: Awaited<ReturnType<typeof testServer>>;
afterEach(() => running.close());

const {
  PLANE_KIND_ALBEDO: ALBEDO,
  PLANE_KIND_SURFACE_ID: SURFACE_ID,
  PLANE_KIND_COLOUR: COLOUR,
  PLANE_KIND_ROUGHNESS: ROUGHNESS,
  PLANE_KIND_METALLIC: METALLIC,
} = PlaneKind;
const U8 = PlaneFormat.PLANE_FORMAT_U8;
const TICKS = [0, 1, 2, 3, 4, 5, 6, 7];

const picture = (kind: PlaneKind, value: number, size = SMALL) =>
  planeOf(kind, U8, new Uint8Array(size.width * size.height * 3).fill(value), size);

/** A fake host that keeps what it is given to paint. */
function keepingHost(kept: { frames: EngineFrame[]; looks: EngineFrame[] }): ModelHost {
  const host = fakeModelHost();
  return {
    ...host,
    openShot: async (setup) => {
      const shot = await host.openShot(setup);
      return {
        ...shot,
        setFirstFrame: async (_, frame) => void kept.looks.push(frame),
        render: (frames) => {
          kept.frames.push(...frames);
          return shot.render(frames);
        },
      };
    },
  };
}

/** Plays ticks with further planes through a shot that declares controls, beside a shot that declares none; both are checked to end well or not. */
async function play(
  controls: PlaneKind[],
  planes: (tick: number) => Plane[],
  { size = SMALL, host = fakeModelHost() }: { readonly size?: typeof SMALL; readonly host?: ModelHost } = {},
): Promise<{ readonly answers: ShotAnswer[]; readonly error: ShotError | undefined }> {
  running = await testServer({ openModel: async () => host });
  const beside = await running.client.openShot(openShot());
  const shot = await running.client.openShot(openShot("export", { controls, frameSize: size }));
  const answers: ShotAnswer[] = [];
  let error: ShotError | undefined;
  const reading = (async () => {
    try {
      for await (const answer of shot) answers.push(answer);
    } catch (failure) {
      error = failure as ShotError;
    }
  })();
  try {
    await shot.post({ $case: "firstFrame", value: firstFrame(0, size) });
    const still: WireFrame = engineFrame(0, size);
    for (const tick of TICKS) {
      const frame = { ...still, tick };
      await shot.send({ ...frame, planes: [...frame.planes, ...planes(tick)] });
    }
    await shot.close();
  } catch {
    // What it failed with is read.
  }
  await reading;
  await beside.post({ $case: "firstFrame", value: firstFrame(0) });
  for (const tick of TICKS) await beside.send(engineFrame(tick));
  await beside.close();
  let besides = 0;
  for await (const { $case } of beside) if ($case === "generatedFrame") besides++;
  expect(besides).toBe(TICKS.length);
  return { answers, error };
}

const noticesOf = (answers: ShotAnswer[]) => answers.flatMap((a) => (a.$case === "notice" ? [a.value] : []));
const generated = (answers: ShotAnswer[]) =>
  answers.flatMap((a) => (a.$case === "generatedFrame" ? [a.value.tick] : []));

describe("declared controls", () => {
  it.each([
    ["read in place", SMALL],
    ["read by threads", { width: 256, height: 144 }],
  ])("reach the model with every frame and with the look: %s", async (_, size) => {
    const kept = { frames: [] as EngineFrame[], looks: [] as EngineFrame[] };
    const pixels = size.width * size.height;
    const planes = (tick: number) => [
      picture(ALBEDO, 40 + tick, size),
      planeOf(SURFACE_ID, PlaneFormat.PLANE_FORMAT_U16, new Uint16Array(pixels).fill(500 + tick), size),
      picture(COLOUR, 90 + tick, size),
      planeOf(PlaneKind.PLANE_KIND_NORMAL, U8, new Uint8Array(pixels * 3).fill(255), size),
    ];
    const { answers } = await play([ALBEDO, SURFACE_ID, COLOUR], planes, { size, host: keepingHost(kept) });
    expect([generated(answers), noticesOf(answers)]).toEqual([TICKS, []]);
    const frames = kept.frames.filter(({ albedo }) => albedo);
    expect(frames.map(({ tick }) => tick)).toEqual(TICKS);
    for (const { tick, albedo, surfaceId, colour } of frames) {
      const at = pixels - 1;
      expect([albedo?.[at], surfaceId?.[at], colour?.[at]]).toEqual([40 + tick, 500 + tick, 90 + tick]);
    }
    const look = kept.looks.find(({ albedo }) => albedo);
    expect([look?.tick, look?.albedo?.[0], look?.surfaceId?.[0], look?.colour?.[0]]).toEqual([0, 40, 500, 90]);
    expect(look?.normal).toHaveLength(pixels * 3);
  });

  it("may have another size than the shot", async () => {
    const kept = { frames: [] as EngineFrame[], looks: [] as EngineFrame[] };
    const planes = () => [picture(ALBEDO, 33, { width: 7, height: 50 })];
    const { answers } = await play([ALBEDO], planes, { host: keepingHost(kept) });
    expect([generated(answers), noticesOf(answers)]).toEqual([TICKS, []]);
    const frame = kept.frames.find(({ albedo }) => albedo);
    expect(frame?.albedo).toEqual(new Uint8Array(SMALL.width * SMALL.height * 3).fill(33));
  });

  it.each([
    ["from the first tick on", (): Plane[] => []],
    ["on some ticks", (tick: number) => (tick % 3 === 2 ? [] : [picture(ALBEDO, 9)])],
  ])("that do not come end the shot, and no other: %s", async (_, planes) => {
    const { error } = await play([ALBEDO], planes);
    expect(error).toMatchObject({ code: 3, field: "engine_frame.planes" });
    expect(error?.message).toMatch(
      /lacks ALBEDO, which open_shot\.controls promises with every frame; send it with every tick or leave it out of controls/,
    );
  });

  it("that are not finite end the shot, and no other", async () => {
    const values = new Float32Array(SMALL.width * SMALL.height * 3).fill(Number.NaN);
    const { error } = await play([ALBEDO], () => [planeOf(ALBEDO, PlaneFormat.PLANE_FORMAT_F32, values, SMALL)]);
    expect(error).toMatchObject({ code: 3, field: "engine_frame.planes[2].data" });
    expect(error?.message).toMatch(/holds NaN/);
  });

  it("that are black everywhere are said once, and the shot goes on", async () => {
    const { answers } = await play([ALBEDO], (tick) => [picture(ALBEDO, tick < 2 ? 80 : 0)]);
    expect(generated(answers)).toEqual(TICKS);
    expect(noticesOf(answers)).toEqual([
      {
        kind: NoticeKind.NOTICE_KIND_ALBEDO_EMPTY,
        message: expect.stringMatching(
          /ALBEDO plane of tick 2 is black everywhere: materials cannot be told apart.*Send the/,
        ),
        tick: 2,
      },
    ]);
  });

  it("that no model uses are said once", async () => {
    const rough = planeOf(ROUGHNESS, U8, new Uint8Array(SMALL.width * SMALL.height), SMALL);
    const { answers } = await play([ROUGHNESS, METALLIC], () => [rough, { ...rough, kind: METALLIC }]);
    expect(generated(answers)).toEqual(TICKS);
    expect(noticesOf(answers)).toEqual([
      {
        kind: NoticeKind.NOTICE_KIND_IGNORED,
        message: expect.stringMatching(/uses ROUGHNESS or METALLIC.*Leave them out/),
        tick: 0,
      },
    ]);
  });

  it("cannot be the truth", async () => {
    running = await testServer();
    const open = openShot("export", { controls: [ALBEDO, PlaneKind.PLANE_KIND_TRUTH] });
    await expect(running.client.openShot(open)).rejects.toMatchObject({
      code: 3,
      field: "open_shot.controls[1]",
      message: expect.stringMatching(/is TRUTH.*no control; leave it out/),
    });
  });
});

it("albedo and surface ids that a shot does not declare are not read, which is said once", async () => {
  const kept = { frames: [] as EngineFrame[], looks: [] as EngineFrame[] };
  const ids = planeOf(SURFACE_ID, U8, new Uint8Array(SMALL.width * SMALL.height), SMALL);
  const planes = (tick: number) => [picture(COLOUR, 5), picture(ALBEDO, 5), ...(tick > 3 ? [ids] : [])];
  const { answers } = await play([], planes, { host: keepingHost(kept) });
  expect(generated(answers)).toEqual(TICKS);
  expect(noticesOf(answers).map(({ kind, tick }) => [kind, tick])).toEqual([
    [NoticeKind.NOTICE_KIND_IGNORED, 0],
    [NoticeKind.NOTICE_KIND_IGNORED, 4],
  ]);
  expect(noticesOf(answers).map(({ message }) => message)).toEqual([
    expect.stringMatching(
      /Tick 0 brings ALBEDO, which .* not name: it is not read.*Name ALBEDO there, or do not send it/,
    ),
    expect.stringMatching(/Tick 4 brings SURFACE_ID, which/),
  ]);
  for (const { albedo, surfaceId, colour } of kept.frames)
    expect([albedo, surfaceId, colour]).toEqual([undefined, undefined, undefined]);
});
