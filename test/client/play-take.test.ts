import { afterEach, expect, it } from "vitest";
import { playTake } from "../../src/client/play-take.js";
import type { ShotMessage } from "../../src/protocol/codec.js";
import { fakeModelHost } from "../fixtures/fake-model-host.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";
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
