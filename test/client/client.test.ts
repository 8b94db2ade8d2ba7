import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, it } from "vitest";
import { PlayblastClient } from "../../src/client/client.js";
import {
  ShotServiceService,
  type StreamShotRequest,
  StreamShotResponse,
} from "../../src/protocol/generated/playblast/v1/shot_service.js";
import { engineFrame, openShot } from "../fixtures/shot-messages.js";

type Call = ServerDuplexStream<StreamShotRequest, StreamShotResponse>;

/** What gRPC and HTTP/2 buffer between two programs is far less. */
const MUCH = 300;
const frame = engineFrame(0, { width: 256, height: 144 });

let server: Server;
let client: PlayblastClient;
let served: Call;
const warnings: Error[] = [];
const onWarning = (warning: Error) => warnings.push(warning);

beforeEach(async () => {
  process.on("warning", onWarning);
  server = new Server();
  server.addService(ShotServiceService, {
    streamShot: (call: Call) => {
      served = call;
      call.once("data", () => {
        call.pause();
        call.write(StreamShotResponse.fromPartial({ message: { $case: "shotReady", value: { credit: 0 } } }));
      });
    },
  });
  const port = await new Promise<number>((done, fail) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? fail(error) : done(bound),
    ),
  );
  client = new PlayblastClient(`127.0.0.1:${port}`);
});
afterEach(() => {
  process.off("warning", onWarning);
  client.close();
  server.forceShutdown();
});

it("a client waits for a server that reads slowly, whatever it answers meanwhile, and then goes on", async () => {
  const shot = await client.openShot(openShot("live"));
  let sent = 0;
  const sending = (async () => {
    for (; sent < MUCH; sent++) await shot.send({ ...frame, tick: sent });
  })();
  const answers = setInterval(
    () => served.write(StreamShotResponse.fromPartial({ message: { $case: "credit", value: { frames: 1 } } })),
    1,
  );
  // It is at rest when it has sent nothing more in a while.
  let before = -1;
  await expect
    .poll(
      () => {
        const rests = before === sent && sent > 0;
        before = sent;
        return rests;
      },
      { interval: 300, timeout: 20_000 },
    )
    .toBe(true);
  expect(sent).toBeLessThan(MUCH);
  served.on("data", () => {});
  served.resume();
  await sending;
  clearInterval(answers);
  expect(sent).toBe(MUCH);
  expect(warnings.map(String)).toEqual([]);
  shot.cancel();
});

it("a client that waits ends when the server goes away", async () => {
  const shot = await client.openShot(openShot("live"));
  const sending = (async () => {
    for (let tick = 0; tick < MUCH; tick++) await shot.send({ ...frame, tick });
  })();
  await new Promise((resolve) => setTimeout(resolve, 500));
  server.forceShutdown();
  await expect(sending).rejects.toThrow();
});

it("opens no shot for a signal that is aborted already", async () => {
  const reason = new Error("stopped before it began");
  await expect(client.openShot(openShot("export"), AbortSignal.abort(reason))).rejects.toBe(reason);
});

it("answers that nobody iterates over stay with the server, but for so many bytes; all come when they are read", async () => {
  const shot = await client.openShot(openShot("live"));
  const pictures = 120;
  const image = Buffer.alloc(1 << 20);
  let taken = 0;
  for (let tick = 0; tick < pictures; tick++) {
    const value = { tick, image };
    served.write(StreamShotResponse.fromPartial({ message: { $case: "generatedFrame", value } }), () => taken++);
  }
  served.end();
  let before = -1;
  await expect
    .poll(
      () => {
        const rests = before === taken && taken > 0;
        before = taken;
        return rests;
      },
      { interval: 500, timeout: 20_000 },
    )
    .toBe(true);
  // 64 MiB wait in the client, 16 messages in gRPC's own client, and what sockets hold.
  expect(taken).toBeGreaterThan(60);
  expect(taken).toBeLessThan(100);
  const ticks: number[] = [];
  for await (const answer of shot) if (answer.$case === "generatedFrame") ticks.push(answer.value.tick);
  expect(ticks).toEqual(Array.from({ length: pictures }, (_, i) => i));
});
