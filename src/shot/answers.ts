import type { RenderedFrame } from "../diffusion/family.js";
import type { ShotAnswer } from "../protocol/codec.js";
import { ImageFormat } from "../protocol/generated/playblast/v1/open_shot.js";
import { encodePicture } from "../protocol/image.js";
import { LIMITS, PROTOCOL_VERSION } from "../protocol/limits.js";
import type { ShotRequest } from "../protocol/open-shot.js";
import type { FrameSize } from "../scene/picture.js";
import type { WaitingFrame } from "./queue.js";
import type { ModelHost, ShotRenderer } from "./renderer.js";

const IMAGE_FORMATS = {
  rgb8: ImageFormat.IMAGE_FORMAT_RGB8,
  png: ImageFormat.IMAGE_FORMAT_PNG,
  jpeg: ImageFormat.IMAGE_FORMAT_JPEG,
} as const;

/** Counts of a shot. Each received frame ends as generated or dropped. */
export interface Totals {
  received: number;
  generated: number;
  dropped: number;
}

/** What is left of a frame while it is generated: its planes are the renderer's. */
export interface FrameInWork extends Pick<WaitingFrame, "arrived" | "decodeMs"> {
  readonly tick: number;
}

/** How a shot's pictures are made, as each of them says. */
export interface PictureMaking {
  readonly request: Pick<ShotRequest, "imageFormat" | "seed">;
  readonly model: string;
  readonly size: FrameSize;
  readonly steps: number;
}

/** The answer to OpenShot. */
export function shotReady(opened: {
  readonly host: ModelHost;
  readonly renderer: ShotRenderer;
  readonly size: FrameSize;
  readonly serverVersion: string;
  /** Frames that may be sent ahead; undefined where sending is free. */
  readonly credit: number | undefined;
  readonly fps: number;
}): ShotAnswer {
  const { host, renderer, size, serverVersion, credit = 0, fps } = opened;
  return {
    $case: "shotReady",
    value: {
      protocolVersion: { ...PROTOCOL_VERSION },
      serverVersion,
      model: host.model,
      chunkLength: host.chunkLength,
      frameSize: size,
      expectedLatencyMs: renderer.expectedMs,
      limits: { ...LIMITS },
      credit,
      resumeToken: "",
      provider: host.provider,
      steps: renderer.steps,
      expectedFps: fps,
      takesPrompt: host.takes.prompt,
    },
  };
}

/**
 * A generated frame with its picture encoded as the shot asked for, behind what the model saw where that is wanted.
 *
 * @param started When its chunk was begun, in `performance.now()` milliseconds.
 */
export async function generatedAnswers(
  { tick, arrived, decodeMs }: FrameInWork,
  rendered: RenderedFrame,
  { request, model, size, steps }: PictureMaking,
  started: number,
): Promise<ShotAnswer[]> {
  const { imageFormat, seed } = request;
  const encodeStart = performance.now();
  const image = await encodePicture(rendered.rgb, size, imageFormat);
  const now = performance.now();
  const { preview, coverage, conditioningMs, diffusionMs } = rendered;
  const answers: ShotAnswer[] = [];
  if (preview) {
    const filledWarp = Buffer.from(preview.filledWarp);
    answers.push({
      $case: "controlPreview",
      value: { tick, size, filledWarp, coverage: Buffer.from(preview.coverage) },
    });
  }
  answers.push({
    $case: "generatedFrame",
    value: {
      tick,
      size,
      format: IMAGE_FORMATS[imageFormat],
      image,
      coveragePercent: coverage * 100,
      timings: {
        queueMs: started - arrived - decodeMs,
        decodeMs,
        conditioningMs,
        diffusionMs,
        encodeMs: now - encodeStart,
        totalMs: now - arrived,
      },
      model,
      seed,
      steps,
    },
  });
  return answers;
}

/** The last word of a shot that ended well. */
export function shotClosed(totals: Totals, seconds: number): ShotAnswer {
  return { $case: "shotClosed", value: { ...totals, seconds } };
}
