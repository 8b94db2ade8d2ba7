import type { Random } from "./random.js";

/** Linear RGB. */
export type Colour = readonly [number, number, number];

/** Patterns of grounds, walls and things. */
const SURFACES = [
  "plain",
  "checker",
  "tiles",
  "bricks",
  "stripes",
  "plaid",
  "blotches",
  "planks",
  "windows",
  "gradient",
  "glyphs",
  "dots",
  "zigzag",
  "speckle",
] as const;
/** Patterns that belong to one kind of thing. */
type Special = "face" | "picture";

/** How a surface reflects: colours in a pattern over surface coordinates in metres. */
export interface Material {
  readonly pattern: (typeof SURFACES)[number] | Special;
  readonly a: Colour;
  readonly b: Colour;
  readonly c: Colour;
  /** Pattern lengths a metre. */
  readonly frequency: number;
  /** Cosine and sine of the pattern's turn on the surface. */
  readonly turn: readonly [number, number];
  /** Where the pattern begins, in pattern lengths. */
  readonly shift: readonly [number, number];
  /** Strength of a slow variation over the whole surface. */
  readonly variation: number;
  /** Highlight strength; 0 is matt. */
  readonly gloss: number;
  /** Exponent of the highlight. */
  readonly sharpness: number;
  readonly seed: number;
}

/** Texture lookups see this share of a sample's footprint: a touch softer than the samples are apart. */
const FOOTPRINT_SHARE = 0.75;

/** A random colour in linear light; walls and grounds stay muted. */
export function randomColour(random: Random, muted: boolean): Colour {
  const hue = random.unit() * 6;
  const saturation = muted ? random.range(0, 0.5) : random.range(0.25, 0.95);
  const value = muted ? random.range(0.1, 0.75) : random.range(0.08, 0.85);
  const channel = (shift: number) => {
    const k = (shift + hue) % 6;
    return value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1)));
  };
  return [channel(5), channel(3), channel(1)];
}

/** A random material. */
export function randomMaterial(random: Random, muted: boolean): Material {
  const a = randomColour(random, muted);
  const towards = (contrast: number): Colour => {
    const other = randomColour(random, muted);
    return [0, 1, 2].map((c) => a[c] + (other[c] - a[c]) * contrast) as unknown as Colour;
  };
  const turn = random.chance(0.25) ? random.range(0, Math.PI) : random.chance(0.3) ? Math.PI / 2 : 0;
  const pattern = random.chance(0.12) ? "plain" : random.pick(SURFACES);
  const upright = pattern === "windows" || pattern === "glyphs" || pattern === "bricks";
  return {
    pattern,
    a,
    b: towards(random.range(0.35, 1)),
    c: towards(random.range(0.3, 1)),
    frequency: random.range(0.7, muted ? 2.6 : 5),
    turn: upright ? [1, 0] : [Math.cos(turn), Math.sin(turn)],
    shift: [random.unit() * 8, random.unit() * 8],
    variation: random.range(0, 0.4),
    gloss: random.chance(0.25) ? random.range(0.05, 0.5) : 0,
    sharpness: random.range(8, 60),
    seed: random.whole(0, 1 << 20),
  };
}

/** A material of one colour, matt. */
export function plainMaterial(random: Random, colour: Colour): Material {
  return { ...randomMaterial(random, true), pattern: "plain", a: colour, b: colour, c: colour, gloss: 0 };
}

/** Cloth: finer patterns, matt. */
export function clothMaterial(random: Random): Material {
  const material = randomMaterial(random, false);
  const pattern = random.chance(0.35)
    ? "plain"
    : random.pick(["stripes", "plaid", "dots", "checker", "zigzag", "blotches", "glyphs"] as const);
  return { ...material, pattern, frequency: random.range(3.5, 9), gloss: 0 };
}

/** Integral from 0 to x of a unit-period wave that is 1 over the first `duty` of its period. */
function pulseArea(x: number, duty: number): number {
  const whole = Math.floor(x);
  const rest = x - whole;
  return whole * duty + Math.min(rest, duty);
}

/** Mean of that wave over a footprint `w` around x: exact, so that it fades to its mean. */
function pulse(x: number, duty: number, w: number): number {
  if (w < 1e-4) return x - Math.floor(x) < duty ? 1 : 0;
  return (pulseArea(x + w / 2, duty) - pulseArea(x - w / 2, duty)) / w;
}

