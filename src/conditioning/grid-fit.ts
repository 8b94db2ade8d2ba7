/** Places of samples among the nodes of a table [nodes, nodes, nodes, 4], the first axis fastest. */
export interface GridPlaces {
  readonly nodes: number;
  /** [count] the lowest of the eight nodes around each sample. */
  readonly cell: Int32Array;
  /** [count, 8] how much of each of them a sample takes. */
  readonly weight: Float32Array;
}

/** Where samples lie in a table by three numbers in 0..1 that stand at `offset` in each of their rows. */
export function gridPlaces(features: Float32Array, stride: number, offset: number, nodes: number): GridPlaces {
  const count = features.length / stride;
  const cell = new Int32Array(count);
  const weight = new Float32Array(count * 8);
  const most = nodes - 1;
  for (let i = 0, o = offset; i < count; i++, o += stride) {
    const x = Math.max(0, Math.min(most, features[o] * most));
    const y = Math.max(0, Math.min(most, features[o + 1] * most));
    const z = Math.max(0, Math.min(most, features[o + 2] * most));
    const ix = Math.min(nodes - 2, Math.floor(x));
    const iy = Math.min(nodes - 2, Math.floor(y));
    const iz = Math.min(nodes - 2, Math.floor(z));
    cell[i] = (iz * nodes + iy) * nodes + ix;
    const fx = x - ix;
    const fy = y - iy;
    const fz = z - iz;
    for (let corner = 0; corner < 8; corner++) {
      weight[i * 8 + corner] =
        ((corner & 1) === 0 ? 1 - fx : fx) * ((corner & 2) === 0 ? 1 - fy : fy) * ((corner & 4) === 0 ? 1 - fz : fz);
    }
  }
  return { nodes, cell, weight };
}

/** The nodes around a sample, from the lowest on. */
export function corners(nodes: number): readonly number[] {
  return Array.from(
    { length: 8 },
    (_, corner) => (corner & 1) + ((corner >> 1) & 1) * nodes + (corner >> 2) * nodes * nodes,
  );
}

/** How much neighbouring nodes of a table pull at each other, and 0 at all of them, in samples. */
const SMOOTH = 0.5;
const SHRINK = 1;
/** Gauss-Seidel sweeps: what samples say weighs so much more than the smoothness that these are enough. */
const SWEEPS = 4;

/**
 * The smoothest table whose interpolation comes near the samples (regularised least squares with a diagonal approximation of the data term): 0 far
 * from all of them.
 *
 * @param sums - [nodes^3, 4] weighted sums of the samples' red, green and blue at each node, and of their weights.
 */
export function smoothTable(sums: Float64Array, nodes: number): Float32Array {
  const table = new Float32Array(sums.length);
  const row = nodes * 4;
  const slice = nodes * row;
  const last = nodes - 1;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let z = 0, m = 0; z < nodes; z++) {
      for (let y = 0; y < nodes; y++) {
        for (let x = 0; x < nodes; x++, m += 4) {
          let r = 0;
          let g = 0;
          let b = 0;
          let neighbours = 0;
          for (let side = 0; side < 6; side++) {
            let q = m;
            if (side === 0) q = x > 0 ? m - 4 : m;
            else if (side === 1) q = x < last ? m + 4 : m;
            else if (side === 2) q = y > 0 ? m - row : m;
            else if (side === 3) q = y < last ? m + row : m;
            else if (side === 4) q = z > 0 ? m - slice : m;
            else q = z < last ? m + slice : m;
            if (q === m) continue;
            neighbours++;
            r += table[q];
            g += table[q + 1];
            b += table[q + 2];
          }
          const scale = 1 / (sums[m + 3] + SMOOTH * neighbours + SHRINK);
          table[m] = (sums[m] + SMOOTH * r) * scale;
          table[m + 1] = (sums[m + 1] + SMOOTH * g) * scale;
          table[m + 2] = (sums[m + 2] + SMOOTH * b) * scale;
        }
      }
    }
  }
  return table;
}
