import { stat } from "node:fs/promises";
import type { OpenShot } from "../protocol/generated/playblast/v1/open_shot.js";
import { PlaneFormat, type PlaneKind } from "../protocol/generated/playblast/v1/plane.js";
import { planeName } from "../protocol/plane.js";
import { acceptedMessages, type RefusedMessage } from "./accepted-messages.js";
import { TakeError } from "./take-reader.js";

/** Entries of a list that are kept: what a damaged take holds must not grow with it. */
const MOST_LISTED = 1000;

/** What a take holds. */
export interface TakeSummary {
  readonly path: string;
  readonly bytes: number;
  readonly client: string;
  readonly size: string;
  readonly frameRate: number;
  readonly mode: number;
  readonly characters: readonly { readonly id: string; readonly bones: number }[];
  readonly objects: readonly string[];
  /** Kinds of planes that it declares as controls, as those in `planes`. */
  readonly controls: readonly string[];
  readonly frames: number;
  readonly firstTick: number | undefined;
  readonly lastTick: number | undefined;
  /** Ranges of ticks that are missing between the first and the last; the first thousand of them. */
  readonly holes: readonly { readonly from: number; readonly to: number }[];
  readonly seconds: number;
  readonly planes: readonly {
    readonly kind: string;
    readonly format: string;
    readonly size: string;
    readonly frames: number;
  }[];
  readonly firstFrames: number;
  readonly cuts: number;
  /** Messages that a server refuses, which are in no other number here. Each would end the shot. */
  readonly refusedCount: number;
  /** The first thousand of them. */
  readonly refused: readonly RefusedMessage[];
  /** Why the take cannot be read to its end, or undefined. */
  readonly damage: string | undefined;
}

/**
 * Reads a take through, as a server would, and sums it up; damage and refused messages are reported, not thrown. Throws
 * TakeError when nothing can be read.
 */
export async function inspectTake(path: string): Promise<TakeSummary> {
  let open: OpenShot | undefined;
  let frames = 0;
  let firstFrames = 0;
  let cuts = 0;
  let first: { tick: number; time: number } | undefined;
  let last: { tick: number; time: number } | undefined;
  let damage: string | undefined;
  let refusedCount = 0;
  const refused: RefusedMessage[] = [];
  const onRefused = (message: RefusedMessage) => {
    refusedCount++;
    if (refused.length < MOST_LISTED) refused.push(message);
  };
  const holes: { from: number; to: number }[] = [];
  const planes = new Map<string, { kind: string; format: string; size: string; frames: number }>();
  try {
    for await (const message of acceptedMessages(path, { onRefused })) {
      if (message.$case === "openShot") open = message.value;
      else if (message.$case === "firstFrame") firstFrames++;
      else if (message.$case === "cut") cuts++;
      else if (message.$case === "engineFrame") {
        const { tick, time } = message.value;
        frames++;
        first ??= { tick, time };
        if (last && tick > last.tick + 1 && holes.length < MOST_LISTED)
          holes.push({ from: last.tick + 1, to: tick - 1 });
        last = { tick, time };
        for (const plane of message.value.planes) {
          const kind = kindName(plane.kind);
          const format = (PlaneFormat[plane.format] ?? String(plane.format)).replace("PLANE_FORMAT_", "").toLowerCase();
          const size = `${plane.size?.width}x${plane.size?.height}`;
          const key = `${kind} ${format} ${size}`;
          const known = planes.get(key) ?? { kind, format, size, frames: 0 };
          known.frames++;
          if (planes.size < MOST_LISTED) planes.set(key, known);
        }
      }
    }
  } catch (error) {
    if (!(error instanceof TakeError) || !open) throw error;
    damage = error.message;
  }
  if (!open) throw new TakeError(path, 0, "holds no open_shot, so it is not a take of Playblast; record it again");
  return {
    path,
    bytes: (await stat(path)).size,
    client: `${open.clientName} ${open.clientVersion}`,
    size: `${open.frameSize?.width}x${open.frameSize?.height}`,
    frameRate: open.frameRate,
    mode: open.mode,
    characters: (open.scene?.characters ?? []).map(({ id, bones }) => ({ id, bones: bones.length })),
    objects: (open.scene?.objects ?? []).map(({ id }) => id),
    controls: open.controls.map(kindName),
    frames,
    firstTick: first?.tick,
    lastTick: last?.tick,
    holes,
    seconds: first && last ? last.time - first.time : 0,
    planes: [...planes.values()],
    firstFrames,
    cuts,
    refusedCount,
    refused,
    damage,
  };
}

/** As surface_id. */
function kindName(kind: PlaneKind): string {
  return planeName(kind).toLowerCase();
}
