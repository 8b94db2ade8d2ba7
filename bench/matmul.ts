import { openSession } from "playblast/runtime/session";
import { FLOAT, type OnnxValue, writeOnnx } from "./onnx-file.js";

const SIDE = 1024;

/** Floating point operations of one run, in units of 10^9. */
export const MATMUL_GFLOP = (2 * SIDE ** 3) / 1e9;

/** ONNX Runtime's own product of two 1024x1024 fp32 matrices: what the machine can do, as a measure for a model. */
export interface MatMul {
  run(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the product as a graph of one node, in a session like a model's. */
export async function openMatMul(): Promise<MatMul> {
  // Neither zeros nor denormal numbers, which some processors multiply at another speed.
  const values = Float32Array.from({ length: SIDE * SIDE }, (_, i) => 1 + (i % 7) / 7);
  const dims = [SIDE, SIDE];
  const value = (name: string): OnnxValue => ({
    name,
    type: { tensorType: { elemType: FLOAT, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
  });
  const file = writeOnnx({
    name: "matmul",
    node: [{ opType: "MatMul", input: ["a", "b"], output: ["c"] }],
    // Constant like a layer's weights, so that ONNX Runtime packs it once.
    initializer: [{ name: "b", dims, dataType: FLOAT, rawData: new Uint8Array(values.buffer) }],
    input: [value("a")],
    output: [value("c")],
  });
  const session = await openSession(file);
  return {
    run: async () => {
      await session.run({ a: { data: values, dims } });
    },
    close: () => session.close(),
  };
}
