import { Worker } from "node:worker_threads";
import { ModelError } from "../diffusion/model-card.js";
import type { FrameSize } from "../scene/picture.js";
import type { Speed } from "./budget.js";
import type { Call, Reply } from "./render-messages.js";
import type { ModelHost, RenderedFrame, RenderSetup, ShotRenderer } from "./renderer.js";

type Ready = Extract<Reply, { kind: "ready" }>;
/** Each member of a union of calls, less what the door adds. */
type Question = Call extends infer Each ? (Each extends Call ? Omit<Each, "id"> : never) : never;

/**
 * Loads a model in a worker thread of its own, so that the caller's event loop never runs it.
 *
 * @param model Id of a model in `models/`, "" for the default, or the path of a model card.
 * @throws ModelError when the model is missing, corrupt or cannot be loaded.
 */
export async function openModel(model: string): Promise<ModelHost> {
  const worker = new Worker(new URL("./render-worker.js", import.meta.url), { workerData: { model } });
  const ready = await new Promise<Ready>((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`the render worker ended with code ${code} before it was ready`)));
    worker.once("message", (reply: Reply) => {
      if (reply.kind === "ready") resolve(reply);
      else if (reply.kind === "refused") reject(new ModelError(reply.message, reply.missing));
    });
  });
  worker.removeAllListeners("exit");
  worker.removeAllListeners("error");
  return new WorkerHost(worker, ready);
}

class WorkerHost implements ModelHost {
  readonly model: string;
  readonly chunkLength: number;
  readonly provider: string;
  readonly steps: number;
  readonly speed: Speed;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  /** Milliseconds that the last chunk of a size and step count took. */
  readonly #measured = new Map<string, number>();
  #nextCall = 0;
  #nextShot = 0;
  #dead: Error | undefined;

  constructor(worker: Worker, ready: Ready) {
    this.#worker = worker;
    this.model = ready.model;
    this.chunkLength = ready.chunkLength;
    this.provider = ready.provider;
    this.steps = ready.steps;
    this.speed = ready.speed;
    worker.on("message", (reply: Reply) => this.#settle(reply));
    worker.on("error", (error) => this.#die(error));
    worker.on("exit", () => this.#die(new Error("the render worker has ended")));
  }

  roundSize({ width, height }: FrameSize): FrameSize {
    return { width: width + (width % 2), height: height + (height % 2) };
  }

  async openShot(setup: RenderSetup): Promise<ShotRenderer> {
    const shot = this.#nextShot++;
    const steps = (await this.#ask({ method: "openShot", shot, setup })) as number;
    const kind = `${setup.size.width}x${setup.size.height}, ${steps} steps`;
    let open = true;
    return {
      steps,
      expectedMs: this.#measured.get(kind) ?? 0,
      setFirstFrame: async (picture, frame) => {
        await this.#ask({ method: "setFirstFrame", shot, picture, frame });
      },
      cut: async (options) => {
        await this.#ask({ method: "cut", shot, options });
      },
      render: async (frames) => {
        const start = performance.now();
        const rendered = (await this.#ask({ method: "render", shot, frames })) as RenderedFrame[];
        this.#measured.set(kind, performance.now() - start);
        return rendered;
      },
      close: async () => {
        if (!open || this.#dead) return;
        open = false;
        await this.#ask({ method: "closeShot", shot });
      },
    };
  }

  async close(): Promise<void> {
    if (this.#dead) return;
    await this.#ask({ method: "closeModel", shot: -1 });
    await this.#worker.terminate();
  }

  #ask(question: Question): Promise<unknown> {
    if (this.#dead) return Promise.reject(this.#dead);
    const id = this.#nextCall++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ ...question, id });
    });
  }

  #settle(reply: Reply): void {
    if (reply.kind !== "result" && reply.kind !== "failed") return;
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.kind === "result") waiting?.resolve(reply.value);
    else waiting?.reject(new Error(reply.message));
  }

  #die(error: Error): void {
    this.#dead ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
