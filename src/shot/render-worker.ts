import { Socket } from "node:net";
import { constants, setPriority } from "node:os";
import { type FamilyModel, type LoadedModel, ModelRefusal, type ShotPainter } from "../diffusion/family.js";
import { describeModel } from "../diffusion/model-card.js";
import { ModelError } from "../diffusion/model-error.js";
import type { FrameSize } from "../scene/picture.js";
import type { Speed } from "./budget.js";
import { measureSpeed } from "./measure-speed.js";
import type { Call, Reply, Request } from "./render-messages.js";
import { receiveFrom, sendTo } from "./render-pipe.js";

/** The pipe to the process that started this one, beside standard input, output and error. */
const PIPE = 3;
/** What a frame of so many pixels leaves behind in ONNX Runtime's memory is worth the moment that giving it back takes. */
const LARGE_PIXELS = 512 * 288;

interface OpenShot {
  readonly painter: ShotPainter;
  readonly pixels: number;
  abandoned: boolean;
}

/**
 * A render process: one model and the shots that it paints. A process and no thread, because a run of ONNX Runtime can neither be
 * stopped nor survive the end of its thread (the whole process aborts), and because what a process held is free when it ends.
 */
function main(): void {
  // The terminal and the service manager signal every process of a server; the server ends this one when it is done with it.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
  const pipe = new Socket({ fd: PIPE });
  const reply = (message: Reply) => sendTo(pipe, message);
  const shots = new Map<number, OpenShot>();
  let model: LoadedModel | undefined;

  const answer = async (call: Call): Promise<Reply> => {
    if (!model) throw new Error("no model is loaded");
    if (call.method === "openShot") {
      const { setup } = call;
      const painter = await model.openShot(setup);
      shots.set(call.shot, { painter, pixels: pixelsOf(setup.size), abandoned: false });
      return result(painter, undefined);
    }
    const shot = shots.get(call.shot);
    if (!shot) throw new Error(`shot ${call.shot} is not open`);
    const { painter } = shot;
    if (call.method === "setFirstFrame")
      return result(painter, await painter.setFirstFrame(call.picture, call.frame, call.options));
    if (call.method === "cut") return result(painter, await painter.cut(call.options));
    if (call.method === "setPrompt") return result(painter, await painter.setPrompt?.(call.prompt));
    if (call.method === "render") {
      // The chunk before left behind some hundreds of bytes a pixel: frames, pictures, noise, remembered frames that gave way.
      if (shot.pixels > LARGE_PIXELS) globalThis.gc?.();
      return result(painter, await painter.render(call.frames, () => nextMoment(shot)));
    }
    shots.delete(call.shot);
    await painter.close();
    const large = [...shots.values()].some(({ pixels }) => pixels > LARGE_PIXELS);
    if (shot.pixels > LARGE_PIXELS && !large) await model.releaseMemory();
    return result(painter, undefined);
  };

  const load = async ({ cardPath, card, measure }: Extract<Request, { kind: "load" }>): Promise<Reply> => {
    try {
      const { model: described, files } = describeModel(cardPath, card);
      model = await described.open(files, described.providers);
      const speed = measure ? await measured(model, described) : undefined;
      return { kind: "ready", provider: model.provider, speed, bytes: process.memoryUsage().rss };
    } catch (error) {
      const fault = error instanceof ModelError ? error.fault : undefined;
      return { kind: "refused", message: (error as Error).message, fault };
    }
  };

  const work = async (request: Exclude<Request, { kind: "abandon" }>): Promise<void> => {
    if (request.kind === "load") reply(await load(request));
    else if (request.kind === "lowerPriority") {
      // On Linux this is the priority of the thread alone; the threads of a session that is opened now inherit it.
      setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
      await model?.releaseMemory();
    } else {
      try {
        reply(await answer(request));
      } catch (error) {
        reply(failure(error as Error));
      }
    }
  };

  let queue = Promise.resolve();
  receiveFrom(pipe, (message) => {
    const request = message as Request;
    if (request.kind === "abandon") {
      const shot = shots.get(request.shot);
      if (shot) shot.abandoned = true;
    } else queue = queue.then(() => work(request));
  });
  // However the server ends: what is left to do is of no use to anybody.
  pipe.on("error", () => process.exit());
  pipe.on("close", () => process.exit());
}

function result({ chunkLength }: ShotPainter, value: unknown): Reply {
  return { kind: "result", value, chunkLength };
}

function failure(error: Error): Reply {
  const { message, stack = "" } = error;
  if (!(error instanceof ModelRefusal)) return { kind: "failed", message, stack };
  return { kind: "notTaken", field: error.field, message, exhausted: error.exhausted };
}

/** The speed of a model. Throws ModelError where it cannot paint what its card says. */
async function measured(model: LoadedModel, described: FamilyModel): Promise<Speed> {
  try {
    return await measureSpeed(model, described);
  } catch (error) {
    if (error instanceof ModelError) throw error;
    const { width, height } = described.sizes.export;
    throw new ModelError(
      `the model is loaded, but does not paint a chunk of ${described.chunkLength} frames at ${width}x${height}, which its card allows: ${(error as Error).message}. Check the card's fields against its graph`,
      false,
    );
  }
}

/** Lets messages in. Throws where one of them abandoned the shot. */
async function nextMoment(shot: OpenShot): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (shot.abandoned) throw new Error("the shot was abandoned");
}

function pixelsOf({ width, height }: FrameSize): number {
  return width * height;
}

main();
