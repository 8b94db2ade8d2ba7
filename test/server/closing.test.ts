import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { ShotError } from "../../src/client/client.js";
import { decodeResponse, encodeRequest, type ShotAnswer, type ShotMessage } from "../../src/protocol/codec.js";
import { DropReason } from "../../src/protocol/generated/playblast/v1/generated_frame.js";
import type { ModelHost } from "../../src/shot/renderer.js";
import { fakeModelHost } from "../fixtures/fake-model-host.js";
import { engineFrame, firstFrame, openShot } from "../fixtures/shot-messages.js";
import { testServer } from "../fixtures/test-server.js";

/** Tells a server that closes from one that never does, on the slowest machine. The promise is 3 s. */
const NEVER = 20_000;
const LAST_WORD = /the server is shutting down; ticks without an answer have no picture/;

/** A model that works at its first chunk for ever, and does not end either. */
function stuckHost(calls: string[]): ModelHost {
  const host = fakeModelHost();
  return {
    ...host,
    close: () => new Promise(() => {}),
    openShot: async (setup) => ({
      ...(await host.openShot(setup)),
      render: () => {
        calls.push("render");
        return new Promise(() => {});
      },
    }),
  };
}

const frames = (ticks: number): ShotMessage[] => [
  { $case: "firstFrame", value: firstFrame(0) },
  ...Array.from({ length: ticks }, (_, tick) => ({ $case: "engineFrame" as const, value: engineFrame(tick) })),
];

/** Ticks 4 to 9 wait behind a chunk of 0 to 3 that runs. */
const CLOSED = [4, 5, 6, 7, 8, 9].map((tick) => ({ tick, reason: DropReason.DROP_REASON_CLOSED }));
const droppedIn = (answers: ShotAnswer[]) => answers.flatMap((a) => (a.$case === "frameDropped" ? [a.value] : []));

describe("a server that closes", () => {
  it(
    "answers what waits and says UNAVAILABLE over gRPC, whatever the model does",
    async () => {
      const calls: string[] = [];
      const running = await testServer({ openModel: async () => stuckHost(calls) });
      const shot = await running.client.openShot(openShot());
      for (const message of frames(10)) await shot.post(message);
      await expect.poll(() => calls).toEqual(["render"]);
      await sleep(200);
      const closed = running.server.close();
      const answers: ShotAnswer[] = [];
      const failure = await (async () => {
        for await (const answer of shot) answers.push(answer);
      })().then(
        () => undefined,
        (error: ShotError) => error,
      );
      expect(failure).toMatchObject({ code: status.UNAVAILABLE, message: expect.stringMatching(LAST_WORD) });
      expect(droppedIn(answers)).toEqual(CLOSED);
      await closed;
      await running.close();
    },
    NEVER,
  );

  it(
    "answers what waits and says UNAVAILABLE over WebSocket, whatever the model does",
    async () => {
      const calls: string[] = [];
      const running = await testServer({ openModel: async () => stuckHost(calls) });
      const socket = new WebSocket(`ws://127.0.0.1:${running.server.webSocketPort}/v1/shot`);
      const answers: ShotAnswer[] = [];
      socket.on("message", (data: Buffer) => answers.push(decodeResponse(data).message as ShotAnswer));
      await once(socket, "open");
      socket.send(encodeRequest({ message: { $case: "openShot", value: openShot() } }));
      for (const message of frames(10)) socket.send(encodeRequest({ message }));
      await expect.poll(() => calls).toEqual(["render"]);
      await sleep(200);
      const closed = running.server.close();
      const [code] = await once(socket, "close");
      expect(code).toBe(1001);
      expect(droppedIn(answers)).toEqual(CLOSED);
      expect(answers.at(-1)).toMatchObject({
        $case: "shotFailed",
        value: { code: status.UNAVAILABLE, message: expect.stringMatching(LAST_WORD) },
      });
      await closed;
      await running.close();
    },
    NEVER,
  );

  it(
    "does not wait for a model that is being loaded, nor for a shot that waits for it",
    async () => {
      let asked = false;
      const running = await testServer({
        openModel: () => {
          asked = true;
          return new Promise(() => {});
        },
      });
      const opening = running.client.openShot(openShot());
      opening.catch(() => {});
      await expect.poll(() => asked).toBe(true);
      await running.server.close();
      await expect(opening).rejects.toMatchObject({
        code: status.UNAVAILABLE,
        message: expect.stringMatching(LAST_WORD),
      });
      await running.close();
    },
    NEVER,
  );

  it("opens no shot meanwhile, and says why", async () => {
    const running = await testServer({ openModel: async () => stuckHost([]) });
    const shot = await running.client.openShot(openShot());
    const closed = running.server.close();
    await expect(running.client.openShot(openShot())).rejects.toMatchObject({ code: status.UNAVAILABLE });
    await expect(shot[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: status.UNAVAILABLE });
    await closed;
    await running.close();
  }, 20_000);
});
