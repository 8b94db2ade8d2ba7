import type { EngineFrame } from "../scene/engine-frame.js";
import type { FrameSize } from "../scene/picture.js";
import { LINEAR_TO_SRGB, SRGB_TO_LINEAR } from "../scene/srgb.js";
import type { Capsules } from "./capsules.js";
import { MOST_LIGHT_STOPS } from "./controls.js";
import {
  BAND_COUNTS,
  type FrameExtent,
  type FrameRoom,
  MOST_SOURCES,
  makeFrameRoom,
  makeTensors,
  type Tensors,
  TILE,
} from "./frame-room.js";
import { type Kernel, KernelMemory } from "./kernels.js";
import { type LookRoom, makeLookRoom, type PatternRoom } from "./look-room.js";
import { type OwnerSolid, SOLID_NUMBERS } from "./owner-solids.js";
import type { OwnershipSetup } from "./ownership.js";
import { findPatterns } from "./patterns.js";
import { CAPSULE_NUMBERS, LIGHT_NUMBERS, RATIO_STEPS } from "./record-sizes.js";
import { makeSourceRoom, type SourceRoom } from "./source-frame.js";
import { makeStruct, type Struct } from "./structs.js";
import { KernelRunner, type Phase } from "./threads.js";
import { learnLook } from "./transfer.js";
import { makeTransferRoom, roomForSurfaceIds, type TransferRoom } from "./transfer-room.js";

/** Pictures of fewer pixels are not worth the way to other threads. */
const LEAST_SHARED_PIXELS = 128 * 72;
/** Calls of a phase for each thread: so many that none waits long for the slowest. */
const CALLS_A_THREAD = 4;

/** Calls that the features of samples are found in. */
const SAMPLE_CALLS = 8;

/** Light ratios in powers of two, in steps of 1 / RATIO_STEPS: an error of at most 0.001 at the dark end, less above. */
const STOPS = Float32Array.from({ length: 2 ** MOST_LIGHT_STOPS * RATIO_STEPS + 1 }, (_, i) =>
  Math.max(-MOST_LIGHT_STOPS, Math.log2(i / RATIO_STEPS)),
);

/** The memory of one shot's conditioning, and the kernels that work on it: the caller says what, this says where. */
export class ShotMemory {
  readonly #memory = new KernelMemory();
  readonly #runner: KernelRunner;
  readonly #extent: FrameExtent;
  readonly #shot: Struct<"Shot">;
  /** [from, to) rows of each band. */
  readonly #bands: readonly (readonly [number, number])[];
  /** A first frame's picture on its way. */
  #rgb: Uint8Array | undefined;

  /** @param threads How many threads take part at most, the caller's included. */
  constructor(setup: OwnershipSetup, size: FrameSize, threads: number) {
    const { scene, table } = setup;
    const memory = this.#memory;
    const shared = size.width * size.height >= LEAST_SHARED_PIXELS;
    this.#runner = new KernelRunner(memory, shared ? threads : 1);
    this.#bands = bandsOf(size.height, this.#runner.threads);
    const bones = scene.characters.reduce((sum, character) => sum + character.bones.length, 0);
    this.#extent = { ...size, owners: table.owners.length, characters: scene.characters.length, bones };
    this.#shot = makeShot(memory, setup, size);
  }

