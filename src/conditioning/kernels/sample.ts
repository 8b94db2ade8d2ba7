import { INSIDE, SUBPIXEL } from "./constants";
import { Layer, Shot, Source } from "./layout";
import { F32s, I32s } from "./views";

/** All four taps of a bilinear sample. */
const ALL_TAPS: i32 = 15;

/**
 * The colour that a layer's answer for pixel p shows, [4] as a source's `paint`, into `out`: bilinear over the taps that may be used. Inside
 * surfaces a first frame's answer, whose source has `curves`, is cubic (Keys, 1981): linear interpolation of samples a and b at t is off
 * by t (1 - t) / 2 times their second difference, to third order. What bilinear samples blur stays sharp.
 */
export function sampleInto(layer: Layer, sources: I32s, p: i32, width: i32, out: F32s): void {
  const source = changetype<Source>(sources[layer.source[p]]);
  const x = layer.x[p];
  const y = layer.y[p];
  const usable = layer.taps[p];
  const taps = usable & ALL_TAPS;
  const fx = <f64>(x & 255) / SUBPIXEL;
  const fy = <f64>(y & 255) / SUBPIXEL;
  const b00 = (1 - fx) * (1 - fy);
  const b10 = fx * (1 - fy);
  const b01 = (1 - fx) * fy;
  const b11 = fx * fy;
  let w00 = b00;
  let w10 = b10;
  let w01 = b01;
  let w11 = b11;
  if (taps != ALL_TAPS) {
    if ((taps & 1) == 0) w00 = 0;
    if ((taps & 2) == 0) w10 = 0;
    if ((taps & 4) == 0) w01 = 0;
    if ((taps & 8) == 0) w11 = 0;
    const scale = 1 / (w00 + w10 + w01 + w11);
    w00 *= scale;
    w10 *= scale;
    w01 *= scale;
    w11 *= scale;
  }
  const place = (y >> 8) * width + (x >> 8);
  // A tap without weight may lie beyond the picture: it reads the first one.
  const t00 = changetype<usize>(source.paint) + (<usize>place << 4);
  const t10 = w10 == 0 ? t00 : t00 + 16;
  const t01 = w01 == 0 ? t00 : t00 + (<usize>width << 4);
  const t11 = w11 == 0 ? t00 : t00 + (<usize>width << 4) + 16;
  // Red and green in one register, blue and light in another, in double precision.
  const s00 = f64x2.splat(w00);
  const s10 = f64x2.splat(w10);
  const s01 = f64x2.splat(w01);
  const s11 = f64x2.splat(w11);
  const c00 = v128.load(t00);
  const c10 = v128.load(t10);
  const c01 = v128.load(t01);
  const c11 = v128.load(t11);
  const low = sum4(low2(c00), low2(c10), low2(c01), low2(c11), s00, s10, s01, s11);
  const high = sum4(high2(c00), high2(c10), high2(c01), high2(c11), s00, s10, s01, s11);
  const colour = join(low, high);
  v128.store(changetype<usize>(out), colour);
  if ((usable & INSIDE) == 0 || changetype<usize>(source.curves) == 0) return;
  const across = f64x2.splat((fx * (1 - fx)) / 2);
  const down = f64x2.splat((fy * (1 - fy)) / 2);
  const d00 = changetype<usize>(source.curves) + <usize>(place * 32);
  const d10 = b10 == 0 ? d00 : d00 + 32;
  const d01 = b01 == 0 ? d00 : d00 + <usize>(width * 32);
  const d11 = b11 == 0 ? d00 : d00 + <usize>(width * 32) + (b10 == 0 ? 0 : 32);
  const a00 = v128.load(d00);
  const a10 = v128.load(d10);
  const a01 = v128.load(d01);
  const a11 = v128.load(d11);
  const e00 = v128.load(d00, 16);
  const e10 = v128.load(d10, 16);
  const e01 = v128.load(d01, 16);
  const e11 = v128.load(d11, 16);
  const r00 = f64x2.splat(b00);
  const r10 = f64x2.splat(b10);
  const r01 = f64x2.splat(b01);
  const r11 = f64x2.splat(b11);
  const bendLow = f64x2.add(
    f64x2.mul(across, sum4(low2(a00), low2(a10), low2(a01), low2(a11), r00, r10, r01, r11)),
    f64x2.mul(down, sum4(low2(e00), low2(e10), low2(e01), low2(e11), r00, r10, r01, r11)),
  );
  const bendHigh = f64x2.add(
    f64x2.mul(across, sum4(high2(a00), high2(a10), high2(a01), high2(a11), r00, r10, r01, r11)),
    f64x2.mul(down, sum4(high2(e00), high2(e10), high2(e01), high2(e11), r00, r10, r01, r11)),
  );
  const zero = f64x2.splat(0);
  v128.store(
    changetype<usize>(out),
    join(f64x2.max(f64x2.sub(low2(colour), bendLow), zero), f64x2.max(f64x2.sub(high2(colour), bendHigh), zero)),
  );
}

/** The first two of four single-precision numbers in double precision. */
@inline export function low2(values: v128): v128 {
  return f64x2.promote_low_f32x4(values);
}
/** The last two of four single-precision numbers in double precision. */
@inline export function high2(values: v128): v128 {
  return f64x2.promote_low_f32x4(i64x2.shuffle(values, values, 1, 1));
}
@inline function join(low: v128, high: v128): v128 {
  return i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}
/** wa a + wb b + wc c + wd d, summed from left to right. */
@inline function sum4(a: v128, b: v128, c: v128, d: v128, wa: v128, wb: v128, wc: v128, wd: v128): v128 {
  return f64x2.add(
    f64x2.add(f64x2.add(f64x2.mul(wa, a), f64x2.mul(wb, b)), f64x2.mul(wc, c)),
    f64x2.mul(wd, d),
  );
}

/**
 * Second differences of a source's paint in some rows, [H, W, 8] of red, green, blue and 0, across and then down; 0 at the border of the
 * picture. They say nothing on outlines, where no INSIDE place reads them.
 */
export function curvesOfRows(shot: Shot, source: Source, fromRow: i32, toRow: i32): void {
  const width = shot.width;
  const height = shot.height;
  const paint = source.paint;
  const curves = source.curves;
  for (let y = fromRow; y < toRow; y++) {
    for (let x = 0; x < width; x++) {
      const p = y * width + x;
      for (let c = 0; c < 4; c++) {
        const i = p * 4 + c;
        const across = c < 3 && x > 0 && x < width - 1;
        const down = c < 3 && y > 0 && y < height - 1;
        curves[p * 8 + c] = across ? paint[i - 4] - 2 * paint[i] + paint[i + 4] : 0;
        curves[p * 8 + 4 + c] = down ? paint[i - 4 * width] - 2 * paint[i] + paint[i + 4 * width] : 0;
      }
    }
  }
}
