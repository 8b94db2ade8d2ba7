/**
 * Standard normal noise from a seed and a stream number: the same pair gives the same values. Two 32-bit xorshift
 * lanes seeded by SplitMix (Steele, Lea and Flood, 2014) feed the Box-Muller transform.
 */
export function seededNoise(length: number, seed: number, stream: number): Float32Array {
  const next = uniform(seed, stream);
  const out = new Float32Array(length);
  for (let i = 0; i < length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(next()));
    const angle = 2 * Math.PI * next();
    out[i] = radius * Math.cos(angle);
    if (i + 1 < length) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

const TWO_32 = 4294967296;

/** Uniform numbers in (0, 1]. */
function uniform(seed: number, stream: number): () => number {
  let a = mix((seed % TWO_32) ^ mix(Math.floor(seed / TWO_32) + 0x9e3779b9));
  let b = mix(a ^ mix(stream + 0x85ebca6b)) || 1;
  a = mix(a + b) || 1;
  return () => {
    a ^= a << 13;
    a ^= a >>> 17;
    a ^= a << 5;
    b ^= b << 5;
    b ^= b >>> 9;
    b ^= b << 7;
    return (((a + b) >>> 0) + 1) / TWO_32;
  };
}

/** The finaliser of SplitMix32. */
function mix(value: number): number {
  let z = (value + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return z ^ (z >>> 15);
}