  makeFrame(): FrameRoom {
    return makeFrameRoom(this.#memory, this.#extent);
  }

  makeTensors(): Tensors {
    return makeTensors(this.#memory, this.#extent.width * this.#extent.height);
  }

  makeSource(first: boolean): SourceRoom {
    const { width, height, owners } = this.#extent;
    return makeSourceRoom(this.#memory, width * height, owners, first);
  }

  makeTransfer(): TransferRoom {
    const { width, height, owners } = this.#extent;
    return makeTransferRoom(this.#memory, width * height, owners);
  }

  /** Copies the engine's planes other than depth, lights in view space and capsules into a frame's room. */
  loadPlanes(
    room: FrameRoom,
    { depth, ownerId, shade, normal, albedo, surfaceId, colour }: EngineFrame,
    lights: Float64Array,
    capsules: readonly (Capsules | undefined)[],
  ): void {
    const memory = this.#memory;
    const pixels = this.#extent.width * this.#extent.height;
    checkPlanes({ depth, ownerId, shade, normal, albedo, surfaceId, colour }, pixels);
    // Without depth nothing is known of where the ids lie.
    const ids = depth && ownerId;
    room.ids = loaded(room.ids, ids, () => memory.u16(pixels));
    room.shade = loaded(room.shade, shade, () => memory.f32(3 * pixels));
    room.normal = loaded(room.normal, normal, () => memory.f32(3 * pixels));
    room.albedo = loaded(room.albedo, albedo, () => memory.u8(3 * pixels));
    room.colour = loaded(room.colour, colour, () => memory.u8(3 * pixels));
    room.surfaceIds = loaded(room.surfaceIds, surfaceId, () => memory.u16(pixels));
    room.lit = shade !== undefined;
    if (!room.lights || room.lights.length < lights.length) room.lights = memory.f64(lights.length);
    room.lights.set(lights);
    let count = 0;
    for (const [character, skeleton] of capsules.entries()) {
      room.firstCapsule[character] = count;
      if (!skeleton) continue;
      room.capsules.set(skeleton.data.subarray(0, skeleton.count * CAPSULE_NUMBERS), count * CAPSULE_NUMBERS);
      room.capsuleBones.set(skeleton.bone.subarray(0, skeleton.count), count);
      count += skeleton.count;
    }
    room.firstCapsule[capsules.length] = count;
    room.struct.set({
      ids: ids && room.ids,
      shade: shade && room.shade,
      normal: normal && room.normal,
      albedo: albedo && room.albedo,
      colour: colour && room.colour,
      surfaceIds: surfaceId && room.surfaceIds,
      lights: room.lights,
      lightCount: lights.length / LIGHT_NUMBERS,
      solidCount: 0,
    });
  }

  /** Lets a frame's pixels be painted by what was learnt of a look; undefined where nothing was. `guesses` is a place in GUESSES. */
  useTransfer(room: FrameRoom, learnt: TransferRoom | undefined, fade: Uint8Array, guesses: number): void {
    if (learnt) {
      room.engine ??= this.#memory.f32(this.#extent.width * this.#extent.height * 4);
      room.transfer ??= this.#memory.f32(this.#extent.width * this.#extent.height * 4);
    }
    room.struct.set({
      engine: learnt && room.engine,
      transfer: learnt && room.transfer,
      learnt: learnt?.struct,
      fade,
      guesses,
    });
  }

  makeFade(): Uint8Array {
    return this.#memory.u8(256);
  }

  /** Finds what the pixels of a frame move with that is not conditioned. */
  ownersOf(room: FrameRoom): void {
    this.#runner.run([
      this.#rows("ownersOfRows", [room], () => [room.struct.byteOffset]),
      this.#rows("surfacesOfRows", [room], () => [room.struct.byteOffset]),
    ]);
  }

  /**
   * Learns a look's transfer from its first image `rgb` [H, W, 3], 8-bit sRGB, and how far an image can be believed where the transfer is not all. It shows the
   * geometry of a frame whose planes were loaded, whose owners were found, and which uses `learnt`. `tensors` belong to nobody else meanwhile.
   *
   * @returns The picture, moved by a few pixels where it lay off the engine's outlines.
   */
  learnLook(
    room: FrameRoom,
    learnt: TransferRoom,
    rgb: Uint8Array,
    { control, trust }: Tensors,
    { newLook, bySurfaceId }: { readonly newLook: boolean; readonly bySurfaceId: boolean },
  ): Uint8Array {
    if (bySurfaceId) roomForSurfaceIds(this.#memory, learnt);
    room.struct.set({ control, trust });
    const rows = (kernel: Kernel) => this.#rows(kernel, [room], () => [room.struct.byteOffset]);
    this.#runner.run([rows("engineRows"), rows("mapsRows")]);
    return learnLook(room, learnt, rgb, this.#extent, newLook, control, {
      sample: (step, count) => {
        const at = [room.struct.byteOffset, learnt.struct.byteOffset, learnt.features.byteOffset, step];
        const part = Math.ceil(count / SAMPLE_CALLS);
        const calls = Array.from({ length: SAMPLE_CALLS }, (_, i) => [
          ...at,
          Math.min(count, i * part),
          Math.min(count, (i + 1) * part),
        ]);
        this.#runner.run([this.#phase("sampleFeatures", calls)]);
      },
      apply: () => this.#runner.run([rows("transferRows")]),
    });
  }

  /** Finds frames in their sources, fills their holes, and writes control tensors, outlines and trust. */
  condition(rooms: readonly FrameRoom[], sources: number): void {
    this.#runner.run([
      this.#phase(
        "localsOfOwners",
        rooms.map(({ geometry }) => [geometry.struct.byteOffset]),
      ),
      this.#phase(
        "screenToScreen",
        rooms.flatMap(({ struct }) => Array.from({ length: sources }, (_, i) => [struct.byteOffset, i])),
      ),
      this.#rows("findRows", rooms, (room, band) => [room.struct.byteOffset, band]),
      this.#phase(
        "fillHoles",
        rooms.map(({ struct }) => [struct.byteOffset]),
      ),
      this.#rows("engineRows", rooms, (room) => [room.struct.byteOffset]),
      this.#rows("mapsRows", rooms, (room) => [room.struct.byteOffset]),
      this.#rows("finishRows", rooms, (room) => [room.struct.byteOffset]),
    ]);
  }

  /** Writes what pixels may belong to in a frame without an owner-id plane; after its planes. */
  loadSolids(room: FrameRoom, solids: readonly OwnerSolid[]): void {
    const memory = this.#memory;
    if (!room.solids || room.solids.length < solids.length) {
      room.solids = memory.i32(solids.length);
      room.solidRooms = Array.from(room.solids, (_, i) => {
        const numbers = memory.f64(SOLID_NUMBERS);
        const unset = { owner: 0, character: -1, left: 0, right: 0, top: 0, bottom: 0 };
        const struct = makeStruct(memory, "Solid", { ...unset, numbers });
        if (room.solids) room.solids[i] = struct.byteOffset;
        return { struct, numbers };
      });
    }
    for (const [i, { owner, character, area, numbers }] of solids.entries()) {
      room.solidRooms?.[i].struct.set({ owner, character, ...area });
      room.solidRooms?.[i].numbers.set(numbers);
    }
    room.struct.set({ solids: room.solids, solidCount: solids.length });
  }

  makeLook(source: SourceRoom): LookRoom {
    return makeLookRoom(this.#memory, this.#extent, source);
  }

  /**
   * Looks for patterns in a first frame that was written from `room`, whose transfer is not part of them where it uses `learnt`. The control tensor belongs to nobody
   * else meanwhile.
   */
  findPatterns(look: LookRoom, room: FrameRoom, { control }: Tensors, learnt: TransferRoom | undefined): PatternRoom[] {
    const { source } = look;
    source.transfer = loaded(source.transfer, learnt && room.transfer, () =>
      this.#memory.f32(this.#extent.width * this.#extent.height * 4),
    );
    source.struct.set({ transfer: learnt && source.transfer });
    const setup = {
      memory: this.#memory,
      size: this.#extent,
      phase: this.#phase.bind(this),
      rows: (kernel: Kernel, args: readonly number[]) => this.#rows(kernel, [room], () => args),
      run: (phases: readonly Phase[]) => this.#runner.run(phases),
    };
    return findPatterns(setup, look, control.byteOffset);
  }

  /** What the bands of a frame that was found have counted: covered pixels, and for each source those that were asked and answered. */
  countsOf({ counts }: FrameRoom): { covered: number; asked: readonly number[]; answered: readonly number[] } {
    let covered = 0;
    const asked = Array<number>(MOST_SOURCES).fill(0);
    const answered = Array<number>(MOST_SOURCES).fill(0);
    for (let band = 0; band < this.#bands.length; band++) {
      const at = band * BAND_COUNTS;
      covered += counts[at];
      for (let i = 0; i < MOST_SOURCES; i++) {
        asked[i] += counts[at + 1 + i];
        answered[i] += counts[at + 1 + MOST_SOURCES + i];
      }
    }
    return { covered, asked, answered };
  }

  /** Remembers a frame's filled warp in a source's room. */
  writeSource(room: FrameRoom, source: SourceRoom): void {
    const at = [room.struct.byteOffset, source.struct.byteOffset];
    this.#runner.run([
      this.#rows("rememberRows", [room], () => at),
      this.#rows("quadsOfRows", [room], () => [source.struct.byteOffset]),
    ]);
  }

  /**
   * Remembers a first frame [H, W, 3], 8-bit sRGB, that shows the geometry of a frame whose owners were found, in a source's room; with `learnt` what the transfer of the
   * frame does not paint.
   */
  writeFirstFrame(room: FrameRoom, source: SourceRoom, rgb: Uint8Array, learnt: TransferRoom | undefined): void {
    this.#rgb ??= this.#memory.u8(this.#extent.width * this.#extent.height * 3);
    this.#rgb.set(rgb);
    const belief = learnt?.belief.byteOffset ?? 0;
    const at = [room.struct.byteOffset, source.struct.byteOffset, this.#rgb.byteOffset, belief];
    this.#runner.run([
      this.#rows("firstFrameRows", [room], () => at),
      this.#rows("quadsOfRows", [room], () => [source.struct.byteOffset]),
      this.#rows("curvesOfRows", [room], () => [source.struct.byteOffset]),
    ]);
  }

  /** Lets other threads forget the memory. */
  close(): void {
    this.#runner.close();
  }

  /** A kernel over all rows of frames. */
  #rows(
    kernel: Kernel,
    rooms: readonly FrameRoom[],
    args: (room: FrameRoom, band: number) => readonly number[],
  ): Phase {
    return this.#phase(
      kernel,
      rooms.flatMap((room) => this.#bands.map((rows, band) => [...args(room, band), ...rows])),
    );
  }

  #phase(kernel: Kernel, calls: readonly (readonly number[])[]): Phase {
    return { kernel, calls: calls.map((call) => [this.#shot.byteOffset, ...call]) };
  }
}

/** A room's array with a plane in it, made when one first comes; as it was where none came. */
function loaded<Plane extends Uint8Array | Uint16Array | Float32Array>(
  array: Plane | undefined,
  plane: Plane | undefined,
  make: () => Plane,
): Plane | undefined {
  if (!plane) return array;
  const room = array ?? make();
  room.set(plane);
  return room;
}

/** Kernels read planes without asking how long they are. Throws RangeError that names a plane of another size than the shot's. */
function checkPlanes(
  planes: Pick<EngineFrame, "depth" | "ownerId" | "shade" | "normal" | "albedo" | "surfaceId" | "colour">,
  pixels: number,
): void {
  const colours = { shade: 3 * pixels, normal: 3 * pixels, albedo: 3 * pixels, colour: 3 * pixels };
  const expected = { depth: pixels, ownerId: pixels, surfaceId: pixels, ...colours };
  for (const [name, length] of Object.entries(expected)) {
    const plane = planes[name as keyof typeof expected];
    if (plane && plane.length !== length)
      throw new RangeError(
        `the ${name} plane has ${plane.length} values, in a shot of ${pixels} pixels; expected ${length}`,
      );
  }
}

/** What all frames of a shot share, for the kernels. */
export function makeShot(memory: KernelMemory, { table, ownerOfId }: OwnershipSetup, size: FrameSize): Struct<"Shot"> {
  const copy = (values: Int32Array | Float32Array | Float64Array) => {
    const { length } = values;
    const room =
      values instanceof Int32Array
        ? memory.i32(length)
        : values instanceof Float32Array
          ? memory.f32(length)
          : memory.f64(length);
    room.set(values);
    return room;
  };
  return makeStruct(memory, "Shot", {
    ...size,
    owners: table.owners.length,
    parent: copy(table.parent),
    group: copy(table.group),
    ownerOfId: copy(ownerOfId),
    firstBone: copy(table.firstBoneOwner),
    linear: copy(SRGB_TO_LINEAR),
    encoded: copy(LINEAR_TO_SRGB),
    shares: copy(Float64Array.from({ length: 256 }, (_, i) => i / 255)),
    stops: copy(STOPS),
  });
}

/** Splits a picture into bands of whole rows of tiles, enough for so many threads. */
function bandsOf(height: number, threads: number): readonly (readonly [number, number])[] {
  const wanted = threads === 1 ? 1 : threads * CALLS_A_THREAD;
  const rows = TILE * Math.ceil(height / TILE / wanted);
  return Array.from({ length: Math.ceil(height / rows) }, (_, i) => [i * rows, Math.min(height, (i + 1) * rows)]);
}
