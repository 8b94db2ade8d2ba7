import { mat4, vec4 } from "gl-matrix";
import { corners, type GridPlaces, gridPlaces, smoothTable } from "./grid-fit.js";
import type { TransferRoom } from "./transfer-room.js";
import {
  AROUND,
  COLOUR_NODES,
  ENGINE,
  FACING,
  FEATURES,
  PLACE,
  RING,
  SPACE_NODES,
  STATIC,
  SURFACE,
  USES_AROUND,
  USES_ENGINE,
  USES_FACING,
  USES_PLACE,
  USES_RINGS,
  USES_SURFACES,
} from "./transfer-sizes.js";

/** Pixels of a first frame to learn from. */
export interface TransferSamples {
  /** [count, FEATURES] */
  readonly features: Float32Array;
  /** [count, 3] square roots of the look's colour without light, linear. */
  readonly target: Float32Array;
  /** [count] how much each counts. */
  readonly weight: Float32Array;
  /** [count] 0 or 1: what is learnt from one half must predict the other. */
  readonly half: Uint8Array;
}

/** Tables to write. */
export type TransferTables = Pick<
  TransferRoom,
  "base" | "engine" | "around" | "facing" | "place" | "rings" | "surfaces"
>;

/** A stage is kept where it explains at least this share of what was left, in halves that it was not learnt from. */
const LEAST_GAIN = 0.005;
/**
 * The same of a stage whose feature is of the view and not of the surface (outlines), or uncertain beside them (normals from depth): what it takes from the
 * residual there does not come back elsewhere.
 */
const LEAST_GAIN_OF_VIEW = 0.08;
const OF_VIEW = USES_FACING | USES_RINGS;
/** A ring or a surface that so few samples show is believed by half. */
const FEW = 30;
/** The global mapping is held to the engine's own colour as if by so many samples of it. */
const OWN_HUE = 20;

/** What one stage has learnt from some samples, and how it predicts them. */
interface Stage {
  readonly uses: number;
  /** Sums over the samples of each half, to be added for the whole. */
  sumsOf(rest: Float32Array, half: 0 | 1): Float64Array;
  tableOf(sums: Float64Array): Float32Array;
  /** Adds `share` of what a table says of the samples to `out` [count, 3]; of one half, or of all. */
  predict(table: Float32Array, out: Float32Array, share: number, half?: 0 | 1): void;
  /** Adds `share` of a table to the transfer's. */
  keep(table: Float32Array, share: number): void;
}

/**
 * Learns a look's transfer: an additive model of the square root of its colour without light, fitted stage by stage to what the stages before left. How
 * much of a stage is kept is what two halves of the picture, in blocks, say of each other (cross-validation), so that where the engine's
 * colour predicts nothing of the look, as in a grey-box scene, its tables stay empty and what else predicts is used.
 *
 * @returns Which tables are used, as bits.
 */
export function fitTransfer(samples: TransferSamples, tables: TransferTables): number {
  const { target, weight } = samples;
  const { base, engine: byEngine, around: byAround, facing: byFacing, place: byPlace } = tables;
  for (const table of [base, byEngine, byAround, byFacing, byPlace, tables.rings, tables.surfaces]) table.fill(0);
  writeMean(samples, tables.base);
  const rest = target.map((value, i) => value - tables.base[i % 3]);
  const engine = gridStage(samples, ENGINE, COLOUR_NODES, tables.engine, USES_ENGINE);
  const around = gridStage(samples, AROUND, COLOUR_NODES, tables.around, USES_AROUND);
  const facing = gridStage(samples, FACING, SPACE_NODES, tables.facing, USES_FACING, STATIC);
  const place = gridStage(samples, PLACE, SPACE_NODES, tables.place, USES_PLACE, STATIC);
  const rings = keyStage(samples, RING, tables.rings, USES_RINGS);
  const surfaces = keyStage(samples, SURFACE, tables.surfaces, USES_SURFACES);
  const stages = [
    affineStage(samples, tables.engine),
    rings,
    facing,
    surfaces,
    engine,
    around,
    place,
    facing,
    engine,
    around,
  ];
  let used = 0;
  for (const stage of stages) {
    const sums = [stage.sumsOf(rest, 0), stage.sumsOf(rest, 1)] as const;
    const guess = new Float32Array(rest.length);
    stage.predict(stage.tableOf(sums[1]), guess, 1, 0);
    stage.predict(stage.tableOf(sums[0]), guess, 1, 1);
    const leastGain = (stage.uses & OF_VIEW) === 0 ? LEAST_GAIN : LEAST_GAIN_OF_VIEW;
    const share = shareOf(guess, rest, weight, leastGain);
    if (share === 0) continue;
    const table = stage.tableOf(sums[0].map((sum, i) => sum + sums[1][i]));
    stage.predict(table, rest, -share);
    stage.keep(table, share);
    used |= stage.uses;
  }
  return used;
}

