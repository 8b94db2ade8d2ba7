/**
 * Paints the first frame of a take in a look of its own, as somebody might by hand: broad flat strokes, a warm and cold
 * palette, few tones. Its outlines stay where the engine's are.
 *
 *     node examples/paint-first-frame.mjs TAKE OUT.png
 */
import { PlaneKind } from "playblast/protocol/generated/playblast/v1/plane";
import { readPicture } from "playblast/protocol/plane";
import { readTake } from "playblast/take/take-reader";
import sharp from "sharp";

/** Half side of a stroke in pixels: the calmest of four squares around a pixel paints it (Kuwahara et al., 1976). */
const STROKE = 3;
/** Brightness steps, softened so that their borders do not alias. */
const TONES = 7;
const EDGE = 0.35;
/** Colours of shadow and light that the tones lean to, sRGB 0..1, and how far. */
const SHADOW = [0.16, 0.12, 0.38];
const LIGHT = [1.0, 0.9, 0.62];
const TINT = 0.42;
const SATURATION = 1.35;

const [take, out] = process.argv.slice(2);
if (!take || !out) {
  console.error("usage: node examples/paint-first-frame.mjs TAKE OUT.png");
  process.exit(2);
}
const {
  rgb,
  size: { width, height },
} = await firstPicture(take);
await sharp(grade(strokes(rgb, width, height)), { raw: { width, height, channels: 3 } })
  .png()
  .toFile(out);

/** The engine's own picture of the first tick. */
async function firstPicture(path) {
  for await (const message of readTake(path)) {
    if (message.$case !== "engineFrame") continue;
    const plane = message.value.planes.find(({ kind }) => kind === PlaneKind.PLANE_KIND_TRUTH);
    if (!plane) throw new Error(`take ${path}: its first frame has no truth plane to paint over`);
    return readPicture(plane, "truth", undefined);
  }
  throw new Error(`take ${path} holds no frames`);
}

function strokes(rgb, width, height) {
  const painted = new Uint8Array(rgb.length);
  const sum = new Float64Array(3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let calmest = Infinity;
      for (const [sx, sy] of [
        [-1, -1],
        [1, -1],
        [-1, 1],
        [1, 1],
      ]) {
        sum.fill(0);
        let squares = 0;
        let count = 0;
        for (let j = 0; j <= STROKE; j++) {
          for (let i = 0; i <= STROKE; i++) {
            const px = Math.min(width - 1, Math.max(0, x + sx * i));
            const py = Math.min(height - 1, Math.max(0, y + sy * j));
            const p = (py * width + px) * 3;
            for (let c = 0; c < 3; c++) {
              sum[c] += rgb[p + c];
              squares += rgb[p + c] ** 2;
            }
            count++;
          }
        }
        const spread = squares / count - sum.reduce((total, value) => total + (value / count) ** 2, 0);
        if (spread < calmest) {
          calmest = spread;
          for (let c = 0; c < 3; c++) painted[(y * width + x) * 3 + c] = sum[c] / count;
        }
      }
    }
  }
  return painted;
}

function grade(rgb) {
  const graded = new Uint8ClampedArray(rgb.length);
  for (let p = 0; p < rgb.length; p += 3) {
    const light = (0.299 * rgb[p] + 0.587 * rgb[p + 1] + 0.114 * rgb[p + 2]) / 255;
    const step = Math.floor(light * TONES);
    const within = (light * TONES - step - 0.5) / EDGE;
    const tone = (step + 0.5 + 0.5 * Math.tanh(2 * within)) / TONES;
    for (let c = 0; c < 3; c++) {
      const hue = light > 0.01 ? (rgb[p + c] / 255 - light) * SATURATION : 0;
      const towards = SHADOW[c] + (LIGHT[c] - SHADOW[c]) * tone;
      graded[p + c] = 255 * (tone + hue + (towards - tone) * TINT);
    }
  }
  return graded;
}
