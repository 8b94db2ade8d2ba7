import { floorFrame, floorLook, openFloor } from "../../../bench/load/floor-scene.js";
import { RawStream } from "./raw-stream.js";
import { type DoorName, pause, type Target } from "./target.js";

const SIZE = { width: 1280, height: 720 };
const SMALL = { width: 64, height: 36 };
/** Far more than is generated while anybody looks. */
const MOST_TICKS = 400;
const BESIDE_MS = 8000;
const LEAVES_AFTER_MS = 3000;

/** An export that is under way. */
interface LargeExport {
  readonly stream: RawStream;
  /** Frames that were sent. */
  readonly sent: () => number;
}

/** Opens an export of 1280x720 and gives it all the frames that it has credit for, until it ends. */
async function largeExport(target: Target, door: DoorName): Promise<LargeExport> {
  const stream = new RawStream(target, door);
  stream.send(openFloor("export", SIZE));
  stream.send(floorLook(0, SIZE));
  await stream.opened();
  let sent = 0;
  void (async () => {
    while (sent < MOST_TICKS && (await stream.granted(sent + 1)))
      stream.send({ $case: "engineFrame", value: floorFrame(sent++, SIZE) });
  })();
  return { stream, sent: () => sent };
}

/** A large export runs for a while and is given up. */
export async function exportBeside(target: Target) {
  const { stream } = await largeExport(target, "grpc");
  const ended = stream.endingUnasked(BESIDE_MS);
  return { did: `exported at 1280x720 for ${BESIDE_MS / 1000} s`, ending: await ended };
}

/** The client of a large export leaves in the middle of a chunk; then somebody else comes. */
export async function clientLeaves(target: Target) {
  const { stream } = await largeExport(target, "websocket");
  await pause(LEAVES_AFTER_MS);
  stream.leave();
  const left = performance.now();
  const next = new RawStream(target, "grpc");
  next.send(openFloor("export", SMALL));
  next.send(floorLook(0, SMALL));
  for (let tick = 0; tick < 4; tick++) next.send({ $case: "engineFrame", value: floorFrame(tick, SMALL) });
  const ending = await next.ending();
  return {
    did: `left an export at 1280x720 after ${LEAVES_AFTER_MS / 1000} s`,
    /** Milliseconds from its leaving until the next shot had its four ticks. */
    milliseconds: performance.now() - left,
    ending,
  };
}

/** Large exports on both doors that stay until the server ends them. `started` is called when both run. */
export async function exportsUntilTheEnd(target: Target, started: () => void) {
  const exports = await Promise.all([largeExport(target, "grpc"), largeExport(target, "websocket")]);
  started();
  const [grpc, webSocket] = await Promise.all(exports.map(({ stream }) => stream.endingUnasked(60_000)));
  const sent = Math.max(...exports.map((each) => each.sent()));
  return { did: "exported at 1280x720 on both doors", grpc, webSocket, sent };
}

/** Clients that open a shot and then read nothing, on both doors, until they are killed. */
export async function frozenClients(target: Target, started: () => void) {
  const streams = (["grpc", "websocket"] as const).map((door) => new RawStream(target, door, { readsNothing: true }));
  const size = { width: 512, height: 288 };
  for (const stream of streams) {
    stream.send(openFloor("live", size));
    stream.send(floorLook(0, size));
  }
  for (let tick = 0; tick < 120; tick++) {
    for (const stream of streams) stream.send({ $case: "engineFrame", value: floorFrame(tick, size) });
    await pause(25);
  }
  started();
  await pause(30_000);
  return { did: "read nothing on both doors" };
}

/** The same for a while, beside others. */
export async function frozenBeside(target: Target) {
  const outcome = frozenClients(target, () => {});
  await Promise.race([outcome, pause(5000)]);
  return { did: "read nothing on both doors for 5 s" };
}
