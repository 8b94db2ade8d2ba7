import type { ShotAnswer, ShotMessage } from "../protocol/codec.js";
import { readEngineFrame } from "../protocol/engine-frame.js";
import { BadRequestError, Code } from "../protocol/errors.js";
import { type DecodedFirstFrame, readFirstFrame } from "../protocol/first-frame.js";
import { DropReason } from "../protocol/generated/playblast/v1/generated_frame.js";
import { ImageFormat } from "../protocol/generated/playblast/v1/open_shot.js";
import { NoticeKind } from "../protocol/generated/playblast/v1/shot_event.js";
import { encodePicture } from "../protocol/image.js";
import { LIMITS, PROTOCOL_VERSION } from "../protocol/limits.js";
import type { ShotRequest } from "../protocol/open-shot.js";
import { type EngineFrame, showsSurface } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import { chooseBudget } from "./budget.js";
import { exportPolicy, livePolicy, type Policy } from "./policy.js";
import { prepareLook } from "./prepare-look.js";
import type { ModelHost, RenderedFrame, ShotRenderer } from "./renderer.js";

/** Engine frames kept so that a first frame can show one that has passed. */
const HISTORY = 64;

/** Where a shot's answers go. */
export interface Outlet {
  send(answer: ShotAnswer): void;
  /** Resolves when the client has taken enough of what was sent; rejects when it never does. */
  ready(): Promise<void>;
}

/** Counts of a shot. Each received frame ends as generated or dropped. */
export interface Totals {
  received: number;
  generated: number;
  dropped: number;
}

interface Waiting {
  readonly frame: EngineFrame;
  readonly arrived: number;
  readonly decodeMs: number;
}

/** What waits to be worked on, in the order of arrival. */
type Item =
  | ({ readonly kind: "frame" } & Waiting)
  | { readonly kind: "look"; readonly first: DecodedFirstFrame; readonly frame: EngineFrame }
  | { readonly kind: "cut"; readonly forgetLook: boolean; readonly newPlace: boolean }
  | { readonly kind: "flush" }
  | { readonly kind: "close" };

function forgetsLook(item: Item): boolean {
  return item.kind === "cut" && item.forgetLook;
}

const IMAGE_FORMATS = {
  rgb8: ImageFormat.IMAGE_FORMAT_RGB8,
  png: ImageFormat.IMAGE_FORMAT_PNG,
  jpeg: ImageFormat.IMAGE_FORMAT_JPEG,
} as const;

/**
 * One stream from OpenShot to ShotClosed: its queue, chunks, cuts, looks and flow control. Knows nothing of transports.
 * `receive` is called with one message at a time; `run` works the queue off and resolves when the shot has closed.
 */
export class Shot {
  readonly totals: Totals = { received: 0, generated: 0, dropped: 0 };
  readonly size: FrameSize;
  /** Frame size as asked for, or as chosen where it was left open, before it was rounded. */
  readonly #asked: FrameSize;
  readonly #request: ShotRequest;
  readonly #host: ModelHost;
  readonly #renderer: ShotRenderer;
  readonly #outlet: Outlet;
  readonly #policy: Policy;
  readonly #started = performance.now();
  readonly #history: EngineFrame[] = [];
  #queue: Item[] = [];
  #wake: (() => void) | undefined;
  #lastTick = -1;
  #credit: number;
  #pendingLook: { readonly first: DecodedFirstFrame; readonly tick: number } | undefined;
  /** Whether frames from here on have a look, as seen at the end of the queue and at its head. */
  #lookSent = false;
  #lookSet = false;
  #ended = false;
  #slow = false;
  #depthMissed = false;

  private constructor(
    request: ShotRequest,
    host: ModelHost,
    renderer: ShotRenderer,
    asked: FrameSize,
    size: FrameSize,
    outlet: Outlet,
  ) {
    this.#request = request;
    this.#host = host;
    this.#renderer = renderer;
    this.#outlet = outlet;
    this.#asked = asked;
    this.size = size;
    this.#policy = request.mode === "live" ? livePolicy(host.chunkLength) : exportPolicy(host.chunkLength);
    this.#credit = this.#policy.credit ?? Infinity;
  }

