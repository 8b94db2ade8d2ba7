import { findModel, idOf, ModelError, modelIds } from "../diffusion/model-card.js";
import { BadRequestError, Code } from "../protocol/errors.js";
import type { ModelHost } from "../shot/renderer.js";

/** Loads a model by id or path. */
export type OpenModel = (model: string) => Promise<ModelHost>;

/** A model that a shot may ask for. */
export interface AvailableModel {
  /** What open_shot.model takes. */
  readonly id: string;
  /** Frames that are denoised together. */
  readonly chunkLength: number;
  /** ONNX Runtime execution provider in use, such as "cpu"; undefined as long as the model is not loaded. */
  readonly provider: string | undefined;
}

/** The models of a server: loaded when first asked for, shared by all shots. */
export class Models {
  readonly #open: OpenModel;
  readonly #fallback: string;
  readonly #hosts = new Map<string, Promise<ModelHost>>();
  readonly #loaded = new Map<string, ModelHost>();
  /** Id of the model for shots that name none. It stands before a model in `models/` of the same id. */
  readonly defaultId: string;

  /** @param fallback Id or card path of the model for shots that name none; "" for the default model. */
  constructor(open: OpenModel, fallback: string) {
    this.#open = open;
    this.#fallback = fallback;
    this.defaultId = idOf(fallback);
  }

  /** Whether shots can be opened: no model's worker is dead or being started again. */
  get serving(): boolean {
    return true;
  }

  /** Calls `listener` whenever `serving` has changed. */
  onServingChange(_listener: () => void): void {}

  /** The models that can be opened, as far as one can tell without loading any: the default, then the others by id. */
  available(): AvailableModel[] {
    const ids = [this.defaultId, ...modelIds().filter((id) => id !== this.defaultId)];
    return ids.flatMap((id) => {
      const model = this.#named(id);
      const loaded = this.#loaded.get(model);
      try {
        const { chunkLength } = loaded ?? findModel(model).card;
        return [{ id, chunkLength, provider: loaded?.provider }];
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        return [];
      }
    });
  }

  /** The host of a model. Throws BadRequestError when it cannot be loaded; the next call tries again. */
  async get(model: string): Promise<ModelHost> {
    const id = this.#named(model);
    let host = this.#hosts.get(id);
    if (!host) {
      host = this.#open(id);
      this.#hosts.set(id, host);
    }
    try {
      const loaded = await host;
      this.#loaded.set(id, loaded);
      return loaded;
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
    this.#loaded.clear();
    await Promise.allSettled(hosts.map(async (host) => (await host).close()));
  }

  /** What a shot's model opens as: one host for the default, whether it is named or not. */
  #named(model: string): string {
    return !model || model === this.defaultId ? this.#fallback : model;
  }
}
