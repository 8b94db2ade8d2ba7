/**
 * Pixels of a frame by what the cache knows of them: uncovered ones are new in this chunk, guessed ones are these and all that
 * were uncovered when they came into view; covered ones have an answer, be it a remembered guess; of these, under moved light are counted apart.
 */
export const REGIONS = ["all", "uncovered", "guessed", "covered", "light moved"] as const;
export type Region = (typeof REGIONS)[number];

/** Squared error and pixel count by region; add frames up, then ask for decibels. */
export class ErrorTally {
  readonly #squared = new Map<Region, number>();
  readonly #pixels = new Map<Region, number>();

  /** Adds a frame: pictures are 8-bit sRGB [H, W, 3], `covered`, `known` and `lightMoved` are [H, W]. */
  add(picture: Uint8Array, truth: Uint8Array, covered: Uint8Array, known: Uint8Array, lightMoved: Uint8Array): void {
    for (let p = 0; p < covered.length; p++) {
      const r = picture[p * 3] - truth[p * 3];
      const g = picture[p * 3 + 1] - truth[p * 3 + 1];
      const b = picture[p * 3 + 2] - truth[p * 3 + 2];
      const error = (r * r + g * g + b * b) / 3;
      this.#count("all", error);
      if (known[p] === 0) this.#count("guessed", error);
      if (covered[p] === 0) this.#count("uncovered", error);
      else this.#count(lightMoved[p] !== 0 ? "light moved" : "covered", error);
    }
  }

  #count(region: Region, error: number): void {
    this.#squared.set(region, (this.#squared.get(region) ?? 0) + error);
    this.#pixels.set(region, (this.#pixels.get(region) ?? 0) + 1);
  }

  /** PSNR of a region in dB; NaN where it has no pixels. */
  psnr(region: Region): number {
    const pixels = this.#pixels.get(region) ?? 0;
    return 10 * Math.log10((255 * 255 * pixels) / (this.#squared.get(region) ?? 0));
  }

  pixels(region: Region): number {
    return this.#pixels.get(region) ?? 0;
  }
}

/** Squared change of pictures and of their truths from one to the next. */
export class Flicker {
  #painted = 0;
  #wanted = 0;

  /** Adds a step between two pictures with their truths, 8-bit sRGB [H, W, 3]. */
  add(
    before: { readonly picture: Uint8Array; readonly truth: Uint8Array },
    now: { readonly picture: Uint8Array; readonly truth: Uint8Array },
  ): void {
    for (let i = 0; i < now.picture.length; i++) {
      this.#painted += (now.picture[i] - before.picture[i]) ** 2;
      this.#wanted += (now.truth[i] - before.truth[i]) ** 2;
    }
  }

  /** Root mean square change over the truth's; NaN where nothing was added. */
  get ratio(): number {
    return Math.sqrt(this.#painted / this.#wanted);
  }
}

/** Luma of an 8-bit picture [H, W, 3]. */
export function luma(rgb: Uint8Array): Float32Array {
  const out = new Float32Array(rgb.length / 3);
  for (let p = 0; p < out.length; p++) out[p] = 0.299 * rgb[p * 3] + 0.587 * rgb[p * 3 + 1] + 0.114 * rgb[p * 3 + 2];
  return out;
}

const WINDOW = 8;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/** Mean SSIM of two lumas over 8x8 windows, four pixels apart (Wang et al., 2004, with a box for the Gaussian). */
export function ssim(a: Float32Array, b: Float32Array, width: number): number {
  const height = a.length / width;
  const n = WINDOW * WINDOW;
  let sum = 0;
  let windows = 0;
  for (let y = 0; y + WINDOW <= height; y += 4) {
    for (let x = 0; x + WINDOW <= width; x += 4) {
      let sa = 0;
      let sb = 0;
      let saa = 0;
      let sbb = 0;
      let sab = 0;
      for (let j = 0; j < WINDOW; j++) {
        for (let i = 0; i < WINDOW; i++) {
          const p = (y + j) * width + x + i;
          sa += a[p];
          sb += b[p];
          saa += a[p] * a[p];
          sbb += b[p] * b[p];
          sab += a[p] * b[p];
        }
      }
      const ma = sa / n;
      const mb = sb / n;
      const va = saa / n - ma * ma;
      const vb = sbb / n - mb * mb;
      const vab = sab / n - ma * mb;
      sum += ((2 * ma * mb + C1) * (2 * vab + C2)) / ((ma * ma + mb * mb + C1) * (va + vb + C2));
      windows++;
    }
  }
  return sum / windows;
}

/** Mean squared gradient of a luma: how much fine detail a picture has. */
export function gradientEnergy(a: Float32Array, width: number): number {
  let sum = 0;
  for (let p = 0; p < a.length - width; p++) {
    if ((p + 1) % width === 0) continue;
    sum += (a[p + 1] - a[p]) ** 2 + (a[p + width] - a[p]) ** 2;
  }
  return sum / a.length;
}

/** Mean colour of an 8-bit picture, 0..255. */
export function meanColour(rgb: Uint8Array): [number, number, number] {
  const sum: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < rgb.length; i++) sum[i % 3] += rgb[i];
  return sum.map((s) => (3 * s) / rgb.length) as [number, number, number];
}
