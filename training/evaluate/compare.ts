import { takeClip, worldClip } from "../dataset/clips.js";
import type { Clip } from "../dataset/write-clip.js";
import type { Contestant } from "./contestants.js";
import { inLook } from "./looks.js";
import type { PerceptualDistance } from "./perceptual.js";
import type { EvaluationRequest } from "./request.js";
import { score } from "./score.js";
import type { Row } from "./table.js";

/** Every so many ticks, the last of each, a picture is kept for the contact sheet. */
const SHEET_STRIDE = 24;

/** Makes a clip; anew for each contestant, since frames are read once. */
export type MakeClip = () => Promise<Clip>;

/** Pictures [H, W, 3] of one source by their place in the clip. */
export type KeptPictures = ReadonlyMap<number, Uint8Array>;

/** The clips that a request names. */
export function clipsOf({ worlds, takes, ticks, size, look }: EvaluationRequest): readonly MakeClip[] {
  return [
    ...worlds.map((seed) => async () => inLook(worldClip(seed, ticks, size), look)),
    ...takes.map((path) => async () => inLook(await takeClip(path, ticks, size), look)),
  ];
}

/**
 * Scores all contestants on one clip.
 *
 * @returns Of each contestant its row, and the pictures that go on a contact sheet.
 */
export async function compare(
  makeClip: MakeClip,
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
    const clip = await makeClip();
    const pictures = new Map<number, Uint8Array>();
    const keep = (index: number, picture: Uint8Array) => {
      if (isKept(index)) pictures.set(index, picture);
    };
    const row = {
      clip: clip.name,
      painter: contestant.name,
      ...(await score(clip, contestant, { perceptual, light, keep })),
    };
    compared.push({ row, pictures });
    onRow?.(row);
  }
  return compared;
}

/** The truth of the ticks that go on a contact sheet. */
export async function truthOf({ frames }: Clip): Promise<KeptPictures> {
  const pictures = new Map<number, Uint8Array>();
  let index = 0;
  for await (const { truth } of frames) {
    if (isKept(index)) pictures.set(index, truth as Uint8Array);
    index++;
  }
  return pictures;
}

function isKept(index: number): boolean {
  return index % SHEET_STRIDE === SHEET_STRIDE - 1;
}
