import sharp from "sharp";
import { afterEach, expect, it } from "vitest";
import { playTake } from "../../src/client/play-take.js";
import type { ShotMessage } from "../../src/protocol/codec.js";
import { PlaneFormat, PlaneKind } from "../../src/protocol/generated/playblast/v1/plane.js";
import type { ModelHost } from "../../src/shot/renderer.js";
import { planeOf } from "../fixtures/dialects.js";
import { fakeModelHost } from "../fixtures/fake-model-host.js";
import { engineFrame, firstFrame, openShot, SMALL } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";

const TICKS = 200;

let running: Awaited<ReturnType<typeof testServer>>;
afterEach(() => running.close());

async function* take(): AsyncGenerator<ShotMessage> {
  yield { $case: "openShot", value: openShot() };
  yield { $case: "firstFrame", value: firstFrame(0) };
  const frame = engineFrame(0);
  for (let tick = 0; tick < TICKS; tick++) yield { $case: "engineFrame", value: { ...frame, tick } };
}

const seen = { planes: [] as PlaneKind[], looks: [] as number[] };

/** A fake host that notes which planes come, of colours, and for which ticks looks. */
function noting(): ModelHost {
  const host = fakeModelHost({ lookImages: 4 });
  Object.assign(seen, { planes: [], looks: [] });
  return {
    ...host,
    openShot: async (setup) => ({
      ...(await host.openShot(setup)),
      setFirstFrame: async (_, frame) => {
        seen.looks.push(frame.tick);
        if (frame.colour) seen.planes.push(PlaneKind.PLANE_KIND_COLOUR);
        if (frame.truth) seen.planes.push(PlaneKind.PLANE_KIND_TRUTH);
      },
    }),
  };
}

async function* shortTake(controls: PlaneKind[]): AsyncGenerator<ShotMessage> {
  yield { $case: "openShot", value: openShot("export", { controls }) };
  const rgb = new Uint8Array(SMALL.width * SMALL.height * 3);
  for (const tick of [3, 4, 7]) {
    const frame = engineFrame(tick);
    for (const kind of [PlaneKind.PLANE_KIND_COLOUR, PlaneKind.PLANE_KIND_TRUTH])
      frame.planes.push(planeOf(kind, PlaneFormat.PLANE_FORMAT_U8, rgb, SMALL));
    yield { $case: "engineFrame", value: frame };
  }
}

async function played(controls: PlaneKind[], ticks: (number | undefined)[]): Promise<void> {
  running = await testServer({ openModel: async () => noting() });
  const encoded = await sharp({ create: { ...SMALL, channels: 3, background: "#802040" } })
    .png()
    .toBuffer();
  const firstFrames = ticks.map((tick) => ({ encoded, tick }));
  for await (const _ of playTake(running.client, shortTake(controls), { mode: "export", firstFrames }));
}

it("the engine's picture is sent where the take declares it as a control; the truth never is", async () => {
  await played([PlaneKind.PLANE_KIND_COLOUR], [undefined]);
  expect(seen.planes).toEqual([PlaneKind.PLANE_KIND_COLOUR]);
  await running.close();
  await played([], [undefined]);
  expect(seen).toEqual({ planes: [], looks: [3] });
});

it("each first frame is sent for its tick; one whose tick does not come ends the shot", async () => {
  await played([], [7, undefined, 4]);
  expect(seen.looks).toEqual([3, 4, 7]);
  await running.close();
  await expect(played([], [undefined, 5])).rejects.toThrow(/shows tick 5, which the take does not have/);
  await running.close();
  await expect(played([], [undefined, 9])).rejects.toThrow(/shows tick 9/);
});

it("a shot whose reader stops is not generated to its end", async () => {
  running = await testServer({ openModel: async () => fakeModelHost({ delayMs: 10 }) });
  let sent = 0;
  const onMessage = ({ $case }: ShotMessage) => {
    if ($case === "engineFrame") sent++;
  };
  const readsOne = async () => {
    for await (const answer of playTake(running.client, take(), { mode: "export", onMessage })) {
      if (answer.$case === "generatedFrame") throw new Error("no room");
    }
  };
  await expect(readsOne()).rejects.toThrow("no room");
  // What credit allows was on its way.
  expect(sent).toBeLessThan(TICKS / 2);
});
