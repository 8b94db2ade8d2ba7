import type { FrameSize } from "../scene/picture.js";
import type { KernelMemory } from "./kernels.js";
import {
  GROUP_NUMBERS,
  LEAST_PIXELS,
  type LookRoom,
  type PatternRoom,
  PLANE_NUMBERS,
  searchPlanes,
  surfaceRoom,
} from "./look-room.js";
import type { Phase } from "./threads.js";

/** What a search needs of a shot's memory. */
export interface SearchMemory {
  readonly memory: KernelMemory;
  readonly size: FrameSize;
  /** A phase of calls of a kernel, and one over all rows. */
  readonly phase: (kernel: Phase["kernel"], calls: readonly (readonly number[])[]) => Phase;
  readonly rows: (kernel: Phase["kernel"], args: readonly number[]) => Phase;
  readonly run: (phases: readonly Phase[]) => void;
}

/**
 * Finds how the textures of a first frame's flat surfaces repeat: paving, bricks, planks, tiles. A shift brings a texture onto itself
 * where its squared difference with its shifted self has a local minimum far below that of random places (as in He and Sun, 2012,
 * who complete photographs by the statistics of such shifts; here they are found in the surface's own plane, in metres).
 *
 * @param look - where patterns are kept; those it held are forgotten.
 * @param at - address of `SEARCH_BYTES` a pixel that nobody else uses meanwhile.
 * @returns The patterns, by where their surfaces face.
 */
export function findPatterns(
  { memory, size, phase, rows, run }: SearchMemory,
  look: LookRoom,
  at: number,
): PatternRoom[] {
  const { search, source, patterns } = look;
  search.struct.set(searchPlanes(at, size.width * size.height));
  run([
    phase("localsOfOwners", [[source.geometry.struct.byteOffset]]),
    rows("facingsOfRows", [search.struct.byteOffset]),
    phase("groupFacings", [[search.struct.byteOffset]]),
  ]);
  const groups = Array.from({ length: search.groupCount[0] }, (_, group) => group);
  run([
    phase(
      "planesOfFacing",
      groups.map((group) => [search.struct.byteOffset, group]),
    ),
  ]);
  const surfaces = groups
    .flatMap((group) => planesOf(look, group).map((plane) => ({ group, plane, pixels: pixelsOf(look, plane) })))
    .map((surface, i) => ({ ...surface, room: surfaceRoom(memory, size, look, i) }));
  // The largest first, so that no thread waits long for another.
  const calls = [...surfaces].sort((a, b) => b.pixels - a.pixels);
  run([
    phase(
      "patternOfPlane",
      calls.map(({ group, plane, room }) => [
        search.struct.byteOffset,
        look.struct.byteOffset,
        room.struct.byteOffset,
        group,
        plane,
      ]),
    ),
  ]);
  const found = surfaces.filter(({ plane }) => search.planes[plane * PLANE_NUMBERS + 2] > 0).map(({ room }) => room);
  patterns.set(found.map(({ struct }) => struct.byteOffset));
  look.struct.set({ patternCount: found.length });
  return found;
}

/** Numbers of the planes of a facing. */
function planesOf({ search: { groups } }: LookRoom, group: number): number[] {
  const first = Math.floor(groups[group * GROUP_NUMBERS] / LEAST_PIXELS);
  return Array.from({ length: groups[group * GROUP_NUMBERS + 2] }, (_, i) => first + i);
}

function pixelsOf({ search: { planes } }: LookRoom, plane: number): number {
  return planes[plane * PLANE_NUMBERS + 1] - planes[plane * PLANE_NUMBERS];
}
