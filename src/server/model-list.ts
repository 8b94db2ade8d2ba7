import { PROTOCOL_VERSION } from "../protocol/limits.js";
import type { SessionContext } from "./session.js";

/** What a client can choose from before it opens a shot: the JSON of GET /v1/models, named as on the wire. */
export interface ModelList {
  readonly server_version: string;
  readonly protocol_version: { readonly major: number; readonly minor: number };
  /** Id of the model for shots that name none. It is not among `models` when it cannot be opened. */
  readonly default: string;
  readonly models: readonly {
    /** What open_shot.model takes. */
    readonly id: string;
    /** Name of the family of models that it belongs to. */
    readonly family: string;
    readonly takes_prompt: boolean;
    /** Look images that it holds at a time; at 1 each first frame takes the place of the one before. */
    readonly look_images: number;
    /** Most frames that are generated together. */
    readonly chunk_length: number;
    /** ONNX Runtime execution provider in use, such as "cpu"; null as long as the model is not loaded. */
    readonly provider: string | null;
  }[];
  /** Whether open_shot.record_as is allowed. */
  readonly records_takes: boolean;
}

/** Lists what a server offers now. Loads no model. */
export function modelList({ models, version, takeFolder }: SessionContext): ModelList {
  return {
    server_version: version,
    protocol_version: PROTOCOL_VERSION,
    default: models.defaultId,
    models: models.available().map(({ id, family, takes, chunkLength, provider }) => ({
      id,
      family,
      takes_prompt: takes.prompt,
      look_images: takes.lookImages,
      chunk_length: chunkLength,
      provider: provider ?? null,
    })),
    records_takes: takeFolder !== undefined,
  };
}
