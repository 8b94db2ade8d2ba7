import { availableParallelism } from "node:os";
import ort from "onnxruntime-node";
import { PROVIDERS } from "./providers.js";

// Providers that cannot be loaded are reported by us, in a line.
ort.env.logLevel = "fatal";

/** A tensor that goes into a graph or comes out of it, as the graph declares it. */
export interface GraphValue {
  readonly name: string;
  /** Element type, such as "float32"; undefined where it is no tensor. */
  readonly type: string | undefined;
  /** A name, which may be empty, stands for a size that the graph leaves open. Empty where the graph does not tell. */
  readonly shape: readonly (number | string)[];
}

/** A loaded graph with the provider that runs it. */
export interface Session {
  readonly provider: string;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  /** Providers that were tried before and why they failed. */
  readonly refused: readonly { readonly provider: string; readonly reason: string }[];
  run(
    feeds: Record<string, { readonly data: Float32Array; readonly dims: readonly number[] }>,
  ): Promise<Record<string, Float32Array>>;
  close(): Promise<void>;
}

/**
 * Loads an ONNX graph on the best provider there is. Blocks its thread while it runs, so it belongs into a worker.
 *
 * @throws Error with every provider's reason when none can load the graph.
 */
export async function openSession(model: Uint8Array, providers: readonly string[] = PROVIDERS): Promise<Session> {
  const refused: { provider: string; reason: string }[] = [];
  for (const provider of providers) {
    try {
      const session = await ort.InferenceSession.create(model, {
        executionProviders: [provider],
        graphOptimizationLevel: "all",
        intraOpNumThreads: availableParallelism(),
        logSeverityLevel: 4,
        // A pattern takes all of a run's memory in one piece, for which the arena grows by powers of two: up to half more, and no faster.
        enableMemPattern: false,
        // Spinning would take a core from conditioning and from the server between chunks.
        extra: { session: { intra_op: { allow_spinning: "0" } } },
      });
      return new OpenSession(session, provider, refused);
    } catch (error) {
      refused.push({ provider, reason: (error as Error).message });
    }
  }
  throw new Error(refused.map(({ provider, reason }) => `${provider}: ${reason}`).join("; "));
}

function graphValue(value: ort.InferenceSession.ValueMetadata): GraphValue {
  if (!value.isTensor) return { name: value.name, type: undefined, shape: [] };
  return { name: value.name, type: value.type, shape: value.shape };
}

class OpenSession implements Session {
  readonly provider: string;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly refused: readonly { provider: string; reason: string }[];
  #session: ort.InferenceSession | undefined;

  constructor(
    session: ort.InferenceSession,
    provider: string,
    refused: readonly { provider: string; reason: string }[],
  ) {
    this.#session = session;
    this.provider = provider;
    this.inputs = session.inputMetadata.map(graphValue);
    this.outputs = session.outputMetadata.map(graphValue);
    this.refused = refused;
  }

  async run(feeds: Record<string, { readonly data: Float32Array; readonly dims: readonly number[] }>) {
    if (!this.#session) throw new Error("the session is closed");
    const tensors = Object.fromEntries(
      Object.entries(feeds).map(([name, { data, dims }]) => [name, new ort.Tensor("float32", data, dims)]),
    );
    const results = await this.#session.run(tensors);
    return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]));
  }

  async close() {
    const session = this.#session;
    this.#session = undefined;
    await session?.release();
  }
}
