import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDefaultModel } from "../../src/diffusion/default-model.js";
import { loadModel, ModelError } from "../../src/diffusion/model-card.js";

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

  it("is refused by an id that leaves the models folder", () => {
    expect(refusal("../../etc/passwd").message).toMatch(/is not an id/);
  });

  it("whose weights are no graph says so", async () => {
    await expect(openDefaultModel(loadModel(write()))).rejects.toThrow(/tiny\.onnx of model 'tiny' cannot be loaded/);
  });
});
