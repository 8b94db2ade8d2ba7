import { expect, it } from "vitest";
import type { EngineFrame } from "../../src/scene/engine-frame.js";
import type { Clip } from "../../training/dataset/clip.js";
import { inLook, LOOKS } from "../../training/looks/looks.js";
import { withMaterials, withoutMaterials } from "../../training/looks/materials.js";
import { RAY_SCENE, rayFrame } from "../fixtures/ray-scene.js";

/** A clip of two frames: a ramp of greys, and one without a picture. */
function clip(): Clip {
  const depth = Float32Array.of(3);
  const truth = Uint8Array.from({ length: 256 * 3 }, (_, i) => Math.floor(i / 3));
  const frames = [{ depth, truth }, { depth }] as unknown as EngineFrame[];
  return { name: "ramp", size: { width: 256, height: 1 }, frames } as unknown as Clip;
}

async function framesOf(of: Clip): Promise<EngineFrame[]> {
  const frames: EngineFrame[] = [];
  for await (const frame of of.frames) frames.push(frame);
  return frames;
}

it("looks change what is seen and nothing else", async () => {
  const [before] = await framesOf(clip());
  for (const look of ["engine", "graded", "toon"] as const) {
    const [frame, blind] = await framesOf(inLook(clip(), look));
    expect(frame.depth).toEqual(before.depth);
    expect(blind.truth).toBeUndefined();
    const same = (frame.truth as Uint8Array).filter((value, i) => value === before.truth?.[i]).length;
    if (look === "engine") expect(same).toBe(768);
    else expect(same).toBeLessThan(200);
  }
});

it("flat tones are few, and rise with the tones that they stand for", async () => {
  const [{ truth }] = await framesOf(inLook(clip(), "toon"));
  const greys = (truth as Uint8Array).filter((_, i) => i % 3 === 0);
  expect([...greys]).toEqual([...greys].sort((a, b) => a - b));
  const steepest = Math.max(...greys.map((value, i) => value - (greys[i - 1] ?? value)));
  const flat = greys.filter((value, i) => i > 0 && value === greys[i - 1]).length;
  expect(steepest).toBeGreaterThan(1);
  expect(flat).toBeGreaterThan(60);
});

it("a look on surfaces is painted on the engine's picture, and its controls stay the engine's", async () => {
  const size = { width: 64, height: 36 };
  const frames = [0, 1].map((tick) => rayFrame(tick, { ...size, sun: () => 0.8 }));
  const rays: Clip = { name: "rays", scene: RAY_SCENE, size, frames };
  const plain = await framesOf(withMaterials(rays));
  for (const look of LOOKS.slice(3)) {
    const [first, second] = await framesOf(inLook(withMaterials(rays), look));
    expect(first.depth).toEqual(plain[0].depth);
    if (look === "grey-box") {
      expect(new Set(first.albedo)).toEqual(new Set([160]));
      expect(first.colour).toBeUndefined();
      expect(first.truth).toEqual(plain[0].truth);
      continue;
    }
    expect(first.colour).toEqual(plain[0].truth);
    expect(first.truth).not.toEqual(plain[0].truth);
    expect(second.truth).not.toEqual(plain[1].truth);
  }
});

it("a moved look lies off in its first frame alone", async () => {
  const size = { width: 64, height: 36 };
  const frames = [0, 0].map((tick) => rayFrame(tick, { ...size, sun: () => 0.8 }));
  const rays: Clip = { name: "rays", scene: RAY_SCENE, size, frames };
  const painted = await framesOf(inLook(rays, "paint"));
  const [first, second] = await framesOf(inLook(rays, "moved-2"));
  expect(second.truth).toEqual(painted[1].truth);
  const at = (rgb: Uint8Array | undefined, x: number, y: number) => rgb?.slice(3 * (y * 64 + x), 3 * (y * 64 + x) + 3);
  expect(at(first.truth, 30, 20)).toEqual(at(painted[0].truth, 28, 18));
});

it("without materials nothing of the engine's colours is left, with them a take's truth is its colour", async () => {
  const rays: Clip = {
    ...clip(),
    frames: [{ truth: Uint8Array.of(1, 2, 3), albedo: Uint8Array.of(4, 5, 6) }] as never,
  };
  expect(await framesOf(withoutMaterials(rays))).toEqual([{ truth: Uint8Array.of(1, 2, 3) }]);
  expect(await framesOf(withMaterials(rays))).toEqual(rays.frames);
  const recorded: Clip = { ...clip(), frames: [{ truth: Uint8Array.of(1, 2, 3) }] as never };
  expect((await framesOf(withMaterials(recorded)))[0].colour).toEqual(Uint8Array.of(1, 2, 3));
});
