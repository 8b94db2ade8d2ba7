import { askSource, clearLayer, type Layer, makeLayer } from "./correspondence.js";
import type { FrameGeometry } from "./geometry.js";
import { fillHoles, type HoleFill, makeHoleFill } from "./hole-fill.js";
import type { OwnerTable } from "./owners.js";
import { fillFromPatterns } from "./pattern-fill.js";
import { findPatterns, type Patterns } from "./patterns.js";
import type { SourceFrame } from "./source-frame.js";
import { makeTiles, measureTiles, type Tiles } from "./tiles.js";

/** Keyframes that a shot remembers at most. At 256x144 one takes about 1 MB. */
const MOST_KEYFRAMES = 6;
/** A frame is kept when this share of it was new to the first frame and all keyframes. */
const NOVELTY = 0.05;
/** Answers below this trust are improved upon when another source can. */
const ENOUGH_TRUST = 128;
const GOOD_TRUST = 200;
/** How fast the usefulness of a keyframe is forgotten, per frame. */
const USE_DECAY = 0.98;

/** Doubt in a guess of which nothing is known. */
const UNKNOWN = 255;
/** Doubt that a hole's colour gains with each pixel on the way from the pixel that fills it. */
const DOUBT_A_PIXEL = 8;

/** What the world cache knows about each pixel of one frame: places in `sources`, no colours. */
export interface Correspondence {
  readonly sources: readonly SourceFrame[];
  /** The first frame's answers: sharp, and free of the errors of generation. */
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

/** The arrays of a correspondence, which later frames may use again. */
export type CorrespondenceArrays = Pick<Correspondence, "anchor" | "memory" | "fill" | "covered" | "doubt">;

/** Room for one frame's correspondence. */
export function makeCorrespondenceArrays(pixels: number): CorrespondenceArrays {
  return {
    anchor: makeLayer(pixels),
    memory: makeLayer(pixels),
    fill: makeHoleFill(pixels),
    covered: new Uint8Array(pixels),
    doubt: new Uint8Array(pixels),
  };
}

interface Keyframe {
  readonly frame: SourceFrame;
  /** Decaying count of the pixels for which it was asked and answered. */
  use: number;
}

/**
 * The memory of one shot: the first frame, which is never forgotten, the newest generated frame, and keyframes kept
 * for the coverage that they add. Bounded; the keyframe that answers least goes first.
 */
export class WorldCache {
  readonly #table: OwnerTable;
  readonly #fill: "pattern" | "nearest";
  #anchor: SourceFrame | undefined;
  #patterns: Patterns | undefined;
  #newest: SourceFrame | undefined;
  #keyframes: Keyframe[] = [];
  /** Pixels that a source is asked about. */
  #list = new Uint32Array(0);
  #tiles: Tiles | undefined;

  /** @param fill What holes are guessed from; "nearest" is the plainer, as a baseline to compare with. */
  constructor(table: OwnerTable, fill: "pattern" | "nearest" = "pattern") {
    this.#table = table;
    this.#fill = fill;
  }

  /** Sets or replaces the first frame. What was generated in the old look is forgotten. */
  setFirstFrame(frame: SourceFrame): void {
    this.#anchor = frame;
    this.#patterns = this.#fill === "pattern" ? findPatterns(frame) : undefined;
    this.#newest = undefined;
    this.#keyframes = [];
  }

  get hasFirstFrame(): boolean {
    return this.#anchor !== undefined;
  }

