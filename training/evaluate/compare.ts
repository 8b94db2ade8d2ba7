import type { EngineFrame } from "playblast/scene/engine-frame";
import type { Clip } from "../dataset/clip.js";
import { takeClip, worldClip } from "../dataset/clips.js";
import { inLook, type Look } from "../looks/looks.js";
import { withMaterials, withoutMaterials } from "../looks/materials.js";
import type { Contestant } from "./contestants.js";
import type { PerceptualDistance } from "./perceptual.js";
import type { EvaluationRequest } from "./request.js";
import { score } from "./score.js";
import type { Row } from "./table.js";

/** Every so many ticks, the last of each, a picture is kept for the contact sheet. */
const SHEET_STRIDE = 24;

/** A clip whose frames are held, so that it can be gone through again and again. */
export interface HeldClip extends Clip {
  readonly frames: readonly EngineFrame[];
}

/** Pictures [H, W, 3] of one source by their place in the clip. */
export type KeptPictures = ReadonlyMap<number, Uint8Array>;

/** The clips that a request names, each made when it is called for. */
export function clipsOf({
  worlds,
  takes,
  ticks,
  size,
  materials,
}: EvaluationRequest): readonly (() => Promise<HeldClip>)[] {
  const told = (clip: Clip) => held(materials ? withMaterials(clip) : withoutMaterials(clip));
  return [
    ...worlds.map((seed) => async () => told(worldClip(seed, ticks, size))),
    ...takes.map((path) => async () => told(await takeClip(path, ticks, size))),
  ];
}

/** A held clip in another look. */
export async function heldInLook(clip: HeldClip, look: Look): Promise<HeldClip> {
  return held(inLook(clip, look));
}

async function held(clip: Clip): Promise<HeldClip> {
  const frames: EngineFrame[] = [];
  for await (const frame of clip.frames) frames.push(frame);
  return { ...clip, frames };
}

/**
 * Scores all contestants on one clip.
 *
 * @returns Of each contestant its row, and the pictures that go on a contact sheet.
 */
export async function compare(
  clip: HeldClip,
  look: Look,
  contestants: readonly Contestant[],
  options: {
    readonly perceptual: PerceptualDistance;
    readonly light: EvaluationRequest["light"];
    readonly onRow?: (row: Row) => void;
  },
): Promise<readonly { readonly row: Row; readonly pictures: KeptPictures }[]> {
  const { perceptual, light, onRow } = options;
  const compared: { row: Row; pictures: KeptPictures }[] = [];
  for (const contestant of contestants) {
    const pictures = new Map<number, Uint8Array>();
    const keep = (index: number, picture: Uint8Array) => {
      if (isKept(index)) pictures.set(index, picture);
    };
    const told = contestant.materials ? clip : withoutMaterials(clip);
    const figures = await score(told, contestant, { perceptual, light, keep });
    const row = { clip: clip.name, look, painter: contestant.name, ...figures };
    compared.push({ row, pictures });
    onRow?.(row);
  }
  return compared;
}

/** The truth of the ticks that go on a contact sheet. */
export function truthOf({ frames }: HeldClip): KeptPictures {
  const pictures = new Map<number, Uint8Array>();
  for (const [index, { truth }] of frames.entries()) if (isKept(index)) pictures.set(index, truth as Uint8Array);
  return pictures;
}

function isKept(index: number): boolean {
  return index % SHEET_STRIDE === SHEET_STRIDE - 1;
}