function writeMean({ target, weight }: TransferSamples, base: Float32Array): void {
  let count = 0;
  const sum = [0, 0, 0];
  for (let i = 0; i < weight.length; i++) {
    count += weight[i];
    for (let c = 0; c < 3; c++) sum[c] += weight[i] * target[3 * i + c];
  }
  if (count > 0) base.set(sum.map((value) => value / count));
}

/** The share of a guess that explains most of the rest, 0..1; 0 where it explains too little. */
function shareOf(guess: Float32Array, rest: Float32Array, weight: Float32Array, leastGain: number): number {
  let both = 0;
  let guessed = 0;
  let before = 0;
  for (let i = 0; i < weight.length; i++) {
    for (let k = 3 * i; k < 3 * i + 3; k++) {
      both += weight[i] * guess[k] * rest[k];
      guessed += weight[i] * guess[k] * guess[k];
      before += weight[i] * rest[k] * rest[k];
    }
  }
  if (!(guessed > 0)) return 0;
  const share = Math.max(0, Math.min(1, both / guessed));
  const gain = 2 * share * both - share * share * guessed;
  return gain >= leastGain * before ? share : 0;
}

/** Tables by three numbers in 0..1; samples count where `counts`, if there is such a feature, is 1. */
function gridStage(
  { features, weight, half }: TransferSamples,
  offset: number,
  nodes: number,
  to: Float32Array,
  uses: number,
  counts?: number,
): Stage {
  let known: GridPlaces | undefined;
  const placesOf = () => {
    known ??= gridPlaces(features, FEATURES, offset, nodes);
    return known;
  };
  const around = corners(nodes);
  const isCounted = (i: number) => counts === undefined || features[i * FEATURES + counts] !== 0;
  return {
    uses,
    sumsOf(rest, which) {
      const { cell, weight: shares } = placesOf();
      const sums = new Float64Array(nodes ** 3 * 4);
      for (let i = 0; i < cell.length; i++) {
        if (half[i] !== which || !isCounted(i)) continue;
        for (let corner = 0; corner < 8; corner++) {
          const share = shares[8 * i + corner] * weight[i];
          const m = 4 * (cell[i] + around[corner]);
          sums[m] += share * rest[3 * i];
          sums[m + 1] += share * rest[3 * i + 1];
          sums[m + 2] += share * rest[3 * i + 2];
          sums[m + 3] += share;
        }
      }
      return sums;
    },
    tableOf: (sums) => smoothTable(sums, nodes),
    predict(table, out, share, which) {
      const { cell, weight: shares } = placesOf();
      for (let i = 0; i < cell.length; i++) {
        if ((which !== undefined && half[i] !== which) || !isCounted(i)) continue;
        for (let corner = 0; corner < 8; corner++) {
          const part = shares[8 * i + corner] * share;
          const m = 4 * (cell[i] + around[corner]);
          out[3 * i] += part * table[m];
          out[3 * i + 1] += part * table[m + 1];
          out[3 * i + 2] += part * table[m + 2];
        }
      }
    },
    keep: (table, share) => addTo(to, table, share),
  };
}

