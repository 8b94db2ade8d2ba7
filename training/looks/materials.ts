import type { EngineFrame } from "playblast/scene/engine-frame";
import type { Clip } from "../dataset/clip.js";

/** Grey of a grey-box engine, 8-bit sRGB. */
const GREY = 160;

/** A frame without the engine's colours and surfaces. */
export function bare(frame: EngineFrame): EngineFrame {
  return { ...frame, albedo: undefined, surfaceId: undefined, colour: undefined };
}

/** A frame with the engine's colours: one without them has its truth, which is the engine's finished picture, as `colour`. */
export function coloured(frame: EngineFrame): EngineFrame {
  return frame.albedo || frame.colour ? frame : { ...frame, colour: frame.truth };
}

/** A frame of an engine whose materials are all one grey: its finished colour goes, since it would tell what the look is. */
export function greyBox(frame: EngineFrame): EngineFrame {
  const pixels = frame.depth?.length ?? (frame.truth as Uint8Array).length / 3;
  return { ...frame, albedo: new Uint8Array(3 * pixels).fill(GREY), colour: undefined };
}

/**
 * The same clip with the engine's colours as controls. A recorded take without them has its truth as `colour`: this comes before a look turns the truth into
 * what is to be painted, or the truth would be told.
 */
export function withMaterials(clip: Clip): Clip {
  return { ...clip, frames: mapped(clip, coloured) };
}

/** The same clip without the engine's colours and surfaces. */
export function withoutMaterials(clip: Clip): Clip {
  return { ...clip, frames: mapped(clip, bare) };
}

async function* mapped({ frames }: Clip, change: (frame: EngineFrame) => EngineFrame): AsyncGenerator<EngineFrame> {
  for await (const frame of frames) yield change(frame);
}
