import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDefaultModel } from "../../src/diffusion/default-model.js";
import { loadDefaultModel } from "../../src/diffusion/load-default-model.js";
import { findModelById } from "../../src/diffusion/model-card.js";
import { ModelError } from "../../src/diffusion/model-error.js";

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

async function refusal(path: string): Promise<ModelError> {
  try {
    await loadDefaultModel(path);
  } catch (error) {
    if (error instanceof ModelError) return error;
  }
  throw new Error("it was loaded");
}

describe("A model", () => {
  it("is loaded by the path of its card", async () => {
    const loaded = await loadDefaultModel(write());
    expect(loaded.card.id).toBe("tiny");
    expect(loaded.weights.equals(weights)).toBe(true);
  });

  it("that comes with Playblast is loaded by its id, and is the default", async () => {
    expect((await loadDefaultModel("")).card).toEqual((await loadDefaultModel("default")).card);
  });

  it("is refused when its card or weights are missing", async () => {
    const path = write();
    rmSync(join(folder, "tiny.onnx"));
    expect(await refusal(path)).toMatchObject({
      missing: true,
      message: expect.stringMatching(/no weights at .*tiny\.onnx/),
    });
    expect(await refusal(join(folder, "other.json"))).toMatchObject({ missing: true });
  });

  it("is refused when its weights are not those of the card", async () => {
    const path = write();
    writeFileSync(join(folder, "tiny.onnx"), "half a graph");
    expect(await refusal(path)).toMatchObject({ missing: false, message: expect.stringMatching(/corrupt: sha256/) });
  });

  it("is refused when its card lacks a field or is of another family", async () => {
    expect((await refusal(write({ chunkLength: undefined }))).message).toMatch(/chunkLength/);
    expect((await refusal(write({ family: "other" }))).message).toMatch(/family/);
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
      /'controls\[1\]' is "shade", expected a control channel; known are 'filled warp red', /,
    ],
    ["controls", ["lambert", 3], /'controls\[1\]' is 3, expected a control channel/],
    ["controls", ["lambert", "doubt", "lambert"], /'controls\[2\]' is "lambert", expected each control channel once/],
  ])("is refused when '%s' of its card is %s", async (field, value, message) => {
    expect(await refusal(write({ [field]: value }))).toMatchObject({
      missing: false,
      message: expect.stringMatching(message),
    });
  });

  it("is refused when its card is no file, or far too large for a card", async () => {
    const path = join(folder, "folder.json");
    mkdirSync(path);
    expect((await refusal(path)).message).toMatch(/is not a file/);
    expect((await refusal(write({ more: "x".repeat(100_000) }))).message).toMatch(/a card has at most 65536/);
  });

  it("is found by an id of the folder in that very spelling only", async () => {
    const path = write();
    expect(findModelById("tiny", folder)).toMatchObject({ cardPath: path, card: { id: "tiny" } });
    for (const id of ["Tiny", "tiny.json", "./tiny", path, "", ".", "tiny/"])
      expect(findModelById(id, folder)).toBeUndefined();
  });

  it("is refused by an id that leaves the models folder", async () => {
    expect((await refusal("../../etc/passwd")).message).toMatch(/is not an id/);
  });

  it("whose weights are no graph says so", async () => {
    await expect(openDefaultModel(await loadDefaultModel(write()))).rejects.toThrow(
      /tiny\.onnx of model 'tiny' cannot be loaded/,
    );
  });
});
