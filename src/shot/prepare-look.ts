import type { DecodedFirstFrame } from "../protocol/first-frame.js";
import { NoticeKind } from "../protocol/generated/playblast/v1/shot_event.js";
import type { EngineFrame } from "../scene/engine-frame.js";
import type { FrameSize, Picture } from "../scene/picture.js";
import { fitFirstFrame } from "./fit-first-frame.js";
import { LOWEST_MATCH, outlineMatch } from "./outline-match.js";

/** A first frame ready to be painted from, and what its sender should know. */
export interface Look {
  /** At the shot's size. */
  readonly picture: Picture;
  readonly notices: readonly { readonly kind: NoticeKind; readonly message: string }[];
}

/**
 * Brings a first frame to the shot's size, and says what was changed on the way and whether it seems to show something else
 * than `frame`.
 *
 * @param asked Frame size as asked for, or as the server chose it, before it was rounded.
 * @param rounded Frame size of the shot, which is the size of the frame's planes.
 */
export async function prepareLook(
  first: DecodedFirstFrame,
  frame: EngineFrame,
  asked: FrameSize,
  rounded: FrameSize,
): Promise<Look> {
  const { picture, kept } = await fitFirstFrame(first.picture, { asked, rounded, projection: frame.camera.projection });
  const notices: { kind: NoticeKind; message: string }[] = [];
  if (first.transparent > 0) {
    const percent = Math.max(0.1, first.transparent * 100).toFixed(1);
    notices.push({
      kind: NoticeKind.NOTICE_KIND_FIRST_FRAME_CHANGED,
      message: `The first frame is not opaque in ${percent} % of its pixels: these were laid over mid grey. Fill them to choose what is there.`,
    });
  }
  const columns = first.picture.width - kept.width;
  const rows = first.picture.height - kept.height;
  if (columns > 0 || rows > 0) {
    const lost = columns > 0 ? `${columns} columns at its left and right` : `${rows} rows at its top and bottom`;
    notices.push({
      kind: NoticeKind.NOTICE_KIND_FIRST_FRAME_CHANGED,
      message: `The first frame is ${sizeName(first.picture)}, of another shape than the view: it was scaled to cover the view, and ${lost} were cut off. ${sizeName(kept)}, ${sizeName(asked)} or any other size of that shape fits.`,
    });
  }
  const match = await outlineMatch(picture, frame);
  if (match !== undefined && match < LOWEST_MATCH) {
    notices.push({
      kind: NoticeKind.NOTICE_KIND_FIRST_FRAME_MISFIT,
      message: `The first frame does not seem to show tick ${frame.tick}: its edges meet the scene's outlines as seldom as by chance (match ${match.toFixed(2)}, expected ${LOWEST_MATCH} or more). Colours will lie in wrong places. Paint over the engine's picture of that tick, or name the tick that it shows.`,
    });
  }
  return { picture, notices };
}

function sizeName({ width, height }: FrameSize): string {
  return `${width}x${height}`;
}