  /** Opens a shot on a loaded model and answers ShotReady. */
  static async open(request: ShotRequest, host: ModelHost, outlet: Outlet, serverVersion: string): Promise<Shot> {
    const { scene, seed, controlPreview } = request;
    const { fps, steps, ...chosen } = chooseBudget(request, host.speed, host.steps);
    const size = host.roundSize(chosen.size);
    const renderer = await host.openShot({ scene, size, seed, steps, preview: controlPreview });
    const shot = new Shot(request, host, renderer, chosen.size, size, outlet);
    outlet.send({
      $case: "shotReady",
      value: {
        protocolVersion: { ...PROTOCOL_VERSION },
        serverVersion,
        model: host.model,
        chunkLength: host.chunkLength,
        frameSize: size,
        expectedLatencyMs: renderer.expectedMs,
        limits: { ...LIMITS },
        credit: shot.#policy.credit ?? 0,
        resumeToken: "",
        provider: host.provider,
        steps: renderer.steps,
        expectedFps: fps,
      },
    });
    if (request.prompt) shot.#ignoredPrompt();
    return shot;
  }

  /** Takes the next message of the stream. Throws BadRequestError when the shot cannot go on. */
  async receive(message: ShotMessage): Promise<void> {
    switch (message.$case) {
      case "openShot":
        throw new BadRequestError(
          "open_shot",
          "came a second time; open another stream for another shot",
          Code.FAILED_PRECONDITION,
        );
      case "engineFrame":
        return this.#frame(message.value);
      case "firstFrame":
        return this.#firstFrame(await readFirstFrame(message.value), message.value.tick);
      case "promptChange":
        return this.#ignoredPrompt();
      case "cut":
        this.#push({ kind: "cut", forgetLook: message.value.forgetLook, newPlace: message.value.newPlace });
        if (message.value.forgetLook) this.#lookSent = false;
        return;
      case "flush":
        return this.#push({ kind: "flush" });
      case "close":
        this.#missPendingLook();
        return this.#push({ kind: "close" });
    }
  }

  /** Ends a shot from outside: what waits is dropped. `run` resolves. Safe to call twice. */
  abort(): void {
    this.#ended = true;
    this.#drop((item) => item.kind === "frame", DropReason.DROP_REASON_CLOSED);
    this.#wake?.();
  }

