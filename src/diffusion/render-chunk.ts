import { type ConditionedFrame, Conditioner, type PaintableFrame } from "../conditioning/conditioner.js";
import { filledWarp } from "../conditioning/filled-warp.js";
import type { EngineFrame } from "../scene/engine-frame.js";
import type { Picture } from "../scene/picture.js";
import type { ChunkModel } from "./chunk-model.js";
import type { RenderedFrame, RenderSetup, ShotPainter } from "./family.js";

/** Frames of at most so many pixels are conditioned a chunk at a time: some 30 ms on two cores. */
const MOST_PIXELS_TOGETHER = 512 * 288;

/** Paints the chunks of one shot with a model of the default family: conditions, diffuses, remembers. */
export class ChunkRenderer implements ShotPainter {
  readonly chunkLength: number;
  readonly #model: ChunkModel;
  readonly #setup: RenderSetup;
  readonly #conditioner: Conditioner;
  #chunk = 0;

  constructor(model: ChunkModel, setup: RenderSetup) {
    this.#model = model;
    this.#setup = setup;
    this.#conditioner = new Conditioner(setup.scene, setup.size);
    this.chunkLength = model.card.chunkLength;
  }

  async setFirstFrame(picture: Picture, frame: EngineFrame, options: { readonly newLook: boolean }): Promise<void> {
    const { width, height } = this.#setup.size;
    if (picture.width !== width || picture.height !== height)
      throw new RangeError(`a first frame of ${picture.width}x${picture.height} was not brought to ${width}x${height}`);
    this.#conditioner.setFirstFrame(picture.rgb, frame, options);
  }

  async cut(options: { readonly forgetLook: boolean; readonly newPlace: boolean }): Promise<void> {
    this.#conditioner.cut(options);
  }

  async render(frames: readonly EngineFrame[], pause?: () => Promise<void>): Promise<RenderedFrame[]> {
    if (!this.#conditioner.hasFirstFrame) throw new Error("no first frame was set");
    const { size, seed, steps, preview } = this.#setup;
    const start = performance.now();
    const ready: PaintableFrame[] = [];
    let last: ConditionedFrame | undefined;
    // Small frames are conditioned together, which keeps all cores busy; between large ones the chunk can be given up.
    const together = size.width * size.height <= MOST_PIXELS_TOGETHER ? frames.length : 1;
    for (let i = 0; i < frames.length; i += together) {
      await pause?.();
      if (last) ready.push(this.#conditioner.trim(last));
      const group = this.#conditioner.condition(frames.slice(i, i + together));
      last = group.pop() as ConditionedFrame;
      for (const seen of group) ready.push(this.#conditioner.trim(seen));
    }
    if (!last) return [];
    ready.push(last);
    const diffusionStart = performance.now();
    const pictures = await this.#model.paint(ready, {
      size,
      seed,
      chunk: this.#chunk++,
      steps,
      pause,
    });
    const diffusionEnd = performance.now();
    this.#conditioner.remember(last);
    const conditioningMs = (diffusionStart - start + performance.now() - diffusionEnd) / frames.length;
    const diffusionMs = (diffusionEnd - diffusionStart) / frames.length;
    const rendered = ready.map((seen, i) => ({
      tick: seen.frame.tick,
      rgb: pictures[i],
      coverage: seen.coverage,
      conditioningMs,
      diffusionMs,
      preview: preview ? { filledWarp: filledWarp(seen.control, size), coverage: trustMap(seen.trust) } : undefined,
    }));
    for (const seen of ready) this.#conditioner.release(seen);
    return rendered;
  }

  async close(): Promise<void> {
    this.#conditioner.close();
  }
}

function trustMap(trust: Float32Array): Uint8Array {
  const bytes = new Uint8Array(trust.length);
  for (let p = 0; p < bytes.length; p++) bytes[p] = trust[p] * 255 + 0.5;
  return bytes;
}
