import { GRID, LEAST_OVERLAP, MOST_SHIFTS, type Patch } from "./patch.js";
import { type Part, unlikeAt, unlikeness, type Variogram } from "./variogram.js";

/** How unlike a shifted patch may be and still be its continuation: 1 is as unlike as two random places. */
const MOST_UNLIKE = 0.5;
/** And so much in each half of the patch: chance finds a shift for a whole patch, but hardly one that holds in every half. */
const MOST_UNLIKE_HALF = 0.4;
/** A shift by the whole grid counts as so much more unlike: near places share light and wear. */
const NEARNESS = 0.3;

/** A shift that brings a patch onto itself. */
export interface Repeat {
  /** Metres along the tangents. */
  readonly shift: readonly [number, number];
  /** How unlike the patch and its shifted self are, 0..1, in the worst half of the patch. */
  readonly unlike: number;
}

/**
 * The shifts under which a patch looks like itself, the best first; each with its opposite.
 *
 * @param coarse - the variogram of the patch at half its resolution.
 */
export function repeatsOf(patch: Patch, coarse: Variogram): Repeat[] {
  const found: Repeat[] = [];
  for (let dv = 0; dv <= coarse.reachV; dv++) {
    for (let du = -coarse.reachU; du <= coarse.reachU; du++) {
      const value = unlikeAt(coarse, du, dv);
      if (!(value < MOST_UNLIKE) || Math.abs(du) + dv < 2 || (dv === 0 && du < 0)) continue;
      if (!isLowest(value, (i, j) => unlikeAt(coarse, du + i, dv + j))) continue;
      const fine = refined(patch, 2 * du, 2 * dv);
      if (fine.unlike < MOST_UNLIKE_HALF) found.push(fine);
    }
  }
  const cost = ({ shift: [u, v], unlike }: Repeat) => unlike + (NEARNESS * Math.hypot(u, v)) / (GRID * patch.texel);
  found.sort((a, b) => cost(a) - cost(b));
  return found.slice(0, MOST_SHIFTS / 2).flatMap(({ shift: [u, v], unlike }): Repeat[] => [
    { shift: [u, v], unlike },
    { shift: [-u, -v], unlike },
  ]);
}

function isLowest(value: number, at: (i: number, j: number) => number): boolean {
  for (let j = -1; j <= 1; j++)
    for (let i = -1; i <= 1; i++) if ((i !== 0 || j !== 0) && at(i, j) < value) return false;
  return true;
}

/** The best shift within two texels of one that was found at half the resolution, to a fraction of a texel by the parabolas through it. */
function refined(patch: Patch, du: number, dv: number): Repeat {
  let best = { du, dv, value: unlikeness(patch, du, dv) };
  for (let j = -2; j <= 2; j++) {
    for (let i = -2; i <= 2; i++) {
      const value = unlikeness(patch, du + i, dv + j);
      if (value < best.value) best = { du: du + i, dv: dv + j, value };
    }
  }
  const bend = (before: number, after: number): number => {
    const curve = before + after - 2 * best.value;
    return curve > 0 && Number.isFinite(curve) ? Math.max(-0.5, Math.min(0.5, (before - after) / (2 * curve))) : 0;
  };
  const u = bend(unlikeness(patch, best.du - 1, best.dv), unlikeness(patch, best.du + 1, best.dv));
  const v = bend(unlikeness(patch, best.du, best.dv - 1), unlikeness(patch, best.du, best.dv + 1));
  return {
    shift: [(best.du + u) * patch.texel, (best.dv + v) * patch.texel],
    unlike: worstHalf(patch, best.du, best.dv),
  };
}

const HALVES: readonly Part[] = [
  { columns: [0, 0.5], rows: [0, 1] },
  { columns: [0.5, 1], rows: [0, 1] },
  { columns: [0, 1], rows: [0, 0.5] },
  { columns: [0, 1], rows: [0.5, 1] },
];

/** The unlikeness of the worst half: left, right, upper or lower. */
function worstHalf(patch: Patch, du: number, dv: number): number {
  const values = HALVES.map((half) => unlikeness(patch, du, dv, half, LEAST_OVERLAP / 4));
  // A half that hardly overlaps says nothing.
  return Math.max(0, ...values.filter(Number.isFinite));
}
