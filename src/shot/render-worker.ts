import { parentPort, workerData } from "node:worker_threads";
import { openDefaultModel } from "../diffusion/default-model.js";
import { loadModel, ModelError } from "../diffusion/model-card.js";
import { measureSpeed } from "./measure-speed.js";
import { ChunkRenderer } from "./render-chunk.js";
import type { Call, Reply } from "./render-messages.js";

/** Runs in a worker thread: one model, the shots that it paints, one call after another. */
async function main(): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error("render-worker runs as a worker thread only");
  const reply = (message: Reply) => port.postMessage(message);
  let model: Awaited<ReturnType<typeof openDefaultModel>>;
  try {
    model = await openDefaultModel(loadModel((workerData as { model: string }).model));
  } catch (error) {
    reply({
      kind: "refused",
      message: (error as Error).message,
      missing: error instanceof ModelError && error.missing,
    });
    return;
  }
  const shots = new Map<number, ChunkRenderer>();
  const answer = async (call: Call): Promise<unknown> => {
    if (call.method === "openShot") {
      const shot = new ChunkRenderer(model, call.setup);
      shots.set(call.shot, shot);
      return shot.steps;
    }
    if (call.method === "closeModel") return model.close();
    const shot = shots.get(call.shot);
    if (!shot) throw new Error(`shot ${call.shot} is not open`);
    if (call.method === "setFirstFrame") return shot.setFirstFrame(call.picture, call.frame);
    if (call.method === "cut") return shot.cut(call.options);
    if (call.method === "render") return shot.render(call.frames);
    shots.delete(call.shot);
    return shot.close();
  };
  let queue = Promise.resolve();
  port.on("message", (call: Call) => {
    queue = queue.then(async () => {
      try {
        reply({ kind: "result", id: call.id, value: await answer(call) });
      } catch (error) {
        reply({ kind: "failed", id: call.id, message: (error as Error).message });
      }
      if (call.method === "closeModel") port.close();
    });
  });
  const { id, chunkLength, steps } = model.card;
  reply({ kind: "ready", model: id, chunkLength, steps, speed: await measureSpeed(model), provider: model.provider });
}

await main();
