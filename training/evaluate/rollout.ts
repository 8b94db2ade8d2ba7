import { type ConditionedFrame, Conditioner, type ConditionerOptions } from "playblast/conditioning/conditioner";
import { channel } from "playblast/conditioning/controls";
import type { EngineFrame } from "playblast/scene/engine-frame";
import { CHUNK, type Clip } from "../dataset/clip.js";

/** Paints a chunk: a chunk model, or a baseline in its place. */
export type Painter = (frames: readonly ConditionedFrame[], chunk: number) => Promise<Uint8Array[]>;

/** What a painter is told of the light: the shade plane; the lights alone; nothing. */
export const LIGHTS = ["shade", "lights", "none"] as const;
export type Light = (typeof LIGHTS)[number];

/** One frame of a rollout, with what the cache knew when it was made; to be read before the next chunk is asked for. */
export interface RolloutFrame {
  readonly picture: Uint8Array;
  readonly conditioned: ConditionedFrame;
  /** [H, W] 1 where the light differs from that of the first frame's answer, by the shade plane, whatever the painter was told. */
  readonly lightMoved: Uint8Array;
}

/** Light that differs by more than this many stops from the source's counts as moved. */
const LIGHT_MOVED = 0.25;
const LIGHT_RATIO = channel("light ratio");

/** Rolls a painter out over a clip from its first truth frame; holes are guessed by `fill` (see WorldCache). */
export async function* rollout(
  clip: Clip,
  paint: Painter,
  options: Pick<ConditionerOptions, "fill" | "guesses"> & { readonly light?: Light } = {},
): AsyncGenerator<RolloutFrame> {
  const { fill, guesses, light = "shade" } = options;
  const conditioner = new Conditioner(clip.scene, clip.size, { fill, guesses });
  const lit = light === "shade" ? conditioner : new Conditioner(clip.scene, clip.size, { fill, guesses });
  let chunk: ConditionedFrame[] = [];
  let moved: Uint8Array[] = [];
  let chunks = 0;
  async function* render(): AsyncGenerator<RolloutFrame> {
    const pictures = await paint(chunk, chunks++);
    yield* chunk.map((conditioned, i) => ({ picture: pictures[i], conditioned, lightMoved: moved[i] }));
    conditioner.remember(chunk[chunk.length - 1]);
    for (const conditioned of chunk) conditioner.release(conditioned);
    chunk = [];
    moved = [];
  }
  for await (const frame of clip.frames) {
    if (!conditioner.hasFirstFrame) {
      if (!frame.truth) throw new Error(`clip ${clip.name}: tick ${frame.tick} has no truth plane`);
      conditioner.setFirstFrame(frame.truth, told(frame, light));
      if (lit !== conditioner) lit.setFirstFrame(frame.truth, frame);
    }
    const [conditioned] = conditioner.condition([told(frame, light)]);
    chunk.push(conditioned);
    if (lit === conditioner) moved.push(movedLight(conditioned));
    else {
      const [seen] = lit.condition([frame]);
      moved.push(movedLight(seen));
      lit.release(seen);
    }
    if (chunk.length === CHUNK) yield* render();
  }
  if (chunk.length > 0) yield* render();
  conditioner.close();
  lit.close();
}

function told(frame: EngineFrame, light: Light): EngineFrame {
  if (light === "shade") return frame;
  return { ...frame, shade: undefined, lights: light === "lights" ? frame.lights : [] };
}

function movedLight({ control, trust }: ConditionedFrame): Uint8Array {
  const ratio = control.subarray(LIGHT_RATIO * trust.length, (LIGHT_RATIO + 1) * trust.length);
  return Uint8Array.from(trust, (_, p) => (Math.abs(ratio[p]) > LIGHT_MOVED ? 1 : 0));
}
