import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDefaultModel } from "../../src/diffusion/default-model.js";
import { findModelById, loadModel, ModelError } from "../../src/diffusion/model-card.js";

const weights = Buffer.from("no graph at all");
const card = {
  id: "tiny",
  family: "filled-warp-correction",
  weights: "tiny.onnx",
  sha256: createHash("sha256").update(weights).digest("hex"),
  chunkLength: 4,
  sizeMultiple: 16,
  steps: 2,
  sigma: 0.25,
  controls: ["inverse depth", "filled warp red"],
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "playblast-model-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(changes: Record<string, unknown> = {}): string {
  const path = join(folder, "tiny.json");
  writeFileSync(path, JSON.stringify({ ...card, ...changes }));
  writeFileSync(join(folder, "tiny.onnx"), weights);
  return path;
}

function refusal(path: string): ModelError {
  try {
    loadModel(path);
  } catch (error) {
    if (error instanceof ModelError) return error;
  }
  throw new Error("it was loaded");
}

describe("A model", () => {
  it("is loaded by the path of its card", () => {
    const loaded = loadModel(write());
    expect(loaded.card.id).toBe("tiny");
    expect(loaded.weights.equals(weights)).toBe(true);
  });

  it("that comes with Playblast is loaded by its id, and is the default", () => {
    expect(loadModel("").card).toEqual(loadModel("default").card);
  });

  it("is refused when its card or weights are missing", () => {
    const path = write();
    rmSync(join(folder, "tiny.onnx"));
    expect(refusal(path)).toMatchObject({
      missing: true,
      message: expect.stringMatching(/no weights at .*tiny\.onnx/),
    });
    expect(refusal(join(folder, "other.json"))).toMatchObject({ missing: true });
  });

  it("is refused when its weights are not those of the card", () => {
    const path = write();
    writeFileSync(join(folder, "tiny.onnx"), "half a graph");
    expect(refusal(path)).toMatchObject({ missing: false, message: expect.stringMatching(/corrupt: sha256/) });
  });

  it("is refused when its card lacks a field or is of another family", () => {
    expect(refusal(write({ chunkLength: undefined })).message).toMatch(/chunkLength/);
    expect(refusal(write({ family: "other" })).message).toMatch(/family/);
  });

  it.each([
    ["chunkLength", 1e9, /'chunkLength' is 1000000000, expected a whole number from 1 to 32/],
    ["chunkLength", 0, /whole number from 1 to 32/],
    ["chunkLength", 2.5, /'chunkLength' is 2.5/],
    ["sizeMultiple", -16, /'sizeMultiple' is -16, expected a whole number from 1 to 256/],
    ["sizeMultiple", 1e300, /'sizeMultiple'/],
    ["steps", 9, /'steps' is 9, expected a whole number from 1 to 8/],
    ["sigma", null, /'sigma' is null, expected a number from 0 to 16/],
    ["sigma", 1e9, /'sigma'/],
    ["sha256", "0", /'sha256' is "0", expected 64 hexadecimal digits/],
    ["weights", "../tiny.onnx", /'weights' is "..\/tiny.onnx", expected the name of a file beside the card/],
    ["id", "../tiny", /'id' is/],
    ["id", "x".repeat(20_000), /'id' is "x{79}, expected up to 128/],
    [
      "controls",
      undefined,
      /'controls' is missing, expected the list of control channels .* known are 'filled warp red', /,
    ],
    ["controls", "lambert", /'controls' is "lambert", expected the list/],
    ["controls", [], /'controls' is \[\], expected the list/],
    [
      "controls",
      ["lambert", "shade"],
      /'controls\[1\]' is 'shade', which is no control channel; known are 'filled warp red', /,
    ],
    ["controls", ["lambert", 3], /'controls\[1\]' is 3, which is no control channel/],
    ["controls", ["lambert", "doubt", "lambert"], /'controls\[2\]' is 'lambert', which 'controls' holds already/],
  ])("is refused when '%s' of its card is %s", (field, value, message) => {
    expect(refusal(write({ [field]: value }))).toMatchObject({
      missing: false,
      message: expect.stringMatching(message),
    });
  });

  it("is refused when its card is no file, or far too large for a card", () => {
    const path = join(folder, "folder.json");
    mkdirSync(path);
    expect(refusal(path).message).toMatch(/is not a file/);
    expect(refusal(write({ more: "x".repeat(100_000) })).message).toMatch(/a card has at most 65536/);
  });

  it("is found by an id of the folder in that very spelling only", () => {
    const path = write();
    expect(findModelById("tiny", folder)).toMatchObject({ cardPath: path, card: { id: "tiny" } });
    for (const id of ["Tiny", "tiny.json", "./tiny", path, "", ".", "tiny/"])
      expect(findModelById(id, folder)).toBeUndefined();
  });

  it("is refused by an id that leaves the models folder", () => {
    expect(refusal("../../etc/passwd").message).toMatch(/is not an id/);
  });

  it("whose weights are no graph says so", async () => {
    await expect(openDefaultModel(loadModel(write()))).rejects.toThrow(/tiny\.onnx of model 'tiny' cannot be loaded/);
  });
});
