import { CURVE_NUMBERS } from "../record-sizes";
import { INSIDE } from "./constants";
import { Layer, Shot, Source } from "./layout";
import { I32s } from "./views";

/** All four taps of a bilinear sample. */
const ALL_TAPS: i32 = 15;

/**
 * The colour that a layer's answer for pixel p shows, four numbers as a source's `paint`: bilinear over the taps that may be used. Inside
 * surfaces a first frame's answer, whose source has `curves`, is cubic (Keys, 1981): linear interpolation of samples a and b at t is off
 * by t (1 - t) / 2 times their second difference, to third order. What bilinear samples blur stays sharp.
 */
export function sampleAt(layer: Layer, sources: I32s, p: i32, width: i32): v128 {
  const source = changetype<Source>(sources[layer.source[p]]);
  const x = layer.x[p];
  const y = layer.y[p];
  const usable = layer.taps[p];
  const fx = <f32>(x & 255) * SUBPIXEL_SHARE;
  const fy = <f32>(y & 255) * SUBPIXEL_SHARE;
  const gx: f32 = 1 - fx;
  const gy: f32 = 1 - fy;
  const w00 = gx * gy;
  const w10 = fx * gy;
  const w01 = gx * fy;
  const w11 = fx * fy;
  const place = (y >> 8) * width + (x >> 8);
  // A tap without weight may lie beyond the picture: it reads the first one.
  const across: usize = fx == 0 ? 0 : 16;
  const below: usize = fy == 0 ? 0 : (<usize>width) << 4;
  const t00 = changetype<usize>(source.paint) + ((<usize>place) << 4);
  const t01 = t00 + below;
  const inside = (usable & INSIDE) != 0;
  if (!inside && (usable & ALL_TAPS) != ALL_TAPS)
    return partial(t00, t00 + across, t01, t01 + across, usable, w00, w10, w01, w11);
  const s00 = f32x4.splat(w00);
  const s10 = f32x4.splat(w10);
  const s01 = f32x4.splat(w01);
  const s11 = f32x4.splat(w11);
  const colour = sum4(
    v128.load(t00),
    v128.load(t00 + across),
    v128.load(t01),
    v128.load(t01 + across),
    s00,
    s10,
    s01,
    s11,
  );
  if (!inside || changetype<usize>(source.curves) == 0) return colour;
  const d00 = changetype<usize>(source.curves) + ((<usize>place) << 5);
  const d10 = d00 + 2 * across;
  const d01 = d00 + 2 * below;
  const d11 = d10 + 2 * below;
  const bendAcross = sum4(v128.load(d00), v128.load(d10), v128.load(d01), v128.load(d11), s00, s10, s01, s11);
  const bendDown = sum4(
    v128.load(d00, 16),
    v128.load(d10, 16),
    v128.load(d01, 16),
    v128.load(d11, 16),
    s00,
    s10,
    s01,
    s11,
  );
  const bend = f32x4.add(
    f32x4.mul(f32x4.splat(fx * gx * 0.5), bendAcross),
    f32x4.mul(f32x4.splat(fy * gy * 0.5), bendDown),
  );
  return f32x4.sub(colour, bend);
}

const SUBPIXEL_SHARE: f32 = 1 / 256;

function partial(
  t00: usize,
  t10: usize,
  t01: usize,
  t11: usize,
  taps: i32,
  b00: f32,
  b10: f32,
  b01: f32,
  b11: f32,
): v128 {
  const w00: f32 = (taps & 1) == 0 ? 0 : b00;
  const w10: f32 = (taps & 2) == 0 ? 0 : b10;
  const w01: f32 = (taps & 4) == 0 ? 0 : b01;
  const w11: f32 = (taps & 8) == 0 ? 0 : b11;
  const scale: f32 = 1 / (w00 + w10 + w01 + w11);
  return sum4(
    v128.load(t00),
    v128.load(t10),
    v128.load(t01),
    v128.load(t11),
    f32x4.splat(w00 * scale),
    f32x4.splat(w10 * scale),
    f32x4.splat(w01 * scale),
    f32x4.splat(w11 * scale),
  );
}

/** wa a + wb b + wc c + wd d. */
function sum4(a: v128, b: v128, c: v128, d: v128, wa: v128, wb: v128, wc: v128, wd: v128): v128 {
  return f32x4.add(f32x4.add(f32x4.mul(wa, a), f32x4.mul(wb, b)), f32x4.add(f32x4.mul(wc, c), f32x4.mul(wd, d)));
}

/**
 * Second differences of a source's paint in some rows, [H, W, CURVE_NUMBERS] of red, green, blue and 0, across and then down; 0 at the border of the
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
        curves[p * CURVE_NUMBERS + c] = across ? paint[i - 4] - 2 * paint[i] + paint[i + 4] : 0;
        curves[p * CURVE_NUMBERS + 4 + c] = down ? paint[i - 4 * width] - 2 * paint[i] + paint[i + 4 * width] : 0;
      }
    }
  }
}