function hash(x: number, y: number, z: number): number {
  let h = Math.imul(x, 374761393) + Math.imul(y, 668265263) + Math.imul(z, 1274126177);
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  h ^= h >>> 16;
  return (h >>> 0) / 4294967296;
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

/** How much of a detail is left when a footprint covers `w` of its period: all below a quarter, none above three. */
function kept(w: number): number {
  const k = 1.5 - 2 * w;
  return k < 0 ? 0 : Math.min(k, 1);
}

/** Noise that fades to its mean as the footprint grows. */
function softNoise(x: number, y: number, w: number, seed: number): number {
  const k = kept(w);
  return k === 0 ? 0.5 : 0.5 + k * (noise(x, y, seed) - 0.5);
}

/** A random value for each unit cell, its borders as soft as the footprint. */
function cells(x: number, y: number, wx: number, wy: number, seed: number): number {
  const k = kept(Math.max(wx, wy) * 0.7);
  if (k === 0) return 0.5;
  const ix = Math.floor(x - 0.5);
  const iy = Math.floor(y - 0.5);
  const step = (f: number, w: number): number => {
    const t = (f - 0.5) / Math.max(w, 0.02) + 0.5;
    return t < 0 ? 0 : Math.min(t, 1);
  };
  const fx = step(x - 0.5 - ix, wx);
  const fy = step(y - 0.5 - iy, wy);
  let value: number;
  if ((fx === 0 || fx === 1) && (fy === 0 || fy === 1)) value = hash(ix + fx, iy + fy, seed);
  else
    value =
      (hash(ix, iy, seed) * (1 - fx) + hash(ix + 1, iy, seed) * fx) * (1 - fy) +
      (hash(ix, iy + 1, seed) * (1 - fx) + hash(ix + 1, iy + 1, seed) * fx) * fy;
  return 0.5 + k * (value - 0.5);
}

/** 1 inside a disc, with an edge as soft as the footprint. */
function disc(x: number, y: number, radius: number, w: number): number {
  const t = (radius - Math.sqrt(x * x + y * y)) / Math.max(w, 0.01) + 0.5;
  return t < 0 ? 0 : Math.min(t, 1);
}

/**
 * Colour of a material at a point of its surface, linear RGB into `out`. `u`, `v` are metres on the surface, `du`, `dv`
 * a sample's extent along them: detail finer than that fades to its mean.
 */
export function colourAt(material: Material, u: number, v: number, du: number, dv: number, out: Float64Array): void {
  const { frequency: f, turn, shift, seed, a, b, c } = material;
  const x = (u * turn[0] - v * turn[1]) * f + shift[0];
  const y = (u * turn[1] + v * turn[0]) * f + shift[1];
  const reach = f * FOOTPRINT_SHARE;
  const wx = (Math.abs(turn[0]) * du + Math.abs(turn[1]) * dv) * reach;
  const wy = (Math.abs(turn[1]) * du + Math.abs(turn[0]) * dv) * reach;
  const w = Math.max(wx, wy);
  let mix = 0;
  let third = 0;
  switch (material.pattern) {
    case "plain":
      break;
    case "checker": {
      const p = 2 * pulse(x / 2, 0.5, wx / 2) - 1;
      const q = 2 * pulse(y / 2, 0.5, wy / 2) - 1;
      mix = 0.5 - 0.5 * p * q;
      break;
    }
    case "tiles": {
      third = 0.6 * cells(x, y, wx, wy, seed);
      mix = 1 - (1 - pulse(x + 0.03, 0.06, wx)) * (1 - pulse(y + 0.03, 0.06, wy));
      break;
    }
    case "bricks": {
      const row = Math.floor(y * 2);
      const along = x + (row & 1) * 0.5;
      third = 0.7 * cells(along, y * 2, wx, wy * 2, seed);
      mix = 1 - (1 - pulse(along + 0.03, 0.06, wx) * kept(wy)) * (1 - pulse(y * 2 + 0.06, 0.12, wy * 2));
      break;
    }
    case "stripes":
      mix = pulse(x, 0.5, wx);
      third = pulse(x + 0.25, 0.08, wx);
      break;
    case "plaid":
      mix = 0.5 * pulse(x, 0.4, wx) + 0.5 * pulse(y, 0.4, wy);
      third = 0.7 * (1 - (1 - pulse(x + 0.7, 0.06, wx)) * (1 - pulse(y + 0.7, 0.06, wy)));
      break;
    case "blotches": {
      const n =
        0.55 * softNoise(x, y, w, seed) +
        0.3 * softNoise(2.3 * x, 2.3 * y, 2.3 * w, seed + 7) +
        0.15 * softNoise(5.1 * x, 5.1 * y, 5.1 * w, seed + 11);
      mix = (n - 0.32) * 2.8;
      third = 0.5 * softNoise(0.7 * x, 0.7 * y, w, seed + 19);
      break;
    }
    case "planks": {
      const row = Math.floor(y * 2.5);
      const along = x * 0.4 + hash(row, 3, seed);
      const grain = softNoise(x * 0.9, y * 16, Math.max(wx, wy * 16), seed + 5);
      third = 0.75 * cells(along, y * 2.5, wx * 0.4, wy * 2.5, seed) + 0.3 * (grain - 0.5);
      mix = 0.85 * (1 - (1 - pulse(y * 2.5, 0.07, wy * 2.5)) * (1 - pulse(along, 0.012, wx * 0.4) * kept(wy * 2.5)));
      break;
    }
    case "windows":
      mix = pulse(x * 0.8, 0.5, wx * 0.8) * pulse(y * 0.6, 0.6, wy * 0.6);
      third = mix * cells(x * 0.8 + 0.25, y * 0.6 + 0.2, wx * 0.8, wy * 0.6, seed) * 0.8;
      break;
    case "gradient":
      mix = 0.5 + 0.5 * Math.sin(0.9 * x) * kept(w * 0.3);
      break;
    case "glyphs": {
      const inside = pulse(x + 0.15, 0.8, wx) * pulse(y + 0.15, 0.8, wy);
      const ink = cells(x * 5, y * 6, wx * 5, wy * 6, seed);
      const t = (ink - 0.5) * 8 + 0.5;
      mix = inside * (t < 0 ? 0 : Math.min(t, 1));
      third = 0.4 * cells(x * 0.5, y * 0.5, wx * 0.5, wy * 0.5, seed + 1);
      break;
    }
    case "dots": {
      const dot = disc(x - Math.floor(x) - 0.5, y - Math.floor(y) - 0.5, 0.3, w);
      mix = 0.283 + kept(w * 0.8) * (dot - 0.283);
      break;
    }
    case "zigzag": {
      const peak = Math.abs(x - Math.floor(x) - 0.5);
      mix = pulse(y + (0.25 + kept(wx) * (peak - 0.25)) * 1.2, 0.45, wy + wx);
      break;
    }
    case "speckle": {
      const fine = softNoise(x * 9, y * 9, w * 9, seed) - 0.5;
      const broad = softNoise(x, y, w, seed + 3);
      mix = 0.35 + 0.9 * fine;
      third = 0.8 * broad;
      break;
    }
    case "face": {
      // Two eyes and a mouth on a head's front; u is metres around from the front, v up from the head's middle.
      const s = 1 / f;
      const soft = Math.max(du, dv) * s;
      const eyes = disc((Math.abs(u) * s - 0.32) * 1.1, v * s - 0.05, 0.13, soft);
      const mouth = disc(u * s * 0.45, (v * s + 0.45) * 1.6, 0.13, soft);
      mix = Math.max(eyes, mouth);
      third = 0;
      break;
    }
    case "picture": {
      // A painting: a few soft shapes on a ground.
      third = disc(u - 0.35 + hash(1, 0, seed), v - 0.5 + hash(2, 0, seed), 0.15 + 0.35 * hash(3, 0, seed), w * 0.3);
      const second = disc((u - 0.6 + hash(4, 0, seed)) * 0.5, v - 0.4 + hash(5, 0, seed), 0.3, w * 0.3);
      const band = pulse(v * 0.7 + hash(6, 0, seed), 0.35, dv * 0.7);
      mix = Math.max(second, 0.7 * band);
      break;
    }
  }
  if (mix > 1) mix = 1;
  else if (mix < 0) mix = 0;
  if (third > 1) third = 1;
  else if (third < 0) third = 0;
  const slow =
    material.variation === 0
      ? 1
      : 1 + material.variation * (softNoise(u * 0.45 + 9, v * 0.45, Math.max(du, dv) * 0.45, seed + 3) - 0.5);
  for (let i = 0; i < 3; i++) {
    const base = a[i] + (c[i] - a[i]) * third;
    out[i] = (base + (b[i] - base) * mix) * slow;
  }
}
