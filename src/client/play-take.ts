import type { ShotAnswer, ShotMessage } from "../protocol/codec.js";
import type { EngineFrame } from "../protocol/generated/playblast/v1/engine_frame.js";
import { type OpenShot, ShotMode } from "../protocol/generated/playblast/v1/open_shot.js";
import { PlaneKind } from "../protocol/generated/playblast/v1/plane.js";
import { PROTOCOL_VERSION } from "../protocol/limits.js";
import type { ClientShot, PlayblastClient } from "./client.js";

/** How a take is played to a server. */
export interface PlayOptions {
  /** At the take's own frame rate, or as fast as credit allows. */
  readonly mode: "live" | "export";
  /** Encoded picture that sets the look, showing the take's first frame; default: what the take brings. Holds until a cut forgets it. */
  readonly firstFrame?: Uint8Array;
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

/** Truth and the engine's picture stay at home: a server that never sees the answer cannot use it. */
const KEPT_HOME = new Set([PlaneKind.PLANE_KIND_TRUTH, PlaneKind.PLANE_KIND_COLOUR]);

/** Sends a take's messages through a server and yields the answers in order. Throws ShotError when the shot fails. */
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
  const sending = sendAll(shot, messages, first.value.value.frameRate, options).catch((error: unknown) => {
    failure = error;
    shot.cancel();
  });
  try {
    yield* shot;
  } catch (error) {
    throw failure ?? error;
  } finally {
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
  frameRate: number,
  options: PlayOptions,
): Promise<void> {
  const start = performance.now();
  let frames = 0;
  let looked = false;
  let forgotten = false;
  const look = async (frame: EngineFrame) => {
    looked = true;
    if (options.firstFrame) {
      const image = { $case: "encoded" as const, value: Buffer.from(options.firstFrame) };
      await shot.post({ $case: "firstFrame", value: { image, tick: frame.tick } });
    }
  };
  for (let next = await messages.next(); !next.done; next = await messages.next()) {
    const message = next.value;
    options.onMessage?.(message);
    if (message.$case === "engineFrame") {
      if (!looked) await look(message.value);
      if (options.mode === "live") {
        const due = start + (frames * 1000) / frameRate;
        const wait = due - performance.now();
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      }
      frames++;
      const planes = message.value.planes.filter((plane) => !KEPT_HOME.has(plane.kind));
      await shot.send({ ...message.value, planes });
    } else if (message.$case === "firstFrame") {
      // A look of the caller's replaces the take's, until a cut forgets it: what comes then was not painted for this place.
      if (!options.firstFrame || forgotten) await shot.post(message);
    } else if (message.$case === "cut") {
      forgotten ||= message.value.forgetLook;
      await shot.post(message);
    } else if (message.$case === "promptChange") await shot.post(message);
  }
  await shot.close();
}
