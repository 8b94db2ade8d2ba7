import { mat4 } from "gl-matrix";
import type { ChunkModel } from "../diffusion/chunk-model.js";
import type { EngineFrame } from "../scene/engine-frame.js";
import type { Scene } from "../scene/scene.js";
import { MEASURED_SIZE, type Speed } from "./budget.js";
import { ChunkRenderer } from "./render-chunk.js";

/** Chunks that are measured after one to warm up; the quickest counts, since what slows the others is not the model. */
const CHUNKS = 3;

/** Measures a model on this machine in a fraction of a second: it paints a few chunks of a camera that moves over a floor. */
export async function measureSpeed(model: ChunkModel): Promise<Speed> {
  const scene: Scene = { near: 0.1, far: 100, characters: [], objects: [] };
  const renderer = new ChunkRenderer(model, {
    scene,
    size: MEASURED_SIZE,
    seed: 0,
    steps: 1,
    preview: false,
    live: true,
  });
  const { width, height } = MEASURED_SIZE;
  await renderer.setFirstFrame({ width, height, rgb: new Uint8Array(width * height * 3).fill(128) }, floorAt(0));
  let conditioningMs = Infinity;
  let stepMs = Infinity;
  for (let chunk = 0; chunk <= CHUNKS; chunk++) {
    const ticks = Array.from({ length: model.card.chunkLength }, (_, i) => chunk * model.card.chunkLength + i);
    const [frame] = await renderer.render(ticks.map(floorAt));
    if (chunk === 0) continue;
    conditioningMs = Math.min(conditioningMs, frame.conditioningMs);
    stepMs = Math.min(stepMs, frame.diffusionMs);
  }
  await renderer.close();
  return { conditioningMs, stepMs };
}

const EYE_HEIGHT = 1.6;
const WALL = 8;

/** A floor and a wall, seen from a camera that moves sideways. */
function floorAt(tick: number): EngineFrame {
  const { width, height } = MEASURED_SIZE;
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
