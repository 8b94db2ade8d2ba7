import { type HoleFill, MOST_KEYFRAMES, MOST_LOOKS } from "./frame-room.js";
import type { Layer } from "./layer.js";
import type { SourceFrame, SourceRoom } from "./source-frame.js";

/** A frame is kept when this share of it was new to the first frame and all keyframes. */
const NOVELTY = 0.05;
/** How fast the usefulness of a keyframe is forgotten, per frame. */
const USE_DECAY = 0.98;

/** What the world cache knows about each pixel of one frame: places in `sources`, no colours. */
export interface Correspondence {
  /** The look's images, the first frame foremost, keyframes from old to new and the newest frame, each where there is one. */
  readonly sources: readonly SourceFrame[];
  /** The look images' answers: sharp, and free of the errors of generation. */
  readonly anchor: Layer;
  /** Answers of generated frames where the first frame has none, or none of good trust. */
  readonly memory: Layer;
  readonly fill: HoleFill;
  /** [H, W] 1 where a source answers. */
  readonly covered: Uint8Array;
  /** [H, W] how unlike the truth a guess may be, made now or before: 0 where the first frame answers, 255 as random places of the surface. */
  readonly doubt: Uint8Array;
  /** Share of pixels that are covered. */
  readonly coverage: number;
}

interface Keyframe {
  readonly frame: SourceFrame;
  /** Decaying count of the pixels for which it was asked and answered. */
  use: number;
}

/**
 * The memory of one shot: the images of its look, of which the first is never forgotten, the newest generated frame, and keyframes kept
 * for the coverage that they add. Bounded; the keyframe that answers least goes first.
 */
export class WorldCache {
  /** The first frame, and further images of the same look from old to new. */
  #looks: SourceFrame[] = [];
  readonly #freeLooks: SourceRoom[] = [];
  #newest: SourceFrame | undefined;
  #keyframes: Keyframe[] = [];
  readonly #free: SourceRoom[] = [];

  /** Sets or replaces the first frame. What was generated in the old look is forgotten. */
  setFirstFrame(frame: SourceFrame): void {
    this.#forgetLooks();
    this.#looks = [frame];
    this.#forget();
  }

  /** Adds an image of the same look; beyond MOST_LOOKS the oldest but the first gives way. */
  addLook(frame: SourceFrame): void {
    if (this.#looks.length === MOST_LOOKS) this.#freeLooks.push(...this.#looks.splice(1, 1).map(({ room }) => room));
    this.#looks.push(frame);
  }

  /** How many images of the look are remembered. */
  get looks(): number {
    return this.#looks.length;
  }

  /** Room for one more image of the look, or undefined where none was given back. */
  takeFreeLook(): SourceRoom | undefined {
    return this.#freeLooks.pop();
  }

  get newest(): SourceFrame | undefined {
    return this.#newest;
  }

  /** What frames are looked for in, in the order of asking: older keyframes first, since what they show was warped fewer times. */
  get sources(): readonly SourceFrame[] {
    const all = [...this.#looks, ...this.#keyframes.map(({ frame }) => frame), this.#newest];
    return all.filter((frame) => frame !== undefined);
  }

  /** Bytes held in remembered frames. */
  get bytes(): number {
    let total = 0;
    for (const { room } of new Set(this.sources)) total += room.bytes;
    return total;
  }

  /** Room for a source that may be written: of one that is forgotten, or undefined where there is none. */
  takeFree(): SourceRoom | undefined {
    return this.#free.pop();
  }

  /** A jump of the camera. The last view is kept as a keyframe: the world behind the cut is the same, unless `newPlace`. */
  cut(options: { readonly forgetLook: boolean; readonly newPlace: boolean }): void {
    if (options.newPlace || options.forgetLook) this.#forget();
    else if (this.#newest) {
      this.#keep(this.#newest);
      this.#newest = undefined;
    }
    if (options.forgetLook) this.#forgetLooks();
  }

  /**
   * Notes how many pixels each source was asked about in a frame, and how many it answered, both in the order of `sources`: a keyframe's use decays
   * with each frame that asks it.
   */
  noteUse(asked: readonly number[], answered: readonly number[]): void {
    const before = this.#looks.length;
    for (const [i, keyframe] of this.#keyframes.entries()) {
      if (asked[before + i] === 0) return;
      keyframe.use = keyframe.use * USE_DECAY + answered[before + i];
    }
  }

  /** Remembers a generated frame as the newest one; as a keyframe too if it shows enough that no other does. */
  remember(frame: SourceFrame, seen: Correspondence): void {
    const newest = this.#newest ? seen.sources.indexOf(this.#newest) : -1;
    let fresh = 0;
    for (let p = 0; p < seen.covered.length; p++) {
      if (seen.anchor.trust[p] === 0 && (seen.covered[p] === 0 || seen.memory.source[p] === newest)) fresh++;
    }
    const before = this.#newest;
    this.#newest = frame;
    if (fresh > NOVELTY * seen.covered.length) this.#keep(frame);
    if (before) this.#release(before);
  }

  #keep(frame: SourceFrame): void {
    if (this.#keyframes.some((keyframe) => keyframe.frame === frame)) return;
    if (this.#keyframes.length === MOST_KEYFRAMES) {
      const least = this.#keyframes.reduce((a, b) => (b.use < a.use ? b : a));
      this.#keyframes = this.#keyframes.filter((keyframe) => keyframe !== least);
      this.#release(least.frame);
    }
    // A newcomer starts with the credit of a whole frame, or it would be the next to go.
    this.#keyframes.push({ frame, use: frame.paint.length / 4 });
  }

  /** Forgets the look. The room of its first image, which patterns are found in, is the caller's. */
  #forgetLooks(): void {
    this.#freeLooks.push(...this.#looks.slice(1).map(({ room }) => room));
    this.#looks = [];
  }

  #forget(): void {
    const all = new Set([this.#newest, ...this.#keyframes.map(({ frame }) => frame)]);
    this.#newest = undefined;
    this.#keyframes = [];
    for (const frame of all) if (frame) this.#release(frame);
  }

  /** Lets the room of a frame be used again, unless the frame is still remembered. */
  #release(frame: SourceFrame): void {
    if (frame === this.#newest || this.#keyframes.some((keyframe) => keyframe.frame === frame)) return;
    this.#free.push(frame.room);
  }
}
