import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OnnxGraph } from "../../bench/onnx-file.js";
import type { ConditionedFrame } from "../../src/conditioning/conditioner.js";
import { CONTROL_CHANNELS, type ControlName, channel } from "../../src/conditioning/controls.js";
import { openDefaultModel } from "../../src/diffusion/default-model.js";
import { misfits } from "../../src/diffusion/graph-fit.js";
import { loadDefaultModel } from "../../src/diffusion/load-default-model.js";
import { ModelError } from "../../src/diffusion/model-error.js";
import {
  FLOAT16,
  graphValue,
  INT64,
  picking,
  TINY_CHANNELS,
  TINY_GRAPH,
  writeTinyModel,
} from "../fixtures/tiny-model.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "playblast-graph-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SIZE = { width: 32, height: 16 };
const PIXELS = SIZE.width * SIZE.height;

/** A frame of one value a control. */
function frame(values: Partial<Record<ControlName, number>>): ConditionedFrame {
  const control = new Float32Array(CONTROL_CHANNELS * PIXELS);
  for (const [name, value] of Object.entries(values)) {
    const at = channel(name as ControlName);
    control.fill(value, at * PIXELS, (at + 1) * PIXELS);
  }
  return { control, trust: new Float32Array(PIXELS) } as unknown as ConditionedFrame;
}

async function paint(path: string, frames: readonly ConditionedFrame[]): Promise<Uint8Array[]> {
  const model = await openDefaultModel(await loadDefaultModel(path));
  try {
    return await model.paint(frames, { size: SIZE, seed: 1, chunk: 0, steps: 1 });
  } finally {
    await model.close();
  }
}

async function refusal(graph: Partial<OnnxGraph>, card: Record<string, unknown> = {}): Promise<ModelError> {
  const error = await paint(writeTinyModel(folder, "tiny", graph, card), [frame({})]).catch((e) => e);
  if (!(error instanceof ModelError)) throw new Error(`it was loaded, or failed otherwise: ${error}`);
  return error;
}

