import type { Clip } from "../dataset/write-clip.js";

/** What all pictures of a clip are turned into, the first frame and the truth alike: as recorded, a strong grade, flat tones. */
export const LOOKS = ["engine", "graded", "toon"] as const;
export type Look = (typeof LOOKS)[number];

/** Teal in the shadows, orange in the lights: what each of red, green and blue takes from red, green and blue. */
const GRADE = [1.15, 0.05, -0.1, 0.05, 0.95, 0.05, -0.15, 0.15, 0.85];
const GRADE_LIFT = [-12, 4, 26];
/** Tones a channel in the flat look, with soft steps between them: hard ones would alias, which nobody can predict. */
const TONES = 5;
const STEEPNESS = 8;

/** The same clip in another look; each pixel's new colour depends on its old colour alone. */
export function inLook(clip: Clip, look: Look): Clip {
  if (look === "engine") return clip;
  const turn = look === "graded" ? graded : flat;
  async function* frames() {
    for await (const frame of clip.frames) yield frame.truth ? { ...frame, truth: turn(frame.truth) } : frame;
  }
  return { ...clip, frames: frames() };
}

function graded(rgb: Uint8Array): Uint8Array {
  const out = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i += 3) {
    for (let c = 0; c < 3; c++) {
      const value = GRADE[3 * c] * rgb[i] + GRADE[3 * c + 1] * rgb[i + 1] + GRADE[3 * c + 2] * rgb[i + 2];
      out[i + c] = Math.max(0, Math.min(255, Math.round(value + GRADE_LIFT[c] * (1 - value / 255))));
    }
  }
  return out;
}

const FLAT = Uint8Array.from({ length: 256 }, (_, value) => {
  const x = (value / 255) * TONES;
  const step = Math.min(TONES - 1, Math.floor(x));
  const soft = 1 / (1 + Math.exp(-STEEPNESS * (x - step - 0.5)));
  return Math.round((255 * (step + soft)) / TONES);
});

function flat(rgb: Uint8Array): Uint8Array {
  return rgb.map((value) => FLAT[value]);
}
