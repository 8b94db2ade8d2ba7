const scratch = new Float32Array(1);
const bits = new Uint32Array(scratch.buffer);

/** IEEE 754 half-precision bits of a number, rounded to nearest; too large values become infinity. */
export function toHalf(value: number): number {
  scratch[0] = value;
  const x = bits[0];
  const sign = (x >>> 16) & 0x8000;
  const exponent = (x >>> 23) & 0xff;
  if (exponent >= 143) return sign | 0x7c00;
  if (exponent < 102) return sign;
  const mantissa = (x & 0x7fffff) | 0x800000;
  if (exponent < 113) {
    const shift = 126 - exponent;
    return sign | ((mantissa + (1 << (shift - 1))) >>> shift);
  }
  return sign | ((((exponent - 112) << 10) + (((mantissa & 0x7fffff) + 0x1000) >>> 13)) & 0x7fff);
}

/** Half-precision copy of an array. */
export function halves(values: Float32Array): Uint16Array {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = toHalf(values[i]);
  return out;
}
