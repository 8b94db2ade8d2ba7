import { setImmediate } from "node:timers/promises";
import type { RenderedFrame } from "../diffusion/family.js";
import type { ShotAnswer, ShotMessage } from "../protocol/codec.js";
import { BadRequestError, Code } from "../protocol/errors.js";
import { checkFirstFrame } from "../protocol/first-frame.js";
import type { FirstFrame } from "../protocol/generated/playblast/v1/direction.js";
import { DropReason } from "../protocol/generated/playblast/v1/generated_frame.js";
import { ImageFormat } from "../protocol/generated/playblast/v1/open_shot.js";
import { NoticeKind } from "../protocol/generated/playblast/v1/shot_event.js";
import { encodePicture } from "../protocol/image.js";
import { LIMITS, PROTOCOL_VERSION } from "../protocol/limits.js";
import type { ShotRequest } from "../protocol/open-shot.js";
import { type EngineFrame, showsSurface } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import { chooseBudget, judgeBudget } from "./budget.js";
import { emptyHistory, forget, keptTicks, recall, remember } from "./history.js";
import { exportPolicy, livePolicy, type Policy } from "./policy.js";
import {
  clearQueue,
  dropFrames,
  emptyQueue,
  headOf,
  insertFirstLook,
  isFull,
  type Mark,
  MOST_MARKS,
  pushFrame,
  pushMark,
  takeFrames,
  takeMark,
  type WaitingFrame,
  type WaitingLook,
} from "./queue.js";
import type { Readers } from "./readers.js";
import type { ModelHost, ShotRenderer } from "./renderer.js";

/** First frames that may wait for ticks that are yet to come. */
const MOST_PENDING_LOOKS = 4;
/** Answers that are sent in a row before the client is given time to read. */
const ANSWERS_IN_A_ROW = 256;

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

/** A first frame that waits for the tick that it shows. */
interface PendingLook {
  readonly first: FirstFrame;
  readonly pictureSize: FrameSize;
}

const IMAGE_FORMATS = {
  rgb8: ImageFormat.IMAGE_FORMAT_RGB8,
  png: ImageFormat.IMAGE_FORMAT_PNG,
  jpeg: ImageFormat.IMAGE_FORMAT_JPEG,
} as const;

/**
 * One stream from OpenShot to ShotClosed: its queue, chunks, cuts, looks and flow control. Knows nothing of transports.
 * `receiveFrame` and `receive` are called with one message at a time; `run` works the queue off and resolves when the shot has closed.
 */
export class Shot {
  readonly totals: Totals = { received: 0, generated: 0, dropped: 0 };
  readonly size: FrameSize;
  readonly #request: ShotRequest;
  readonly #host: ModelHost;
  readonly #renderer: ShotRenderer;
  readonly #outlet: Outlet;
  readonly #policy: Policy;
  readonly #started = performance.now();
  readonly #readers: Readers;
  /** Of this shot, for the readers. */
  readonly #reading: number;
  readonly #history = emptyHistory();
  readonly #queue = emptyQueue();
  #wake: (() => void) | undefined;
  #roomMade: (() => void) | undefined;
  #lastTick = -1;
  #credit: number;
  /** By tick. */
  readonly #pendingLooks = new Map<number, PendingLook>();
  /** Whether frames from here on have a look, as seen at the end of the queue and at its head. */
  #lookSent = false;
  #lookSet = false;
  #ended = false;
  #slow = false;
  #freed: Promise<void> | undefined;
  #depthMissed = false;

  private constructor(
    request: ShotRequest,
    host: ModelHost,
    renderer: ShotRenderer,
    asked: FrameSize,
    size: FrameSize,
    outlet: Outlet,
    readers: Readers,
  ) {
    this.#readers = readers;
    this.#reading = readers.open({ request, asked, size });
    this.#request = request;
    this.#host = host;
    this.#renderer = renderer;
    this.#outlet = outlet;
    this.size = size;
    this.#policy = request.mode === "live" ? livePolicy(host.chunkLength) : exportPolicy(host.chunkLength);
    this.#credit = this.#policy.credit ?? Infinity;
  }

