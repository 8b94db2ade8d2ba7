import type { PlaneKind } from "../protocol/generated/playblast/v1/plane.js";
import { type Notice, NoticeKind } from "../protocol/generated/playblast/v1/shot_event.js";
import { planeName } from "../protocol/plane.js";
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

/** Says that a first frame was added to the look, how many images the look now has, and which one gave way for it, by its tick. */
export function lookAdded(tick: number, images: number, most: number, gone: number | undefined): Notice {
  const place = gone === undefined ? "" : ` in the place of that of tick ${gone}`;
  return {
    kind: NoticeKind.NOTICE_KIND_LOOK_ADDED,
    message: `The first frame of tick ${tick} was added to the look${place}: it has ${images} images, and the model holds ${most}.`,
    tick,
  };
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

/** Says, of controls that a shot declares, that nothing reads them yet. */
export function controlsUnused(kinds: readonly PlaneKind[]): Notice {
  return {
    kind: NoticeKind.NOTICE_KIND_IGNORED,
    message: `No model of this version uses ${kinds.map(planeName).join(" or ")}: these planes are checked and not read. Leave them out to send less.`,
    tick: 0,
  };
}

/** Says, once a shot and kind, that planes come which steer nothing because the shot does not declare them. */
export function planesUndeclared(kinds: readonly PlaneKind[], tick: number): Notice {
  const names = kinds.map(planeName).join(" and ");
  return {
    kind: NoticeKind.NOTICE_KIND_IGNORED,
    message: `Tick ${tick} brings ${names}, which open_shot.controls does not name: it is not read. Name ${names} there, or do not send it.`,
    tick,
  };
}

/** Says, once a shot, what becomes of an albedo that shows nothing. */
export function albedoEmpty(tick: number): Notice {
  return {
    kind: NoticeKind.NOTICE_KIND_ALBEDO_EMPTY,
    message: `The ALBEDO plane of tick ${tick} is black everywhere: materials cannot be told apart by their colour. Send the base colour of what the depth plane shows, without light, or leave ALBEDO out of open_shot.controls.`,
    tick,
  };
}
