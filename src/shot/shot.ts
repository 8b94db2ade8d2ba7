import { setImmediate } from "node:timers/promises";
import type { RenderedFrame } from "../diffusion/family.js";
import type { ShotAnswer, ShotMessage } from "../protocol/codec.js";
import { unusedControls } from "../protocol/controls.js";
import { BadRequestError, Code } from "../protocol/errors.js";
import { checkFirstFrame } from "../protocol/first-frame.js";
import type { FirstFrame } from "../protocol/generated/playblast/v1/direction.js";
import { DropReason } from "../protocol/generated/playblast/v1/generated_frame.js";
import type { PlaneKind } from "../protocol/generated/playblast/v1/plane.js";
import { type Notice, NoticeKind } from "../protocol/generated/playblast/v1/shot_event.js";
import type { ShotRequest } from "../protocol/open-shot.js";
import { type EngineFrame, showsSurface } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import { type FrameInWork, generatedAnswers, shotClosed, shotReady, type Totals } from "./answers.js";
import { chooseBudget, judgeBudget } from "./budget.js";
import { type Credit, grant, openCredit, spend } from "./credit.js";
import { holdImage } from "./held-images.js";
import { emptyHistory, forget, keptTicks, recall, remember, shownByLook } from "./history.js";
import { clearPending, noLooks, pend, type SentLook, takePending } from "./looks.js";
import {
  albedoEmpty,
  answersUnread,
  controlsUnused,
  depthMissing,
  lookAdded,
  lookMissed,
  lookReplaced,
  lookUnused,
  modelIsSlow,
  planesUndeclared,
  promptIgnored,
} from "./notices.js";
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
  type ShotQueue,
  takeFrames,
  takeMark,
  type WaitingFrame,
  type WaitingLook,
} from "./queue.js";
import type { FrameReading } from "./read-messages.js";
import type { Readers } from "./readers.js";
import type { ModelHost, ShotRenderer } from "./renderer.js";

/** Answers that are sent in a row before the client is given time to read. */
const ANSWERS_IN_A_ROW = 256;

