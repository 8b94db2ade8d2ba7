import { openSession } from "playblast/runtime/session";
import type { FrameSize } from "playblast/scene/picture";
import { readOnnx, withOutputs } from "./onnx-file.js";

/** Nodes that multiply matrices. What the others do is linear in the pixels and not worth counting. */
const COUNTED = new Set(["Conv", "MatMul"]);

/** The arithmetic of one run of a graph. */
export interface GraphCost {
  /** Floating point operations in units of 10^9; a multiplication and its addition are two. */
  readonly gflop: number;
  /** How many nodes were counted. */
  readonly nodes: number;
  /** Share of the graph's weights that the counted nodes hold, 0..1: well below 1, a kind of node is missing here. */
  readonly weightShare: number;
}

/**
 * Counts the Conv and MatMul nodes of a graph with one input [N, C, H, W] and constant weights. Each element of such
 * a node's output takes as many multiply-adds as there are weights for one output channel. How many elements there are
 * is not in the file, which leaves height and width open: the graph is run once with the nodes' results as outputs.
 *
 * @throws Error when a MatMul's right side is no constant.
 */
export async function graphCost(file: Uint8Array, { width, height }: FrameSize): Promise<GraphCost> {
  const graph = readOnnx(file);
  const weights = new Map(graph.initializer.map(({ name, dims }) => [name, dims]));
  const counted = graph.node.filter(({ opType }) => COUNTED.has(opType));
  const given = new Set(graph.output.map(({ name }) => name));
  const names = counted.map(({ output }) => output[0]);

  const [input] = graph.input;
  const [count, channels] = (input.type?.tensorType.shape.dim ?? []).map(({ dimValue }) => dimValue ?? 1);
  const dims = [count, channels, height, width];
  const session = await openSession(
    withOutputs(
      file,
      names.filter((name) => !given.has(name)),
    ),
  );
  const results = await session.run({ [input.name]: { data: new Float32Array(dims.reduce(product)), dims } });
  await session.close();

  let flop = 0;
  let held = 0;
  for (const { opType, input, output } of counted) {
    const shape = weights.get(input[1]);
    if (!shape) throw new Error(`${opType} ${output[0]} multiplies two values; only constant weights are counted`);
    const multiplyAdds = opType === "Conv" ? shape.slice(1).reduce(product) : shape[shape.length - 2];
    flop += 2 * multiplyAdds * results[output[0]].length;
    for (const name of input) held += weights.get(name)?.reduce(product, 1) ?? 0;
  }
  const all = [...weights.values()].reduce((sum, shape) => sum + shape.reduce(product, 1), 0);
  return { gflop: flop / 1e9, nodes: counted.length, weightShare: held / all };
}

function product(a: number, b: number): number {
  return a * b;
}