/** A table by a whole number: the mean of its samples, less where they are few. */
function keyStage({ features, weight, half }: TransferSamples, offset: number, to: Float32Array, uses: number): Stage {
  // Of 65,536 surface ids a picture shows some dozens.
  const keys: number[] = [];
  const places = new Map<number, number>();
  const place = Int32Array.from(weight, (_, i) => {
    const key = features[i * FEATURES + offset];
    let at = places.get(key);
    if (at === undefined) {
      at = keys.push(key) - 1;
      places.set(key, at);
    }
    return 4 * at;
  });
  return {
    uses,
    sumsOf(rest, which) {
      const sums = new Float64Array(4 * keys.length);
      for (let i = 0; i < weight.length; i++) {
        if (half[i] !== which) continue;
        const m = place[i];
        for (let c = 0; c < 3; c++) sums[m + c] += weight[i] * rest[3 * i + c];
        sums[m + 3] += weight[i];
      }
      return sums;
    },
    tableOf: (sums) => Float32Array.from(sums, (sum, m) => (m % 4 === 3 ? 0 : sum / (sums[m | 3] + FEW))),
    predict(table, out, share, which) {
      for (let i = 0; i < weight.length; i++) {
        if (which !== undefined && half[i] !== which) continue;
        const m = place[i];
        for (let c = 0; c < 3; c++) out[3 * i + c] += share * table[m + c];
      }
    },
    keep(table, share) {
      for (const [at, key] of keys.entries()) for (let c = 0; c < 3; c++) to[4 * key + c] += share * table[4 * at + c];
    },
  };
}

/** Numbers of a symmetric system for four unknowns with three right sides. */
const SYSTEM = 16 + 12;

/** A global mapping: a matrix and an offset on the engine's colour. The table over colours holds it exactly. */
function affineStage({ features, weight, half }: TransferSamples, to: Float32Array): Stage {
  return {
    uses: USES_ENGINE,
    sumsOf(rest, which) {
      const sums = new Float64Array(SYSTEM);
      for (let i = 0; i < weight.length; i++) {
        if (half[i] !== which) continue;
        const o = i * FEATURES + ENGINE;
        for (let a = 0; a < 4; a++) {
          const x = weight[i] * (a < 3 ? features[o + a] - 0.5 : 1);
          for (let b = 0; b < 4; b++) sums[4 * a + b] += x * (b < 3 ? features[o + b] - 0.5 : 1);
          for (let c = 0; c < 3; c++) sums[16 + 4 * c + a] += x * rest[3 * i + c];
        }
      }
      return sums;
    },
    tableOf(sums) {
      const held = sums.slice();
      for (let c = 0; c < 3; c++) {
        held[5 * c] += OWN_HUE;
        held[16 + 5 * c] += OWN_HUE;
      }
      // Where nothing is known it is not singular either.
      held[15] += 1e-6;
      const inverse = mat4.invert(new Float64Array(16), held.subarray(0, 16)) as Float64Array;
      const table = new Float32Array(12);
      for (let c = 0; c < 3; c++)
        vec4.transformMat4(table.subarray(4 * c, 4 * c + 4), held.subarray(16 + 4 * c, 20 + 4 * c), inverse);
      return table;
    },
    predict(table, out, share, which) {
      for (let i = 0; i < weight.length; i++) {
        if (which !== undefined && half[i] !== which) continue;
        const o = i * FEATURES + ENGINE;
        for (let c = 0; c < 3; c++)
          out[3 * i + c] += share * mapped(table, c, features[o], features[o + 1], features[o + 2]);
      }
    },
    keep(table, share) {
      const last = COLOUR_NODES - 1;
      for (let m = 0, node = 0; m < to.length; m += 4, node++) {
        const r = (node % COLOUR_NODES) / last;
        const g = (Math.floor(node / COLOUR_NODES) % COLOUR_NODES) / last;
        const b = Math.floor(node / COLOUR_NODES ** 2) / last;
        for (let c = 0; c < 3; c++) to[m + c] += share * mapped(table, c, r, g, b);
      }
    },
  };
}

function mapped(table: Float32Array, c: number, r: number, g: number, b: number): number {
  const o = 4 * c;
  return table[o] * (r - 0.5) + table[o + 1] * (g - 0.5) + table[o + 2] * (b - 0.5) + table[o + 3];
}

function addTo(to: Float32Array, table: Float32Array, share: number): void {
  for (let i = 0; i < table.length; i++) to[i] += share * table[i];
}
