import { ModelError } from "../diffusion/model-card.js";
import { BadRequestError, Code } from "../protocol/errors.js";
import type { ModelHost } from "../shot/renderer.js";

/** Loads a model by id or path. */
export type OpenModel = (model: string) => Promise<ModelHost>;

/** The models of a server: loaded when first asked for, shared by all shots. */
export class Models {
  readonly #open: OpenModel;
  readonly #fallback: string;
  readonly #hosts = new Map<string, Promise<ModelHost>>();

  /** @param fallback Model for shots that name none. */
  constructor(open: OpenModel, fallback: string) {
    this.#open = open;
    this.#fallback = fallback;
  }

  /** The host of a model. Throws BadRequestError when it cannot be loaded; the next call tries again. */
  async get(model: string): Promise<ModelHost> {
    const id = model || this.#fallback;
    let host = this.#hosts.get(id);
    if (!host) {
      host = this.#open(id);
      this.#hosts.set(id, host);
    }
    try {
      return await host;
    } catch (error) {
      this.#hosts.delete(id);
      if (!(error instanceof ModelError)) throw error;
      throw new BadRequestError(
        "open_shot.model",
        error.message,
        error.missing ? Code.NOT_FOUND : Code.FAILED_PRECONDITION,
      );
    }
  }

  /** Ends all hosts. Safe to call twice. */
  async close(): Promise<void> {
    const hosts = [...this.#hosts.values()];
    this.#hosts.clear();
    await Promise.allSettled(hosts.map(async (host) => (await host).close()));
  }
}
