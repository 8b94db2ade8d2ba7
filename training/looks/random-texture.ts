import type { Random } from "../worlds/random.js";
import { grainAt } from "./grain.js";
import { type Lines, lineCover } from "./lines.js";
import type { LookStep } from "./random-palette.js";
import { brightness } from "./surfaces.js";

/** What a look draws on surfaces that the engine does not: hatching, grain of paper or canvas, stipple. It lies on them as they move. */
export function randomTexture(random: Random): LookStep {
  const kind = random.unit();
  if (kind < 0.45) return hatching(random);
  if (kind < 0.75) return grain(random);
  return stipple(random);
}

function hatching(random: Random): LookStep {
  const lines = (turn: number): Lines => ({
    spacing: random.range(0.06, 0.5),
    slant: [Math.cos(turn), Math.sin(turn)],
  });
  const turn = random.range(0, Math.PI);
  const layers = [lines(turn), ...(random.chance(0.35) ? [lines(turn + random.range(0.6, 2.4))] : [])];
  const least = random.range(0, 0.25);
  const most = random.range(0.35, 0.8);
  const strength = random.range(-0.4, 0.7);
  return (colours, surfaces) => {
    for (let p = 0; p < surfaces.extent.length; p++) {
      const ink = least + (most - least) * (1 - Math.max(0, Math.min(1, brightness(colours, p))));
      for (const layer of layers) shaded(colours, p, strength * lineCover(surfaces, p, ink, layer));
    }
  };
}

function grain(random: Random): LookStep {
  const scale = random.range(0.05, 0.5);
  const strength = random.range(0.03, 0.25);
  const tint = [0, 1, 2].map(() => random.range(0.6, 1.2));
  return (colours, surfaces) => {
    for (let p = 0; p < surfaces.extent.length; p++) {
      const value = strength * grainAt(surfaces, p, scale);
      for (let c = 0; c < 3; c++) colours[3 * p + c] += value * tint[c];
    }
  };
}

/** Spots where grain is strong, more of them where it is dark. */
function stipple(random: Random): LookStep {
  const scale = random.range(0.05, 0.25);
  const strength = random.range(-0.35, 0.6);
  const edge = random.range(2, 8);
  return (colours, surfaces) => {
    for (let p = 0; p < surfaces.extent.length; p++) {
      const ink = grainAt(surfaces, p, scale) + 0.3 - brightness(colours, p);
      shaded(colours, p, strength * (0.5 + 0.5 * Math.tanh(edge * ink)));
    }
  };
}

/** Darkens a pixel by a share; brightens it by one below 0. */
function shaded(colours: Float32Array, p: number, share: number): void {
  for (let i = 3 * p; i < 3 * p + 3; i++) colours[i] += share > 0 ? -share * colours[i] : -share * (1 - colours[i]);
}
