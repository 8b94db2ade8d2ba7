import { setImmediate } from "node:timers/promises";
import { parentPort } from "node:worker_threads";
import { BadRequestError } from "../protocol/errors.js";
import { decodeFrame, frameSteps, readLook } from "./read.js";
import type { FrameJob, FrameReading, LookJob, ReadCall, ReadReply, ReadSetup } from "./read-messages.js";

/** Runs in a worker thread: reads engine frames and first frames for the event loop, several at a time, a plane of each in turn. */
const setups = new Map<number, ReadSetup>();

parentPort?.on("message", (call: ReadCall) => {
  if (call.kind === "setup") setups.set(call.shot, call.setup);
  else if (call.kind === "forget") setups.delete(call.shot);
  else void answer(call.id, call.job);
});

async function answer(id: number, job: FrameJob | LookJob): Promise<void> {
  try {
    const setup = setups.get(job.shot);
    if (!setup) throw new Error(`shot ${job.shot} has no setup`);
    if (job.kind === "look") {
      const look = await readLook(job, setup);
      send({ kind: "done", id, value: look }, owned([look.picture.rgb]));
    } else {
      const reading = await readFrame(job, setup);
      const { depth, ownerId, normal, shade, albedo, surfaceId, colour } = reading.frame;
      send({ kind: "done", id, value: reading }, owned([depth, ownerId, normal, shade, albedo, surfaceId, colour]));
    }
  } catch (error) {
    if (error instanceof BadRequestError) {
      const { field, description, code } = error;
      send({ kind: "refused", id, field, description, code });
    } else send({ kind: "failed", id, message: (error as Error).message });
  }
}

async function readFrame({ bytes, lastTick }: FrameJob, setup: ReadSetup): Promise<FrameReading> {
  const steps = frameSteps(decodeFrame(bytes), lastTick, setup);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    // What others have asked for meanwhile begins here.
    await setImmediate();
  }
}

function send(reply: ReadReply, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(reply, transfer);
}

/** The memory of arrays that have it for themselves: it is handed over; what shares its memory is copied. */
function owned(arrays: readonly (Float32Array | Uint16Array | Uint8Array | undefined)[]): ArrayBuffer[] {
  return arrays.flatMap((array) =>
    array?.buffer instanceof ArrayBuffer && array.byteLength === array.buffer.byteLength ? [array.buffer] : [],
  );
}
