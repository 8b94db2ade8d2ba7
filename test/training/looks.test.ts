import { expect, it } from "vitest";
import type { EngineFrame } from "../../src/scene/engine-frame.js";
import type { Clip } from "../../training/dataset/write-clip.js";
import { inLook, LOOKS } from "../../training/evaluate/looks.js";

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
  for (const look of LOOKS) {
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
