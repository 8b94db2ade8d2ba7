/** Teal in the shadows, orange in the lights: what each of red, green and blue takes from red, green and blue. */
const GRADE = [1.15, 0.05, -0.1, 0.05, 0.95, 0.05, -0.15, 0.15, 0.85];
const GRADE_LIFT = [-12, 4, 26];
/** Tones a channel in the flat look, and how steep their borders are. */
const TONES = 5;
const STEEPNESS = 8;

/** A strong grade of an 8-bit picture. */
export function grade(rgb: Uint8Array): Uint8Array {
  const out = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i += 3) {
    for (let c = 0; c < 3; c++) {
      const value = GRADE[3 * c] * rgb[i] + GRADE[3 * c + 1] * rgb[i + 1] + GRADE[3 * c + 2] * rgb[i + 2];
      out[i + c] = Math.max(0, Math.min(255, Math.round(value + GRADE_LIFT[c] * (1 - value / 255))));
    }
  }
  return out;
}

const FLAT = Uint8Array.from({ length: 256 }, (_, value) => Math.round(255 * stepped(value / 255, TONES)));

/** A value in 0..1 in so many even steps with soft borders: hard ones would alias, which nobody can predict. */
export function stepped(value: number, steps: number): number {
  const step = Math.min(steps - 1, Math.floor(value * steps));
  return (step + 1 / (1 + Math.exp(-STEEPNESS * (value * steps - step - 0.5)))) / steps;
}

/** Few flat tones a channel. */
export function toon(rgb: Uint8Array): Uint8Array {
  return rgb.map((value) => FLAT[value]);
}