describe("A network", () => {
  it("gets the controls that its card names, in the card's order", async () => {
    const values = { "light now": 0.4, "filled warp red": -0.2, lambert: 0.9 } as const;
    const [picture] = await paint(writeTinyModel(folder, "tiny"), [frame(values)]);
    // Filled warp plus a quarter of what the graph gives out: the two controls and the noise level.
    const red = Math.round(255 * ((-0.2 + 1) / 2 + 0.25 * 0.4));
    const green = Math.round(255 * (0.5 + 0.25 * -0.2));
    const blue = Math.round(255 * (0.5 + 0.25 * 1));
    expect([...picture.subarray(0, 3)]).toEqual([red, green, blue]);

    const turned = writeTinyModel(folder, "turned", {}, { controls: ["filled warp red", "lambert"] });
    const [other] = await paint(turned, [frame(values)]);
    expect([...other.subarray(0, 2)]).toEqual([
      Math.round(255 * (0.4 + 0.25 * -0.2)),
      Math.round(255 * (0.5 + 0.25 * 0.9)),
    ]);
  });

  it("takes sizes that its graph fixes as the card says them, and those that it leaves open", async () => {
    const fixed = {
      input: [graphValue("x", [4, TINY_CHANNELS, "height", ""])],
      output: [graphValue("x0", [4, 3, "height", ""])],
    };
    expect(await paint(writeTinyModel(folder, "tiny", fixed), [frame({})])).toHaveLength(1);
    const open = { input: [graphValue("x", ["n", "c", "h", "w"])], output: [graphValue("x0", ["n", "c", "h", "w"])] };
    expect(await paint(writeTinyModel(folder, "tiny", open), [frame({})])).toHaveLength(1);
  });

  it("whose graph takes other channels is refused, with what the card makes of them", async () => {
    const graph = { input: [graphValue("x", ["n", 5, "h", "w"])], initializer: [picking([0, 1, 2], 5)] };
    const error = await refusal(graph);
    expect(error.message).toMatch(/^model 'tiny' cannot be loaded, its weights tiny\.onnx do not fit its card: /);
    expect(error.message).toContain(
      "input 'x' is of 5 channels, expected 6 (3 of the noisy correction, 2 controls that the card names and 1 of the noise level)",
    );
    expect(error.message).toMatch(/Use the card and the weights that were exported together/);
    expect(error).toMatchObject({ missing: false });
    expect((await refusal({}, { controls: ["lambert"] })).message).toMatch(/of 6 channels, expected 5 .* 1 controls/);
  });

  const inHalves = (value: OnnxGraph["initializer"][number]) => ({
    ...value,
    dataType: FLOAT16,
    rawData: new Uint8Array(value.dims.reduce((a, b) => a * b, 2)),
  });
  const open = ["n", TINY_CHANNELS, "h", "w"];
  const cases: [string, Partial<OnnxGraph>, RegExp][] = [
    [
      "has its input by another name",
      { node: [{ opType: "Conv", input: ["sample", "w"], output: ["x0"] }], input: [graphValue("sample", open)] },
      /there is no input 'x', its inputs are 'sample'; input 'sample' is not expected, only 'x'/,
    ],
    [
      "wants an input more",
      { input: [graphValue("x", open), graphValue("mask", [1])] },
      /input 'mask' is not expected, only 'x'/,
    ],
    [
      "takes other numbers",
      {
        input: [graphValue("x", open, FLOAT16)],
        output: [graphValue("x0", ["n", 3, "h", "w"], FLOAT16)],
        initializer: TINY_GRAPH.initializer.map(inHalves),
      },
      /input 'x' is float16, expected float32; output 'x0' is float16, expected float32/,
    ],
    [
      "is for chunks of another length",
      { input: [graphValue("x", [2, TINY_CHANNELS, "h", "w"])], output: [graphValue("x0", [2, 3, "h", "w"])] },
      /input 'x' is of 2 frames, expected 4 \(the card's chunkLength\); output 'x0' is of 2 frames, expected 4/,
    ],
    [
      "is for one size",
      { input: [graphValue("x", ["n", TINY_CHANNELS, 144, 256])], output: [graphValue("x0", ["n", 3, 144, 256])] },
      /input 'x' has a height of 144 alone, expected one that is left open; input 'x' has a width of 256 alone/,
    ],
    [
      "takes another number of axes",
      {
        node: [{ opType: "Identity", input: ["x"], output: ["x0"] }],
        initializer: [],
        input: [graphValue("x", [4, TINY_CHANNELS])],
        output: [graphValue("x0", [4, TINY_CHANNELS])],
      },
      /input 'x' has 2 axes, expected 4: frames, channels, height, width/,
    ],
    [
      "gives its output by another name",
      { node: [{ opType: "Conv", input: ["x", "w"], output: ["y"] }], output: [graphValue("y", ["n", 3, "h", "w"])] },
      /there is no output 'x0', its outputs are 'y'; output 'y' is not expected, only 'x0'/,
    ],
    [
      "gives other channels",
      { initializer: [picking([0, 1, 2, 3])], output: [graphValue("x0", ["n", 4, "h", "w"])] },
      /output 'x0' is of 4 channels, expected 3 \(red, green and blue of the correction\)/,
    ],
    [
      "gives another size than it takes",
      {
        node: [
          { opType: "Conv", input: ["x", "w"], output: ["y"] },
          { opType: "Tile", input: ["y", "repeats"], output: ["x0"] },
        ],
        initializer: [
          ...TINY_GRAPH.initializer,
          {
            name: "repeats",
            dims: [4],
            dataType: INT64,
            rawData: new Uint8Array(BigInt64Array.of(1n, 1n, 2n, 1n).buffer),
          },
        ],
        output: [graphValue("x0", ["n", 3, "h2", "w"])],
      },
      /output 'x0' has 12288 values for an input of \[4,6,16,32\], expected 6144/,
    ],
  ];
  it.each(cases)("whose graph %s is refused by name", async (_, graph, message) => {
    const error = await refusal(graph);
    expect(error.message).toMatch(message);
    expect(error.fault).toMatch(message);
    expect(error.fault).not.toContain("tiny");
  });
});

it("a value whose shape a graph does not tell is judged by name and type", () => {
  const expected = [{ name: "x", type: "float32", axes: [{ name: "frames", size: 4 }] }];
  const shape: number[] = [];
  expect(misfits({ kind: "input", found: [{ name: "x", type: "float32", shape }], expected })).toEqual([]);
  expect(misfits({ kind: "input", found: [{ name: "x", type: undefined, shape }], expected })).toEqual([
    "input 'x' is no tensor, expected float32",
  ]);
  expect(misfits({ kind: "input", found: [], expected })).toEqual(["there is no input 'x', its inputs are none"]);
});
