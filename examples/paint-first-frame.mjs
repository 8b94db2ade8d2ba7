/**
 * Paints a frame of a take in a look of its own, as somebody might by hand: broad flat strokes within the outlines, few tones, strong
 * colours, under the engine's light. The first frame where no tick is named.
 *
 *     node examples/paint-first-frame.mjs TAKE OUT.png [TICK]
 */
import { readEngineFrame } from "playblast/protocol/engine-frame";
import { readOpenShot } from "playblast/protocol/open-shot";
import { decodeSrgb, encodeSrgb, SRGB_TO_LINEAR } from "playblast/scene/srgb";
import { readTake } from "playblast/take/take-reader";
import sharp from "sharp";

/** Half side of a stroke in pixels: the calmest of four squares around a pixel paints it (Kuwahara et al., 1976). */
const STROKE = 3;
/** A stroke does not run on to what lies deeper or nearer by more than this share. */
const OUTLINE = 0.06;
/** Brightness steps of a surface's own colour, softened so that their borders do not alias. */
const TONES = 4;
const EDGE = 0.3;
const SATURATION = 1.25;
/** Colours that dark and bright surfaces lean to, sRGB 0..1, and how far. */
const DARK = [0.1, 0.06, 0.45];
const BRIGHT = [1.0, 0.84, 0.5];
const LEAN = 0.55;
/** The light is a little stronger than the engine's. */
const EXPOSURE = 1.2;
/** Light is not divided out below this. */
const DARKEST = 0.02;

const [take, out, tick] = process.argv.slice(2);
if (!take || !out || (tick !== undefined && !/^\d+$/.test(tick))) {
  console.error("usage: node examples/paint-first-frame.mjs TAKE OUT.png [TICK]");
  process.exit(2);
}
const { frame, size } = await frameOf(take, tick === undefined ? undefined : Number(tick));
const colours = ownColours(frame);
const painted = grade(strokes(colours, frame, size));
await sharp(underLight(painted, frame), { raw: { ...size, channels: 3 } })
  .png()
  .toFile(out);

/** A tick of a take, which must bring the engine's own picture. */
async function frameOf(path, tick) {
  let shot;
  for await (const message of readTake(path)) {
    if (message.$case === "openShot") shot = readOpenShot(message.value);
    if (message.$case !== "engineFrame") continue;
    if (tick !== undefined && message.value.tick !== tick) continue;
    // Its truth is the recorded picture: the TRUTH plane, or COLOUR where a take with materials has that alone.
    const frame = readEngineFrame(message.value, shot, shot.size, -1);
    if (!frame.truth || !frame.shade || !frame.depth)
      throw new Error(`take ${path}: tick ${frame.tick} lacks a colour or truth, a shade or a depth plane`);
    return { frame, size: shot.size };
  }
  throw new Error(`take ${path} holds no ${tick === undefined ? "frames" : `tick ${tick}`}`);
}

/** What surfaces look like without their light, sRGB 0..1. */
function ownColours({ truth, shade }) {
  return Float32Array.from(truth, (code, i) =>
    Math.min(1, encodeSrgb(SRGB_TO_LINEAR[code] / Math.max(DARKEST, shade[i]))),
  );
}

function strokes(colours, { depth, ownerId }, { width, height }) {
  const painted = new Float32Array(colours.length);
  const sum = new Float64Array(3);
  const quarters = [
    [-1, -1],
    [1, -1],
    [-1, 1],
    [1, 1],
  ];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const here = y * width + x;
      let calmest = Infinity;
      for (const [sx, sy] of quarters) {
        sum.fill(0);
        let squares = 0;
        let count = 0;
        for (let j = 0; j <= STROKE; j++) {
          for (let i = 0; i <= STROKE; i++) {
            const px = x + sx * i;
            const py = y + sy * j;
            if (px < 0 || px >= width || py < 0 || py >= height) continue;
            const p = py * width + px;
            if (ownerId?.[p] !== ownerId?.[here]) continue;
            if (Math.abs(depth[p] - depth[here]) > OUTLINE * depth[here]) continue;
            for (let c = 0; c < 3; c++) {
              sum[c] += colours[p * 3 + c];
              squares += colours[p * 3 + c] ** 2;
            }
            count++;
          }
        }
        const spread = squares / count - sum.reduce((total, value) => total + (value / count) ** 2, 0);
        if (spread < calmest) {
          calmest = spread;
          for (let c = 0; c < 3; c++) painted[here * 3 + c] = sum[c] / count;
        }
      }
    }
  }
  return painted;
}

function grade(colours) {
  const graded = new Float32Array(colours.length);
  for (let p = 0; p < colours.length; p += 3) {
    const bright = 0.299 * colours[p] + 0.587 * colours[p + 1] + 0.114 * colours[p + 2];
    const step = Math.floor(bright * TONES);
    const tone = (step + 0.5 + 0.5 * Math.tanh((2 * (bright * TONES - step - 0.5)) / EDGE)) / TONES;
    for (let c = 0; c < 3; c++) {
      const hue = (colours[p + c] - bright) * SATURATION;
      const towards = DARK[c] + (BRIGHT[c] - DARK[c]) * tone;
      graded[p + c] = Math.max(0, Math.min(1, tone + hue + (towards - tone) * LEAN));
    }
  }
  return graded;
}

/** Puts the light back on, 8-bit sRGB. */
function underLight(colours, { shade }) {
  return Uint8ClampedArray.from(
    colours,
    (value, i) => 255 * encodeSrgb(Math.min(1, EXPOSURE * decodeSrgb(value) * Math.max(DARKEST, shade[i]))),
  );
}