  /** Opens a shot on a loaded model and answers ShotReady. */
  static async open(
    request: ShotRequest,
    host: ModelHost,
    outlet: Outlet,
    readers: Readers,
    serverVersion: string,
  ): Promise<Shot> {
    const { scene, seed, controlPreview } = request;
    const budget = chooseBudget(request, host.speed, host);
    const slow = judgeBudget(request, budget, host.speed);
    const { fps, steps } = budget;
    const size = host.roundSize(budget.size);
    const live = request.mode === "live";
    const prompt = host.takes.prompt ? request.prompt : "";
    const renderer = await host.openShot({ scene, size, seed, steps, prompt, preview: controlPreview, live });
    const shot = new Shot(request, host, renderer, budget.size, size, outlet, readers);
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
        takesPrompt: host.takes.prompt,
      },
    });
    if (request.prompt && !host.takes.prompt) shot.#ignoredPrompt();
    if (slow) {
      shot.#slow = true;
      shot.#notice(NoticeKind.NOTICE_KIND_SLOW, slow, 0);
    }
    return shot;
  }

  /**
   * Takes the next engine frame. Its bytes may be handed over to a reader thread: they are empty afterwards.
   *
   * @param bytes Of a StreamShotRequest that holds it.
   * @param arrived When it came, in `performance.now()` milliseconds.
   * @throws BadRequestError when the shot cannot go on.
   */
  async receiveFrame(bytes: Uint8Array, arrived: number): Promise<void> {
    const started = performance.now();
    const job = { kind: "frame", shot: this.#reading, bytes, lastTick: this.#lastTick } as const;
    const frame = await this.#readers.readFrame(job);
    if (!this.#ended) this.#frame({ kind: "frame", frame, arrived, decodeMs: performance.now() - started });
  }

  /**
   * Takes the next message of the stream that is no engine frame. Resolves when there is room for the next.
   *
   * @throws BadRequestError when the shot cannot go on.
   */
  async receive(message: Exclude<ShotMessage, { $case: "engineFrame" }>): Promise<void> {
    switch (message.$case) {
      case "openShot":
        throw new BadRequestError(
          "open_shot",
          "came a second time; open another stream for another shot",
          Code.FAILED_PRECONDITION,
        );
      case "firstFrame":
        await this.#firstFrame(message.value);
        break;
      case "promptChange":
        if (this.#host.takes.prompt) this.#push({ kind: "prompt", prompt: message.value.prompt });
        else this.#ignoredPrompt();
        break;
      case "cut":
        this.#push({ kind: "cut", forgetLook: message.value.forgetLook, newPlace: message.value.newPlace });
        if (message.value.forgetLook) this.#lookSent = false;
        break;
      case "flush":
        this.#push({ kind: "flush", count: 1 });
        break;
      case "close":
        this.#missPendingLooks();
        this.#push({ kind: "close" });
        return;
    }
    await this.#room();
  }

  /** Ends a shot from outside: what waits is dropped, what runs is abandoned. `run` resolves soon. Safe to call twice. */
  abort(): void {
    this.#ended = true;
    this.#drop(Infinity, DropReason.DROP_REASON_CLOSED);
    clearQueue(this.#queue);
    forget(this.#history);
    this.#pendingLooks.clear();
    this.#readers.forget(this.#reading);
    void this.#free();
    this.#wake?.();
    this.#roomMade?.();
  }

  /** Works the queue off until the shot closes or is aborted, then frees its memory. */
  async run(): Promise<void> {
    try {
      while (!this.#ended) {
        const chunk = this.#takeChunk();
        if (chunk.length > 0) await this.#generate(chunk);
        else if (!(await this.#takeMark())) await this.#next();
        this.#roomMade?.();
      }
    } catch (error) {
      // A shot that was aborted abandons the call that it waits for.
      if (!this.#ended) throw error;
    } finally {
      this.abort();
      await this.#free();
    }
  }

  /** Frees the renderer once. */
  #free(): Promise<void> {
    this.#freed ??= this.#renderer.close();
    return this.#freed;
  }

  #frame(waiting: WaitingFrame): void {
    const { frame } = waiting;
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
    remember(this.#history, frame);
    for (const [tick, pending] of this.#pendingLooks) {
      if (tick > frame.tick) continue;
      if (tick < frame.tick) {
        throw new BadRequestError(
          "first_frame.tick",
          `is ${tick}, but the next frame was ${frame.tick}; show a tick that was sent or is the next to come`,
        );
      }
      this.#pendingLooks.delete(tick);
      this.#look(pending, frame);
    }
    if (!this.#lookSent && !this.#policy.waitsForLook) {
      this.#answerDropped(frame.tick, DropReason.DROP_REASON_NO_FIRST_FRAME);
      return;
    }
    pushFrame(this.#queue, waiting);
    this.#wake?.();
    if (this.#queue.frames > this.#policy.mostWaiting) {
      this.#drop(this.#queue.frames - this.#policy.mostWaiting, DropReason.DROP_REASON_NEWER_FRAME);
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

  async #firstFrame(first: FirstFrame): Promise<void> {
    const { tick } = first;
    const pictureSize = await checkFirstFrame(first);
    const shown = recall(this.#history, tick);
    if (shown) this.#look({ first, pictureSize }, shown);
    else if (tick > this.#lastTick) this.#pend({ first, pictureSize });
    else {
      throw new BadRequestError(
        "first_frame.tick",
        `is ${tick}; it must be a tick that is still held or the next to come (${keptTicks(this.#history)})`,
      );
    }
  }

  /** Keeps a look until its tick comes. */
  #pend(look: PendingLook): void {
    const pending = this.#pendingLooks;
    const { tick } = look.first;
    const [oldest] = pending.keys();
    if (pending.delete(tick)) this.#replacedLook(tick);
    else if (pending.size >= MOST_PENDING_LOOKS) {
      pending.delete(oldest);
      this.#replacedLook(oldest);
    }
    pending.set(tick, look);
  }

  #look({ first, pictureSize }: PendingLook, frame: EngineFrame): void {
    const look = { kind: "look", first, pictureSize, frame } as const;
    // Frames that wait for their first look come after it; those before a cut that forgets the look have another.
    const replaced = this.#lookSent ? pushMark(this.#queue, look) : insertFirstLook(this.#queue, look);
    if (replaced) this.#replacedLook(replaced.frame.tick);
    this.#lookSent = true;
    this.#wake?.();
  }

  #push(mark: Mark): void {
    pushMark(this.#queue, mark);
    this.#wake?.();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Resolves when the queue has room. */
  async #room(): Promise<void> {
    while (isFull(this.#queue) && !this.#ended) {
      if (!this.#lookSet && headOf(this.#queue, 1).frames > 0) {
        throw new BadRequestError(
          "first_frame",
          `is missing, and ${MOST_MARKS} cuts, flushes and prompts wait for it; send a FirstFrame before them`,
          Code.RESOURCE_EXHAUSTED,
        );
      }
      await new Promise<void>((resolve) => {
        this.#roomMade = resolve;
      });
    }
  }

  /** Frames at the head of the queue that make a chunk: a full one, or a short one before a mark. */
  #takeChunk(): WaitingFrame[] {
    const full = this.#renderer.chunkLength;
    const { frames, mark } = headOf(this.#queue, full);
    if (!this.#lookSet && frames > 0) {
      if (this.#queue.closes) throw this.#noLook();
      return [];
    }
    if (frames < full && !mark) return [];
    if (frames < full && mark?.kind === "cut" && this.#policy.dropsAtCut) {
      this.#drop(frames, DropReason.DROP_REASON_CUT);
      return [];
    }
    return takeFrames(this.#queue, frames);
  }

  /** Does what stands at the head of the queue, if it is not a frame. */
  async #takeMark(): Promise<boolean> {
    const mark = takeMark(this.#queue);
    if (!mark) return false;
    if (mark.kind === "look") await this.#setLook(mark);
    else if (mark.kind === "cut") {
      await this.#renderer.cut(mark);
      if (mark.forgetLook) this.#lookSet = false;
    } else if (mark.kind === "prompt") await this.#renderer.setPrompt(mark.prompt);
    else if (mark.kind === "flush") await this.#flushed(mark.count);
    else this.#close();
    return true;
  }

  async #flushed(count: number): Promise<void> {
    for (let sent = 1; sent <= count && !this.#ended; sent++) {
      this.#outlet.send({ $case: "flushed", value: {} });
      if (sent % ANSWERS_IN_A_ROW === 0) {
        await setImmediate();
        await this.#outlet.ready();
      }
    }
  }

  async #setLook({ first, pictureSize, frame }: WaitingLook): Promise<void> {
    // Of the frame only what a look is compared with travels to the reader.
    const { tick, time, camera, depth, ownerId } = frame;
    const { picture, notices } = await this.#readers.readLook({
      kind: "look",
      shot: this.#reading,
      first,
      pictureSize,
      frame: { tick, time, camera, poses: [], objects: [], lights: [], depth, ownerId },
    });
    if (this.#ended) return;
    for (const { kind, message } of notices) this.#notice(kind, message, tick);
    await this.#renderer.setFirstFrame(picture, frame);
    if (this.#lookSet) this.#notice(NoticeKind.NOTICE_KIND_LOOK_REPLACED, `The look of tick ${tick} took over.`, tick);
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

  async #generate(chunk: readonly WaitingFrame[]): Promise<void> {
    if (this.#policy.credit !== undefined) {
      this.#credit += chunk.length;
      this.#outlet.send({ $case: "credit", value: { frames: chunk.length } });
    }
    const started = performance.now();
    const rendered = await this.#renderer.render(chunk.map(({ frame }) => frame)).catch((error) => {
      if (!this.#ended) throw error;
      return [];
    });
    for (const [i, waiting] of chunk.entries()) {
      if (this.#ended) this.#answerDropped(waiting.frame.tick, DropReason.DROP_REASON_CLOSED);
      else await this.#answer(waiting, rendered[i], started);
    }
    if (!this.#ended) await this.#outlet.ready();
  }

  async #answer({ frame, arrived, decodeMs }: WaitingFrame, rendered: RenderedFrame, started: number): Promise<void> {
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

  /** Drops the oldest of the queued frames and answers for each. */
  #drop(most: number, reason: DropReason): void {
    for (const { frame } of dropFrames(this.#queue, most)) this.#answerDropped(frame.tick, reason);
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

  /** Says that first frames that wait for their ticks wait in vain. */
  #missPendingLooks(): void {
    for (const tick of this.#pendingLooks.keys()) {
      this.#notice(
        NoticeKind.NOTICE_KIND_IGNORED,
        `The first frame for tick ${tick} was not used: the shot closed after tick ${this.#lastTick}. Send it for a tick that comes.`,
        tick,
      );
    }
    this.#pendingLooks.clear();
  }

  /** Says that a first frame gave way to another before any frame came to be painted from it. */
  #replacedLook(tick: number): void {
    this.#notice(
      NoticeKind.NOTICE_KIND_IGNORED,
      `The first frame for tick ${tick} was not used: newer ones came before any frame after it.`,
      tick,
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
