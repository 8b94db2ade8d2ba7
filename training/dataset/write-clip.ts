import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Conditioner } from "playblast/conditioning/conditioner";
import { channel, STORED_CONTROLS } from "playblast/conditioning/controls";
import type { Layer } from "playblast/conditioning/layer";
import { bare } from "../looks/materials.js";
import { CHUNK, type Clip } from "./clip.js";
import { halves } from "./half.js";

/**
 * Writes one clip as training reads it (see training/README.md): truth, light, control maps, and for every pixel its
 * places in remembered frames, made by the very conditioning that serves. Materials are not told: colours are put in by training, and what a look's
 * transfer paints is learnt from painted clips (write-painted.ts). Returns the number of ticks.
 */
export async function writeClip(clip: Clip, root: string): Promise<number> {
  const folder = join(root, clip.name);
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const files = new Map<string, number>();
  const append = (name: string, data: NodeJS.ArrayBufferView) => {
    if (!files.has(name)) files.set(name, openSync(join(partial, name), "w"));
    writeSync(files.get(name) as number, data);
  };
  const { width, height } = clip.size;
  const pixels = width * height;
  const conditioner = new Conditioner(clip.scene, clip.size);
  let ticks = 0;
  let hasShade = true;
  let coverage = 0;
  const indexOfTick = new Map<number, number>();
  for await (const sent of clip.frames) {
    const frame = bare(sent);
    if (!frame.truth) throw new Error(`clip ${clip.name}: tick ${frame.tick} has no truth plane`);
    if (ticks === 0) {
      conditioner.setFirstFrame(frame.truth, frame);
      hasShade = frame.shade !== undefined;
    }
    indexOfTick.set(frame.tick, ticks);
    const [conditioned] = conditioner.condition([frame]);
    const { anchor, memory, fill, sources } = conditioned.correspondence;
    append("truth.u8", frame.truth);
    if (hasShade) {
      if (!frame.shade) throw new Error(`clip ${clip.name}: tick ${frame.tick} has no shade plane, others have`);
      append("shade.f16", halves(frame.shade));
    }
    for (const name of STORED_CONTROLS) {
      const start = channel(name) * pixels;
      append("control.f16", halves(conditioned.control.subarray(start, start + pixels)));
    }
    const ticksOfSources = sources.map((source) => indexOfTick.get(source.geometry.tick) as number);
    for (const layer of [anchor, memory]) appendLayer(layer, ticksOfSources, (data) => append("corr.bin", data));
    append("fill.u32", fill.from);
    append("outline.u8", conditioned.outlines);
    append("doubt.u8", conditioned.correspondence.doubt);
    coverage += conditioned.correspondence.coverage;
    ticks++;
    if (ticks % CHUNK === 0) conditioner.remember(conditioned);
    conditioner.release(conditioned);
  }
  conditioner.close();
  for (const file of files.values()) closeSync(file);
  const meta = {
    width,
    height,
    ticks,
    chunk: CHUNK,
    hasShade,
    /** The planes of control.f16, in order. */
    controls: STORED_CONTROLS,
    anchorTick: 0,
    coverage: coverage / ticks,
  };
  writeFileSync(join(partial, "meta.json"), JSON.stringify(meta));
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
  return ticks;
}

/** Writes a layer; where there is no answer, all of it is 0 but the source. */
function appendLayer(
  layer: Layer,
  ticksOfSources: readonly number[],
  append: (data: NodeJS.ArrayBufferView) => void,
): void {
  append(layer.source.map((source) => (source < 0 ? -1 : ticksOfSources[source])));
  for (const values of [layer.x, layer.y, layer.taps])
    append(values.map((value, p) => (layer.trust[p] === 0 ? 0 : value)));
  append(layer.trust);
}
