import { mat4 } from "gl-matrix";
import type { FamilyModel, LoadedModel } from "../diffusion/family.js";
import type { EngineFrame } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import type { Scene } from "../scene/scene.js";
import type { Speed } from "./budget.js";

/** Chunks that are measured after one to warm up; the quickest counts, since what slows the others is not the model. */
const CHUNKS = 3;

/** Measures a model on this machine in a fraction of a second: it paints a few chunks of a camera that moves over a floor. */
export async function measureSpeed(loaded: LoadedModel, { sizes, steps }: FamilyModel): Promise<Speed> {
  const scene: Scene = { near: 0.1, far: 100, characters: [], objects: [] };
  const size = sizes.export;
  const setup = { scene, size, seed: 0, steps: steps.least, prompt: "", preview: false, live: true };
  const painter = await loaded.openShot(setup);
  const grey = new Uint8Array(size.width * size.height * 3).fill(128);
  await painter.setFirstFrame({ ...size, rgb: grey }, floorAt(0, size), { newLook: true });
  let conditioningMs = Infinity;
  let diffusionMs = Infinity;
  let tick = 0;
  for (let chunk = 0; chunk <= CHUNKS; chunk++) {
    const ticks = Array.from({ length: painter.chunkLength }, () => tick++);
    const [frame] = await painter.render(ticks.map((each) => floorAt(each, size)));
    if (chunk === 0) continue;
    conditioningMs = Math.min(conditioningMs, frame.conditioningMs);
    diffusionMs = Math.min(diffusionMs, frame.diffusionMs);
  }
  await painter.close();
  return { size, conditioningMs, stepMs: diffusionMs / steps.least };
}

const EYE_HEIGHT = 1.6;
const WALL = 8;

/** A floor and a wall, seen from a camera that moves sideways. */
function floorAt(tick: number, { width, height }: FrameSize): EngineFrame {
  const projection = mat4.perspective(mat4.create(), 1, width / height, 0.1, 100);
  const world = mat4.fromTranslation(mat4.create(), [0.02 * tick, EYE_HEIGHT, 0]);
  const focal = (projection[5] * height) / 2;
  const depth = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const down = (y + 0.5 - height / 2) / focal;
    depth.fill(down > 0 ? Math.min(WALL, EYE_HEIGHT / down) : WALL, y * width, (y + 1) * width);
  }
  return { tick, time: tick / 24, camera: { world, projection }, poses: [], objects: [], lights: [], depth };
}