/** Where a shot's answers go. */
export interface Outlet {
  send(answer: ShotAnswer): void;
  /** Resolves when the client has taken enough of what was sent; rejects when it never does. */
  ready(): Promise<void>;
}

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
  readonly #queue: ShotQueue;
  /** Whether something came since the queue was last looked at; what `run` sleeps on where nothing did. */
  #stirred = false;
  #wake: (() => void) | undefined;
  #roomMade: (() => void) | undefined;
  #lastTick = -1;
  readonly #credit: Credit;
  readonly #pendingLooks = noLooks();
  /** Whether frames from here on have a look, as seen at the end of the queue and at its head. */
  #lookSent = false;
  #lookSet = false;
  /** Ticks of the images of the look that is set, as the model holds them. */
  #images: readonly number[] = [];
  #ended = false;
  /** Whether it waits for its client to read. */
  #waitsForClient = false;
  /** What its client was told, once a shot. */
  readonly #told = { slow: false, unread: false, depthMissing: false, albedoEmpty: false };
  /** Kinds of planes of which it was told that the shot does not declare them. */
  readonly #toldUndeclared = new Set<PlaneKind>();
  #freed: Promise<void> | undefined;

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
    this.#queue = emptyQueue(host.takes.lookImages);
    this.#host = host;
    this.#renderer = renderer;
    this.#outlet = outlet;
    this.size = size;
    this.#policy = request.mode === "live" ? livePolicy(host.chunkLength, size) : exportPolicy(host.chunkLength, size);
    this.#credit = openCredit(this.#policy.credit);
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
    const { credit } = shot.#policy;
    outlet.send(shotReady({ host, renderer, size, serverVersion, credit, fps }));
    if (request.prompt && !host.takes.prompt) shot.#ignoredPrompt();
    const unused = unusedControls(request.controls);
    if (unused.length > 0) shot.#notice(controlsUnused(unused));
    if (slow) {
      shot.#told.slow = true;
      shot.#notice({ kind: NoticeKind.NOTICE_KIND_SLOW, message: slow, tick: 0 });
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
    const reading = await this.#readers.readFrame(job);
    if (this.#ended) return;
    const decodeMs = performance.now() - started;
    this.#frame({ kind: "frame", frame: reading.frame, arrived, decodeMs }, reading);
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
    clearPending(this.#pendingLooks);
    this.#readers.forget(this.#reading);
    void this.#free();
    this.#stir();
    this.#roomMade?.();
  }

  /** Works the queue off until the shot closes or is aborted, then frees its memory. */
  async run(): Promise<void> {
    try {
      while (!this.#ended) {
        this.#stirred = false;
        if (!(await this.#generate()) && !(await this.#takeMark()) && !this.#stirred) await this.#next();
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

  #frame(waiting: WaitingFrame, reading: FrameReading): void {
    const { frame } = waiting;
    spend(this.#credit, frame.tick);
    this.#lastTick = frame.tick;
    this.totals.received++;
    if (!this.#told.depthMissing && !showsSurface(frame.depth)) {
      this.#told.depthMissing = true;
      this.#notice(depthMissing(frame));
    }
    this.#tellPlanes(reading);
    remember(this.#history, frame);
    const look = takePending(this.#pendingLooks, frame.tick);
    if (look) this.#look(look, shownByLook(frame));
    if (!this.#lookSent && !this.#policy.waitsForLook) {
      this.#answerDropped(frame.tick, DropReason.DROP_REASON_NO_FIRST_FRAME);
      return;
    }
    pushFrame(this.#queue, waiting);
    this.#stir();
    if (this.#queue.frames > this.#policy.mostWaiting) {
      this.#drop(this.#queue.frames - this.#policy.mostWaiting, DropReason.DROP_REASON_NEWER_FRAME);
      this.#tellSlow(frame.tick);
    }
  }

  /** Says once of each kind that planes of it come and are of no use. */
  #tellPlanes({ frame: { tick }, undeclared, albedoEmpty: isEmpty }: FrameReading): void {
    const untold = undeclared.filter((kind) => !this.#toldUndeclared.has(kind));
    for (const kind of untold) this.#toldUndeclared.add(kind);
    if (untold.length > 0) this.#notice(planesUndeclared(untold, tick));
    if (!isEmpty || this.#told.albedoEmpty) return;
    this.#told.albedoEmpty = true;
    this.#notice(albedoEmpty(tick));
  }

  /** Says once why frames are being dropped: by the model, and by the client. */
  #tellSlow(tick: number): void {
    const cause = this.#waitsForClient ? "unread" : "slow";
    if (this.#told[cause]) return;
    this.#told[cause] = true;
    this.#notice(cause === "unread" ? answersUnread(tick) : modelIsSlow(tick));
  }

  async #firstFrame(first: FirstFrame): Promise<void> {
    const { tick } = first;
    const pictureSize = await checkFirstFrame(first);
    const shown = recall(this.#history, tick);
    if (shown) this.#look({ first, pictureSize }, shown);
    else if (tick > this.#lastTick) {
      for (const unused of pend(this.#pendingLooks, { first, pictureSize })) this.#notice(lookUnused(unused));
    } else {
      throw new BadRequestError(
        "first_frame.tick",
        `is ${tick}; it must be a tick that is still held or the next to come (${keptTicks(this.#history)})`,
      );
    }
  }

  #look({ first, pictureSize }: SentLook, frame: EngineFrame): void {
    const newLook = first.newLook || !this.#lookSent || this.#host.takes.lookImages === 1;
    const look = { kind: "look", first, pictureSize, frame, newLook } as const;
    // Frames that wait for their first look come after it; those before a cut that forgets the look have another.
    if (!this.#lookSent) insertFirstLook(this.#queue, look);
    else for (const unused of pushMark(this.#queue, look)) this.#notice(lookUnused(unused.frame.tick));
    this.#lookSent = true;
    this.#stir();
  }

  #push(mark: Mark): void {
    pushMark(this.#queue, mark);
    this.#stir();
  }

  #stir(): void {
    this.#stirred = true;
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
        await this.#clientReads();
      }
    }
  }

  async #setLook({ first, pictureSize, frame, newLook }: WaitingLook): Promise<void> {
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
    for (const { kind, message } of notices) this.#notice({ kind, message, tick });
    await this.#renderer.setFirstFrame(picture, frame, { newLook });
    const most = this.#host.takes.lookImages;
    const { held, gone } = holdImage(this.#images, { tick, newLook }, most);
    this.#images = held;
    if (this.#lookSet) this.#notice(newLook ? lookReplaced(tick) : lookAdded(tick, held.length, most, gone));
    this.#lookSet = true;
  }

  #close(): void {
    this.#ended = true;
    this.#outlet.send(shotClosed(this.totals, (performance.now() - this.#started) / 1000));
  }

  /** Generates the chunk at the head of the queue and answers for each of its frames; gives false where there is none. */
  async #generate(): Promise<boolean> {
    const started = performance.now();
    const { frames, rendered } = this.#startChunk();
    if (frames.length === 0) return false;
    const pictures = await rendered.catch((error) => {
      if (!this.#ended) throw error;
      return [];
    });
    for (const [i, frame] of frames.entries()) {
      if (this.#ended) this.#answerDropped(frame.tick, DropReason.DROP_REASON_CLOSED);
      else await this.#answer(frame, pictures[i], started);
    }
    return true;
  }

  /** Hands the chunk at the head of the queue to the renderer. Its planes are not kept here while it is generated. */
  #startChunk(): { readonly frames: FrameInWork[]; readonly rendered: Promise<RenderedFrame[]> } {
    const chunk = this.#takeChunk();
    const frames = chunk.map(({ frame: { tick }, arrived, decodeMs }) => ({ tick, arrived, decodeMs }));
    if (frames.length === 0) return { frames, rendered: Promise.resolve([]) };
    if (this.#policy.credit !== undefined) {
      grant(this.#credit, frames.length);
      this.#outlet.send({ $case: "credit", value: { frames: frames.length } });
    }
    return { frames, rendered: this.#renderer.render(chunk.map(({ frame }) => frame)) };
  }

  async #answer(frame: FrameInWork, rendered: RenderedFrame, started: number): Promise<void> {
    const { steps } = this.#renderer;
    const making = { request: this.#request, model: this.#host.model, size: this.size, steps };
    const answers = await generatedAnswers(frame, rendered, making, started);
    this.totals.generated++;
    for (const answer of answers) this.#outlet.send(answer);
    if (!this.#ended) await this.#clientReads();
  }

  /** Resolves when the client has taken enough of what was sent. */
  async #clientReads(): Promise<void> {
    this.#waitsForClient = true;
    await this.#outlet.ready().finally(() => {
      this.#waitsForClient = false;
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

  #notice(value: Notice): void {
    this.#outlet.send({ $case: "notice", value });
  }

  /** Says that first frames that wait for their ticks wait in vain. */
  #missPendingLooks(): void {
    for (const tick of clearPending(this.#pendingLooks)) this.#notice(lookMissed(tick, this.#lastTick));
  }

  #ignoredPrompt(): void {
    this.#notice(promptIgnored(this.#host.model, Math.max(0, this.#lastTick)));
  }

  #noLook(): BadRequestError {
    return new BadRequestError(
      "first_frame",
      "never came, so there is no look to generate in; send a FirstFrame before Close",
      Code.FAILED_PRECONDITION,
    );
  }
}
