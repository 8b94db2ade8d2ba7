import type { Random } from "./random.js";

/** Band-limited procedural textures. */
const PATTERNS = [
  "plain",
  "checker",
  "tiles",
  "bricks",
  "stripes",
  "blotches",
  "planks",
  "windows",
  "gradient",
] as const;

/** How a surface reflects: two or three colours in a pattern. Colours are linear RGB. */
export interface Material {
  readonly pattern: (typeof PATTERNS)[number];
  readonly a: readonly [number, number, number];
  readonly b: readonly [number, number, number];
  /** Pattern lengths a metre. */
  readonly frequency: number;
  /** Strength of a slow variation over the whole surface. */
  readonly variation: number;
  /** Highlight strength; 0 is matt. */
  readonly gloss: number;
  readonly seed: number;
}

/** A random colour in linear light; walls and grounds stay muted. */
export function randomColour(random: Random, muted: boolean): [number, number, number] {
  const hue = random.unit() * 6;
  const saturation = muted ? random.range(0, 0.45) : random.range(0.2, 0.95);
  const value = muted ? random.range(0.12, 0.75) : random.range(0.1, 0.85);
  const channel = (shift: number) => {
    const k = (shift + hue) % 6;
    return value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1)));
  };
  return [channel(5), channel(3), channel(1)];
}

/** A random material. */
export function randomMaterial(random: Random, muted: boolean): Material {
  const a = randomColour(random, muted);
  const other = randomColour(random, muted);
  const contrast = random.range(0.25, 0.9);
  const b = a.map((value, c) => value + (other[c] - value) * contrast) as [number, number, number];
  return {
    pattern: random.chance(0.2) ? "plain" : random.pick(PATTERNS),
    a,
    b,
    frequency: random.range(0.6, muted ? 2.5 : 5),
    variation: random.range(0, 0.35),
    gloss: random.chance(0.25) ? random.range(0.05, 0.5) : 0,
    seed: random.whole(0, 1 << 20),
  };
}

/** 1 inside, 0 outside the duty cycle of a unit-period wave, its edges as soft as the footprint `w`. */
function pulse(x: number, duty: number, w: number): number {
  const phase = x - Math.floor(x);
  const edge = Math.min(phase, duty - phase, 1);
  const outside = Math.min(1 - phase, phase - duty);
  const distance = phase < duty ? edge : -outside;
  const soft = Math.max(w, 1e-4);
  const value = distance / soft + 0.5;
  const sharp = value < 0 ? 0 : Math.min(value, 1);
  const fade = w > 0.5 ? 1 : w > 0.25 ? (w - 0.25) * 4 : 0;
  return sharp + (duty - sharp) * fade;
}

function hash(x: number, y: number, z: number): number {
  let h = Math.imul(x, 374761393) + Math.imul(y, 668265263) + Math.imul(z, 1274126177);
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

/** Value noise in the plane, 0..1, smooth. */
export function noise(x: number, y: number, seed: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const fx = x - x0;
  const fy = y - y0;
  const sx = fx * fx * (3 - 2 * fx);
  const sy = fy * fy * (3 - 2 * fy);
  const top = hash(x0, y0, seed) * (1 - sx) + hash(x0 + 1, y0, seed) * sx;
  const bottom = hash(x0, y0 + 1, seed) * (1 - sx) + hash(x0 + 1, y0 + 1, seed) * sx;
  return top * (1 - sy) + bottom * sy;
}

/**
 * Colour of a material at a point of its surface, linear RGB into `out`. `u`, `v` are metres on the surface, `footprint`
 * is a pixel's size there in metres: finer detail fades to its mean.
 */
export function colourAt(material: Material, u: number, v: number, footprint: number, out: Float64Array): void {
  const f = material.frequency;
  const w = footprint * f;
  const x = u * f;
  const y = v * f;
  let mix: number;
  switch (material.pattern) {
    case "plain":
      mix = 0;
      break;
    case "checker": {
      const p = pulse(x / 2, 0.5, w / 2);
      const q = pulse(y / 2, 0.5, w / 2);
      mix = p + q - 2 * p * q;
      break;
    }
    case "tiles":
      mix =
        Math.max(pulse(x, 0.07, w), pulse(y, 0.07, w)) * 0.9 +
        0.25 * cell(Math.floor(x), Math.floor(y), material.seed, w);
      break;
    case "bricks": {
      const row = Math.floor(y * 2);
      const shifted = x + (row & 1) * 0.5;
      mix =
        Math.max(pulse(shifted, 0.06, w), pulse(y * 2, 0.12, w * 2)) * 0.9 +
        0.3 * cell(Math.floor(shifted), row, material.seed, w);
      break;
    }
    case "stripes":
      mix = pulse(x + 0.3 * y, 0.5, w);
      break;
    case "blotches": {
      const n =
        0.65 * noise(x, y, material.seed) + (w < 0.4 ? 0.35 * noise(2.3 * x, 2.3 * y, material.seed + 7) : 0.175);
      mix = Math.max(0, Math.min(1, (n - 0.3) * 2.2));
      break;
    }
    case "planks": {
      const row = Math.floor(y * 2.5);
      mix = pulse(y * 2.5, 0.08, w * 2.5) * 0.9 + 0.45 * cell(0, row, material.seed, w * 2.5);
      break;
    }
    case "windows":
      mix = pulse(x * 0.7, 0.45, w) * pulse(y * 0.7, 0.55, w);
      break;
    case "gradient":
      mix = 0.5 + 0.5 * Math.sin(0.6 * (x + 0.7 * y) + material.seed);
      break;
  }
  if (mix > 1) mix = 1;
  const slow = 1 + material.variation * (noise(u * 0.4, v * 0.4, material.seed + 3) - 0.5);
  for (let c = 0; c < 3; c++) out[c] = (material.a[c] + (material.b[c] - material.a[c]) * mix) * slow;
}

function cell(i: number, j: number, seed: number, w: number): number {
  return w > 0.5 ? 0.5 : hash(i, j, seed);
}
