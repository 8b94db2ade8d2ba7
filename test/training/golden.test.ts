import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONTROL_NAMES, type ControlName, channel, STORED_CONTROLS } from "../../src/conditioning/controls.js";
import { GOLDEN_TICK, writeGolden } from "../../training/dataset/golden.js";
import { at } from "../fixtures/command-line.js";
import { hasTorch, PYTHON } from "../fixtures/python.js";

const GOLDEN = at("test/training/golden");

/** Where serving takes its colours from a table, the last bit of a sum may take the next entry: 12.92 / 2^14 of the encoding at most, which is 0..1. */
const TABLE_STEP = 12.92 / 2 ** 14;
/** And the light ratio, where it is 1/4: a step of 1/4096 of the ratio. */
const RATIO_STEP = Math.log2(1 + 1 / 1024);
/** Most of the trust that goes with a power of two of the light ratio. */
const LIGHT_DOUBT = 0.6;
/** Such a step may take a remembered colour to the next 8-bit code, so few values may differ by more. */
const FEW = 0.005;
const HALF_STEP = 2 ** -10;

let folder: string;
let golden: string;
let served: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "playblast-golden-"));
  golden = join(folder, "golden");
  served = join(folder, "served");
  for (const path of readdirSync(GOLDEN, { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(".gz")) continue;
    const out = join(golden, path.slice(0, -".gz".length));
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, gunzipSync(readFileSync(join(GOLDEN, path))));
  }
  // By the built conditioning, which `npm test` builds first.
  await writeGolden(at("examples/courtyard.take.mcap"), served);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (root: string, name: string) => readFileSync(join(root, name));
const floats = (root: string, name: string) => new Float32Array(Uint8Array.from(bytes(root, name)).buffer);

/** Share of values that differ by more than `tolerance`. */
function differing(a: Float32Array, b: Float32Array, tolerance: number): number {
  expect(a.length).toBe(b.length);
  return a.filter((value, i) => !(Math.abs(value - b[i]) <= tolerance)).length / a.length;
}

const remedy = "if that is meant, write the golden tick anew: node dist/training/dataset/write-golden.js";

describe(`the golden tick (${remedy})`, () => {
  const plane = (name: ControlName) => {
    const all = floats(golden, "served-control.f32");
    const pixels = all.length / CONTROL_NAMES.length;
    return all.subarray(channel(name) * pixels, (channel(name) + 1) * pixels);
  };

  it("holds all that conditioning does: holes, guesses, memory, outlines, light that moved", () => {
    const share = (values: ArrayLike<number>, test: (value: number) => boolean) =>
      Array.from(values).filter(test).length / values.length;
    const first = plane("trust of the first frame");
    const memory = plane("trust of memory");
    const unknown = first.filter((trust, p) => trust === 0 && memory[p] === 0).length / first.length;
    const remembered = first.filter((trust, p) => trust === 0 && memory[p] > 0).length / first.length;
    for (const found of [
      share(first, (trust) => trust > 0),
      unknown,
      remembered,
      share(plane("doubt"), (doubt) => doubt > 0),
      share(plane("light ratio"), (stops) => Math.abs(stops) > 0.25),
      share(bytes(golden, "clip/outline.u8"), (outline) => outline === 1),
      share(bytes(golden, "clip/outline.u8"), (outline) => outline === 0),
    ])
      expect(found).toBeGreaterThan(0.1);
  });

  it.each(["meta.json", "truth.u8", "shade.f16", "corr.bin", "fill.u32", "outline.u8", "doubt.u8"])(
    "has the same %s in its clip when it is made again",
    (name) => expect(bytes(served, `clip/${name}`).equals(bytes(golden, `clip/${name}`))).toBe(true),
  );

  it("has nothing but zeros in its correspondence where there is no answer", () => {
    const corr = bytes(golden, "clip/corr.bin");
    const pixels = plane("doubt").length;
    const perPixel = 12;
    let without = 0;
    for (let layer = 0; layer < corr.length; layer += perPixel * pixels) {
      for (let p = 0; p < pixels; p++) {
        if (corr[layer + 11 * pixels + p] > 0) continue;
        without++;
        const place = [2, 6].map((plane) => corr.readUInt32LE(layer + plane * pixels + 4 * p));
        expect([corr.readInt16LE(layer + 2 * p), ...place, corr[layer + 10 * pixels + p]]).toEqual([-1, 0, 0, 0]);
      }
    }
    expect(without).toBeGreaterThan(pixels);
  });

  it("has the same geometry and light in its clip", () => {
    const halves = (root: string) => new Uint16Array(Uint8Array.from(bytes(root, "clip/control.f16")).buffer);
    const values = (root: string) => Float32Array.from(halves(root), fromHalf);
    expect(differing(values(served), values(golden), HALF_STEP)).toBe(0);
    expect(values(golden).length % STORED_CONTROLS.length).toBe(0);
  });

  it.each(CONTROL_NAMES)("has the same '%s' when it is served again", (name) => {
    const all = floats(served, "served-control.f32");
    const pixels = all.length / CONTROL_NAMES.length;
    const again = all.subarray(channel(name) * pixels, (channel(name) + 1) * pixels);
    const step = name === "light ratio" ? RATIO_STEP : 2 * TABLE_STEP;
    expect(differing(again, plane(name), step)).toBeLessThanOrEqual(FEW);
  });

  it("has the same trust in the filled warp, and the same picture in memory", () => {
    const trust = (root: string) => floats(root, "served-trust.f32");
    expect(differing(trust(served), trust(golden), LIGHT_DOUBT * RATIO_STEP)).toBe(0);
    const codes = (root: string) => Float32Array.from(bytes(root, "remembered.u8"));
    expect(differing(codes(served), codes(golden), 1)).toBe(0);
    expect(differing(codes(served), codes(golden), 0)).toBeLessThanOrEqual(FEW);
  });

  it.skipIf(!hasTorch)(
    "is what training makes of its clip, and shows where both would compute with other numbers",
    () => {
      const check = [at("test/training/golden_tick.py"), golden, String(GOLDEN_TICK)];
      const run = spawnSync(PYTHON, check, { encoding: "utf8" });
      expect(run.stderr).toBe("");
      expect(run.status).toBe(0);
    },
  );
});

/** The value of IEEE 754 half-precision bits; the clip holds no infinite ones. */
function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25));
}