  /** Bytes held in remembered frames. */
  get bytes(): number {
    const frames = new Set([this.#anchor, this.#newest, ...this.#keyframes.map((k) => k.frame)]);
    let total = 0;
    for (const frame of frames) {
      if (!frame) continue;
      const { paint, tolerance, mixed, doubt, quads, geometry } = frame;
      const arrays = [
        paint,
        tolerance,
        mixed,
        doubt,
        quads.owner,
        quads.near,
        quads.far,
        geometry.depth,
        geometry.owner,
      ];
      for (const array of arrays) total += array.byteLength;
    }
    return total;
  }

  /** A jump of the camera. The last view is kept as a keyframe: the world behind the cut is the same, unless `newPlace`. */
  cut(options: { readonly forgetLook: boolean; readonly newPlace: boolean }): void {
    if (options.newPlace) this.#keyframes = [];
    else if (this.#newest) this.#keep(this.#newest);
    this.#newest = undefined;
    if (options.forgetLook) {
      this.#anchor = undefined;
      this.#patterns = undefined;
      this.#keyframes = [];
    }
  }

  /** Finds every pixel of a frame in what is remembered; the answer is written into `arrays`. */
  correspond(target: FrameGeometry, arrays: CorrespondenceArrays): Correspondence {
    const table = this.#table;
    const pixels = target.width * target.height;
    const { anchor, memory, fill, covered, doubt } = arrays;
    clearLayer(anchor);
    clearLayer(memory);
    const first = anchor.trust;
    const later = memory.trust;
    const sources: SourceFrame[] = [];
    this.#tiles ??= makeTiles(target);
    const tiles = this.#tiles;
    measureTiles(target, tiles);
    if (this.#list.length !== pixels) this.#list = new Uint32Array(pixels);
    const list = this.#list;
    const ask = (source: SourceFrame, wanted: Uint32Array | undefined, layer: Layer): number =>
      askSource(table, target, tiles, source, sources.push(source) - 1, wanted, layer);

    if (this.#anchor) ask(this.#anchor, undefined, anchor);
    let open = 0;
    for (let p = 0; p < pixels; p++) if (first[p] < ENOUGH_TRUST) list[open++] = p;
    // Older keyframes first: what they show was warped fewer times.
    for (const keyframe of this.#keyframes) {
      if (open === 0) break;
      const answers = ask(keyframe.frame, list.subarray(0, open), memory);
      keyframe.use = keyframe.use * USE_DECAY + answers;
      if (answers === 0) continue;
      const asked = open;
      open = 0;
      for (let i = 0; i < asked; i++) if (later[list[i]] < GOOD_TRUST) list[open++] = list[i];
    }
    if (this.#newest) {
      open = 0;
      // Where the first frame answers well, the newest frame holds a warp of that same answer and has no news.
      for (let p = 0; p < pixels; p++) if (first[p] < GOOD_TRUST && later[p] < GOOD_TRUST) list[open++] = p;
      ask(this.#newest, list.subarray(0, open), memory);
    }

    covered.fill(0);
    doubt.fill(UNKNOWN);
    const certain = new Uint8Array(pixels);
    const seen = new Uint8Array(pixels);
    let count = 0;
    for (let p = 0; p < pixels; p++) {
      if (first[p] < ENOUGH_TRUST && later[p] > first[p]) {
        first[p] = 0;
        anchor.source[p] = -1;
      }
      if (first[p] > 0 || later[p] > 0) {
        covered[p] = 1;
        count++;
      }
      if (first[p] > 0) doubt[p] = 0;
      else if (later[p] > 0) {
        const there = (memory.y[p] >> 8) * target.width + (memory.x[p] >> 8);
        doubt[p] = sources[memory.source[p]].doubt[there];
      }
      if (first[p] >= ENOUGH_TRUST) seen[p] = 1;
      if (seen[p] === 1 || later[p] >= ENOUGH_TRUST) certain[p] = 1;
    }
    fillHoles(table, target, covered, certain, fill);
    for (let p = 0; p < pixels; p++) {
      if (covered[p] === 0) doubt[p] = Math.min(UNKNOWN, doubt[fill.from[p]] + DOUBT_A_PIXEL * fill.distance[p]);
    }
    if (this.#patterns) fillFromPatterns(this.#patterns, target, covered, seen, fill.from, doubt);
    return { ...arrays, sources, coverage: count / pixels };
  }

  /** Remembers a generated frame as the newest one; as a keyframe too if it shows enough that no other does. */
  remember(frame: SourceFrame, seen: Correspondence): void {
    const newest = seen.sources.indexOf(this.#newest as SourceFrame);
    let fresh = 0;
    for (let p = 0; p < seen.covered.length; p++) {
      if (seen.anchor.trust[p] === 0 && (seen.covered[p] === 0 || seen.memory.source[p] === newest)) fresh++;
    }
    this.#newest = frame;
    if (fresh > NOVELTY * seen.covered.length) this.#keep(frame);
  }

  #keep(frame: SourceFrame): void {
    if (this.#keyframes.some((keyframe) => keyframe.frame === frame)) return;
    if (this.#keyframes.length === MOST_KEYFRAMES) {
      const least = this.#keyframes.reduce((a, b) => (b.use < a.use ? b : a));
      this.#keyframes = this.#keyframes.filter((keyframe) => keyframe !== least);
    }
    // A newcomer starts with the credit of a whole frame, or it would be the next to go.
    this.#keyframes.push({ frame, use: frame.mixed.length });
  }
}