  /** Works the queue off until the shot closes or is aborted, then frees its memory. */
  async run(): Promise<void> {
    try {
      while (!this.#ended) {
        const chunk = this.#takeChunk();
        if (chunk.length > 0) await this.#generate(chunk);
        else if (!(await this.#takeMark())) await this.#next();
      }
    } finally {
      this.abort();
      await this.#renderer.close();
    }
  }

  #frame(message: Extract<ShotMessage, { $case: "engineFrame" }>["value"]): void {
    const arrived = performance.now();
    const frame = readEngineFrame(message, this.#request, this.size, this.#lastTick);
    if (this.#policy.credit !== undefined && --this.#credit < 0) {
      throw new BadRequestError(
        "engine_frame",
        `tick ${frame.tick} came without credit; an export sends as many frames as ShotReady.credit and Credit grant`,
        Code.RESOURCE_EXHAUSTED,
      );
    }
    this.#lastTick = frame.tick;
    this.totals.received++;
    if (!this.#depthMissed && !showsSurface(frame.depth)) this.#missDepth(frame);
    this.#history.push(frame);
    if (this.#history.length > HISTORY) this.#history.shift();
    const pending = this.#pendingLook;
    if (pending && pending.tick <= frame.tick) {
      if (pending.tick < frame.tick) {
        throw new BadRequestError(
          "first_frame.tick",
          `is ${pending.tick}, but the next frame was ${frame.tick}; show a tick that was sent or is the next to come`,
        );
      }
      this.#pendingLook = undefined;
      this.#look(pending.first, frame);
    }
    if (!this.#lookSent && !this.#policy.waitsForLook) {
      this.#answerDropped(frame.tick, DropReason.DROP_REASON_NO_FIRST_FRAME);
      return;
    }
    this.#push({ kind: "frame", frame, arrived, decodeMs: performance.now() - arrived });
    const waiting = this.#queue.filter((item) => item.kind === "frame").length;
    let excess = waiting - this.#policy.mostWaiting;
    if (excess > 0) {
      this.#drop((item) => item.kind === "frame" && excess-- > 0, DropReason.DROP_REASON_NEWER_FRAME);
      if (!this.#slow) {
        this.#slow = true;
        this.#notice(
          NoticeKind.NOTICE_KIND_SLOW,
          "The model does not keep up with the engine: frames are being dropped. A smaller frame size or fewer steps help.",
          frame.tick,
        );
      }
    }
  }

  #firstFrame(first: DecodedFirstFrame, tick: number): void {
    const shown = this.#history.find((frame) => frame.tick === tick);
    if (shown) this.#look(first, shown);
    else if (tick > this.#lastTick) this.#pendingLook = { first, tick };
    else {
      throw new BadRequestError(
        "first_frame.tick",
        `is ${tick}; it must be one of the last ${HISTORY} ticks sent or the next to come (the last was ${this.#lastTick})`,
      );
    }
  }

  #look(first: DecodedFirstFrame, frame: EngineFrame): void {
    const item: Item = { kind: "look", first, frame };
    // Frames that wait for their first look come after it; those before a cut that forgets the look have another.
    if (!this.#lookSent) this.#queue.splice(this.#queue.findLastIndex(forgetsLook) + 1, 0, item);
    else this.#queue.push(item);
    this.#lookSent = true;
    this.#wake?.();
  }

  #push(item: Item): void {
    this.#queue.push(item);
    this.#wake?.();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Frames at the head of the queue that make a chunk: a full one, or a short one before a mark. */
  #takeChunk(): Waiting[] {
    const [head] = this.#queue;
    if (!this.#lookSet && head?.kind === "frame") {
      if (this.#queue.some((item) => item.kind === "close")) throw this.#noLook();
      return [];
    }
    const mark = this.#queue.findIndex((item) => item.kind !== "frame");
    const frames = mark < 0 ? this.#queue.length : mark;
    const full = this.#host.chunkLength;
    if (frames === 0 || (frames < full && mark < 0)) return [];
    if (frames < full && this.#queue[mark].kind === "cut" && this.#policy.dropsAtCut) {
      let left = frames;
      this.#drop(() => left-- > 0, DropReason.DROP_REASON_CUT);
      return [];
    }
    return this.#queue.splice(0, Math.min(frames, full)) as Extract<Item, { kind: "frame" }>[];
  }

  /** Does what stands at the head of the queue, if it is not a frame. */
  async #takeMark(): Promise<boolean> {
    const [head] = this.#queue;
    if (!head || head.kind === "frame") return false;
    this.#queue.shift();
    if (head.kind === "look") {
      await this.#setLook(head.first, head.frame);
    } else if (head.kind === "cut") {
      await this.#renderer.cut(head);
      if (head.forgetLook) this.#lookSet = false;
    } else if (head.kind === "flush") this.#outlet.send({ $case: "flushed", value: {} });
    else this.#close();
    return true;
  }

  async #setLook(first: DecodedFirstFrame, frame: EngineFrame): Promise<void> {
    const { picture, notices } = await prepareLook(first, frame, this.#asked, this.size);
    for (const { kind, message } of notices) this.#notice(kind, message, frame.tick);
    await this.#renderer.setFirstFrame(picture, frame);
    if (this.#lookSet)
      this.#notice(NoticeKind.NOTICE_KIND_LOOK_REPLACED, `The look of tick ${frame.tick} took over.`, frame.tick);
    this.#lookSet = true;
  }

  #close(): void {
    this.#ended = true;
    const { received, generated, dropped } = this.totals;
    this.#outlet.send({
      $case: "shotClosed",
      value: { received, generated, dropped, seconds: (performance.now() - this.#started) / 1000 },
    });
  }

  async #generate(chunk: readonly Waiting[]): Promise<void> {
    if (this.#policy.credit !== undefined) {
      this.#credit += chunk.length;
      this.#outlet.send({ $case: "credit", value: { frames: chunk.length } });
    }
    const started = performance.now();
    const rendered = await this.#renderer.render(chunk.map(({ frame }) => frame));
    for (const [i, waiting] of chunk.entries()) {
      if (this.#ended) this.#answerDropped(waiting.frame.tick, DropReason.DROP_REASON_CLOSED);
      else await this.#answer(waiting, rendered[i], started);
    }
    if (!this.#ended) await this.#outlet.ready();
  }

  async #answer({ frame, arrived, decodeMs }: Waiting, rendered: RenderedFrame, started: number): Promise<void> {
    const { imageFormat, seed } = this.#request;
    const encodeStart = performance.now();
    const image = await encodePicture(rendered.rgb, this.size, imageFormat);
    const now = performance.now();
    const { preview } = rendered;
    if (preview) {
      this.#outlet.send({
        $case: "controlPreview",
        value: {
          tick: frame.tick,
          size: this.size,
          filledWarp: Buffer.from(preview.filledWarp),
          coverage: Buffer.from(preview.coverage),
        },
      });
    }
    this.totals.generated++;
    this.#outlet.send({
      $case: "generatedFrame",
      value: {
        tick: frame.tick,
        size: this.size,
        format: IMAGE_FORMATS[imageFormat],
        image,
        coveragePercent: rendered.coverage * 100,
        timings: {
          queueMs: started - arrived - decodeMs,
          decodeMs,
          conditioningMs: rendered.conditioningMs,
          diffusionMs: rendered.diffusionMs,
          encodeMs: now - encodeStart,
          totalMs: now - arrived,
        },
        model: this.#host.model,
        seed,
        steps: this.#renderer.steps,
      },
    });
  }

  /** Drops the queued frames that `which` picks, in order, and answers for each. */
  #drop(which: (item: Item) => boolean, reason: DropReason): void {
    this.#queue = this.#queue.filter((item) => {
      if (item.kind !== "frame" || !which(item)) return true;
      this.#answerDropped(item.frame.tick, reason);
      return false;
    });
  }

  #answerDropped(tick: number, reason: DropReason): void {
    this.totals.dropped++;
    this.#outlet.send({ $case: "frameDropped", value: { tick, reason } });
  }

  #notice(kind: NoticeKind, message: string, tick: number): void {
    this.#outlet.send({ $case: "notice", value: { kind, message, tick } });
  }

  /** Says once what becomes of frames without depth. */
  #missDepth({ tick, depth }: EngineFrame): void {
    this.#depthMissed = true;
    const what = depth
      ? `Tick ${tick} has a DEPTH plane that shows no surface anywhere (values of 0, infinity or NaN, or farther than the background)`
      : `Tick ${tick} came without a DEPTH plane`;
    this.#notice(
      NoticeKind.NOTICE_KIND_DEPTH_MISSING,
      `${what}: what is where is not known, so the look follows the camera's rotation alone, and nothing that moves. Send depth with every frame.`,
      tick,
    );
  }

  /** Says that the first frame that waits for its tick waits in vain. */
  #missPendingLook(): void {
    const pending = this.#pendingLook;
    if (!pending) return;
    // The end of the stream closes again.
    this.#pendingLook = undefined;
    this.#notice(
      NoticeKind.NOTICE_KIND_IGNORED,
      `The first frame for tick ${pending.tick} was not used: the shot closed after tick ${this.#lastTick}. Send it for a tick that comes.`,
      pending.tick,
    );
  }

  #ignoredPrompt(): void {
    this.#notice(
      NoticeKind.NOTICE_KIND_IGNORED,
      `Model '${this.#host.model}' takes no prompt; the look comes from the first frame.`,
      Math.max(0, this.#lastTick),
    );
  }

  #noLook(): BadRequestError {
    return new BadRequestError(
      "first_frame",
      "never came, so there is no look to generate in; send a FirstFrame before Close",
      Code.FAILED_PRECONDITION,
    );
  }
}
