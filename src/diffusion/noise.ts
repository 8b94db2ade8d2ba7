/**
 * Standard normal noise from a seed and a stream number: the same pair gives the same values. Two 32-bit xorshift lanes seeded by SplitMix (Steele,
 * Lea and Flood, 2014) feed the ziggurat (Marsaglia and Tsang, 2000), whose layer is drawn apart from its abscissa (Doornik, 2005).
 */
export function seededNoise(length: number, seed: number, stream: number): Float32Array {
  let a = mix((seed % TWO_32) ^ mix(Math.floor(seed / TWO_32) + 0x9e3779b9));
  let b = mix(a ^ mix(stream + 0x85ebca6b)) || 1;
  a = mix(a + b) || 1;
  const out = new Float32Array(length);
  const lanes = Int32Array.of(a, b);
  for (let i = 0; i < length; ) {
    // As in nextBits, whose state is too slow for every value.
    a ^= a << 13;
    a ^= a >>> 17;
    a ^= a << 5;
    b ^= b << 5;
    b ^= b >>> 9;
    b ^= b << 7;
    const bits = (a + b) | 0;
    const layer = b & (LAYERS - 1);
    const x = bits * WIDTH[layer];
    if (Math.abs(bits) < UNDER[layer]) {
      out[i++] = x;
      continue;
    }
    // One value in eighty.
    lanes[0] = a;
    lanes[1] = b;
    if (layer === 0) out[i++] = bits < 0 ? -tail(lanes) : tail(lanes);
    else if (HEIGHT[layer] + uniform(lanes) * (HEIGHT[layer - 1] - HEIGHT[layer]) < Math.exp(-0.5 * x * x))
      out[i++] = x;
    [a, b] = lanes;
  }
  return out;
}

/** 32 random bits of two xorshift lanes. */
function nextBits(lanes: Int32Array): number {
  let [a, b] = lanes;
  a ^= a << 13;
  a ^= a >>> 17;
  a ^= a << 5;
  b ^= b << 5;
  b ^= b >>> 9;
  b ^= b << 7;
  lanes[0] = a;
  lanes[1] = b;
  return (a + b) | 0;
}

const TWO_31 = 2147483648;
const TWO_32 = 4294967296;
/** Layers of equal area under exp(-x² / 2); the lowest, number 0, holds the tail from START on. */
const LAYERS = 256;
const START = 3.6541528853610088;
const AREA = 0.00492867323399;

/** Of each layer its right end in units of 2^-31, the height of its top there, and the part of 2^31 that lies under the curve all the way up. */
const WIDTH = new Float64Array(LAYERS);
const HEIGHT = new Float64Array(LAYERS);
const UNDER = new Float64Array(LAYERS);
{
  let end = START;
  let height = Math.exp(-0.5 * end * end);
  WIDTH[0] = AREA / height / TWO_31;
  UNDER[0] = ((end * height) / AREA) * TWO_31;
  HEIGHT[0] = 1;
  for (let layer = LAYERS - 1; layer > 0; layer--) {
    WIDTH[layer] = end / TWO_31;
    HEIGHT[layer] = height;
    // The curve reaches the next layer's right end where its own height ends.
    const next = layer > 1 ? Math.sqrt(-2 * Math.log(AREA / end + height)) : 0;
    UNDER[layer] = (next / end) * TWO_31;
    end = next;
    height = Math.exp(-0.5 * end * end);
  }
}

/** A value beyond START (Marsaglia, 1964). */
function tail(lanes: Int32Array): number {
  for (;;) {
    const x = -Math.log(uniform(lanes)) / START;
    const y = -Math.log(uniform(lanes));
    if (2 * y >= x * x) return START + x;
  }
}

/** A number in (0, 1]. */
function uniform(lanes: Int32Array): number {
  return ((nextBits(lanes) >>> 0) + 1) / TWO_32;
}

/** The finaliser of SplitMix32. */
function mix(value: number): number {
  let z = (value + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return z ^ (z >>> 15);
}
