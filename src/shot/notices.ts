import { type Notice, NoticeKind } from "../protocol/generated/playblast/v1/shot_event.js";
import type { EngineFrame } from "../scene/engine-frame.js";

/** Says, once a shot, that a live shot drops frames because the model takes longer than the engine. */
export function modelIsSlow(tick: number): Notice {
  return {
    kind: NoticeKind.NOTICE_KIND_SLOW,
    message:
      "The model does not keep up with the engine: frames are being dropped. A smaller frame size or fewer steps help.",
    tick,
  };
}

/** Says, once a shot, that a live shot drops frames because its client does not read. */
export function answersUnread(tick: number): Notice {
  return {
    kind: NoticeKind.NOTICE_KIND_SLOW,
    message:
      "The answers are not read as fast as they are made: the shot waits for its client, and frames are being dropped. Read the answers while sending; a smaller frame size helps where the network is slow.",
    tick,
  };
}

/** Says, once a shot, what becomes of frames without depth. */
export function depthMissing({ tick, depth }: EngineFrame): Notice {
  const what = depth
    ? `Tick ${tick} has a DEPTH plane that shows no surface anywhere (values of 0, infinity or NaN, or farther than the background)`
    : `Tick ${tick} came without a DEPTH plane`;
  return {
    kind: NoticeKind.NOTICE_KIND_DEPTH_MISSING,
    message: `${what}: what is where is not known, so the look follows the camera's rotation alone, and nothing that moves. Send depth with every frame.`,
    tick,
  };
}

/** Says that the look of a tick took over from another. */
export function lookReplaced(tick: number): Notice {
  return { kind: NoticeKind.NOTICE_KIND_LOOK_REPLACED, message: `The look of tick ${tick} took over.`, tick };
}

/** Says that a first frame gave way to another before any frame came to be painted from it. */
export function lookUnused(tick: number): Notice {
  return {
    kind: NoticeKind.NOTICE_KIND_IGNORED,
    message: `The first frame for tick ${tick} was not used: newer ones came before any frame after it.`,
    tick,
  };
}

/** Says that a first frame waited in vain for its tick. */
export function lookMissed(tick: number, lastTick: number): Notice {
  return {
    kind: NoticeKind.NOTICE_KIND_IGNORED,
    message: `The first frame for tick ${tick} was not used: the shot closed after tick ${lastTick}. Send it for a tick that comes.`,
    tick,
  };
}

/** Says that a prompt does nothing. */
export function promptIgnored(model: string, tick: number): Notice {
  return {
    kind: NoticeKind.NOTICE_KIND_IGNORED,
    message: `Model '${model}' takes no prompt; the look comes from the first frame.`,
    tick,
  };
}
