import type { ShotAnswer, ShotMessage } from "../protocol/codec.js";
import { type OpenShot, ShotMode } from "../protocol/generated/playblast/v1/open_shot.js";
import { PlaneKind } from "../protocol/generated/playblast/v1/plane.js";
import { PROTOCOL_VERSION } from "../protocol/limits.js";
import type { ClientShot, PlayblastClient } from "./client.js";

/** A picture that sets the look of a take, or adds to it. */
export interface FirstFramePicture {
  /** A PNG, JPEG or WebP file. */
  readonly encoded: Uint8Array;
  /** The tick of the take that it shows; default: the first. */
  readonly tick?: number;
}

/** How a take is played to a server. */
export interface PlayOptions {
  /** At the take's own frame rate, or as fast as credit allows. */
  readonly mode: "live" | "export";
  /**
   * Pictures of the look, each sent before the tick that it shows; default: what the take brings. What they set holds until a cut forgets it: after that the
   * take's own count too.
   */
  readonly firstFrames?: readonly FirstFramePicture[];
  readonly seed?: number;
  readonly steps?: number;
  readonly model?: string;
  readonly size?: { readonly width: number; readonly height: number };
  readonly controlPreview?: boolean;
  readonly signal?: AbortSignal;
  /** Sees every message of the take before it is sent. */
  readonly onMessage?: (message: ShotMessage) => void;
  /** Sees the shot once it is open. */
  readonly onOpen?: (shot: ClientShot) => void;
}

/**
 * Sends a take's messages through a server and yields the answers in order. The shot is cancelled when its reader stops before the end.
 *
 * @throws ShotError when the shot fails, Error where a first frame shows a tick that the take has not.
 */
export async function* playTake(
  client: PlayblastClient,
  take: AsyncIterable<ShotMessage>,
  options: PlayOptions,
): AsyncGenerator<ShotAnswer> {
  const messages = take[Symbol.asyncIterator]();
  const first = await messages.next();
  if (first.done || first.value.$case !== "openShot") {
    await messages.return?.();
    throw new Error("the take does not begin with open_shot");
  }
  options.onMessage?.(first.value);
  const shot = await client.openShot(openFor(first.value.value, options), options.signal);
  options.onOpen?.(shot);
  let failure: unknown;
  const sending = sendAll(shot, messages, first.value.value, options).catch((error: unknown) => {
    failure = error;
    shot.cancel();
  });
  let isOver = false;
  try {
    yield* shot;
    isOver = true;
  } catch (error) {
    throw failure ?? error;
  } finally {
    // Whoever stops reading does not want the rest to be generated.
    if (!isOver) shot.cancel();
    if (!options.signal?.aborted) await sending;
    await messages.return?.();
  }
  if (failure) throw failure;
}

function openFor(open: OpenShot, options: PlayOptions): OpenShot {
  return {
    ...open,
    protocolVersion: { ...PROTOCOL_VERSION },
    mode: options.mode === "live" ? ShotMode.SHOT_MODE_LIVE : ShotMode.SHOT_MODE_EXPORT,
    frameSize: options.size ?? open.frameSize,
    seed: options.seed ?? open.seed,
    steps: options.steps ?? 0,
    model: options.model ?? "",
    imageFormat: 1,
    controlPreview: options.controlPreview ?? false,
    resumeToken: "",
    recordAs: "",
  };
}

async function sendAll(
  shot: ClientShot,
  messages: AsyncIterator<ShotMessage>,
  { frameRate, controls }: OpenShot,
  options: PlayOptions,
): Promise<void> {
  const keptHome = keptHomeOf(controls);
  const start = performance.now();
  let frames = 0;
  let forgotten = false;
  let pictures = options.firstFrames ?? [];
  /** Sends the pictures that show a tick, before its frame. */
  const look = async (tick: number) => {
    const isDue = (picture: FirstFramePicture) => (picture.tick ?? tick) === tick;
    for (const { encoded } of pictures.filter(isDue)) {
      const image = { $case: "encoded" as const, value: Buffer.from(encoded) };
      await shot.post({ $case: "firstFrame", value: { image, tick, newLook: false } });
    }
    pictures = pictures.filter((picture) => !isDue(picture));
    checkToCome(pictures, tick);
  };
  for (let next = await messages.next(); !next.done; next = await messages.next()) {
    const message = next.value;
    options.onMessage?.(message);
    if (message.$case === "engineFrame") {
      await look(message.value.tick);
      if (options.mode === "live") {
        const due = start + (frames * 1000) / frameRate;
        const wait = due - performance.now();
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      }
      frames++;
      const planes = message.value.planes.filter((plane) => !keptHome.has(plane.kind));
      await shot.send({ ...message.value, planes });
    } else if (message.$case === "firstFrame") {
      // A look of the caller's replaces the take's, until a cut forgets it: what comes then was not painted for this place.
      if (!options.firstFrames?.length || forgotten) await shot.post(message);
    } else if (message.$case === "cut") {
      forgotten ||= message.value.forgetLook;
      await shot.post(message);
    } else if (message.$case === "promptChange") await shot.post(message);
  }
  checkToCome(pictures, Infinity);
  await shot.close();
}

/** Planes that stay at home: a server that never sees the answer cannot use it. The engine's picture is sent where the take declares it as a control. */
function keptHomeOf(controls: readonly PlaneKind[]): ReadonlySet<PlaneKind> {
  const kept = new Set([PlaneKind.PLANE_KIND_TRUTH]);
  if (!controls.includes(PlaneKind.PLANE_KIND_COLOUR)) kept.add(PlaneKind.PLANE_KIND_COLOUR);
  return kept;
}

/** @throws Error where a picture shows a tick that will not come any more after `last`. */
function checkToCome(pictures: readonly FirstFramePicture[], last: number): void {
  for (const { tick } of pictures) {
    if (tick !== undefined && tick < last)
      throw new Error(`a first frame shows tick ${tick}, which the take does not have; name one that it has`);
  }
}
