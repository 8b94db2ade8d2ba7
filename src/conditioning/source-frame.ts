import { BACKGROUND_DEPTH } from "../scene/engine-frame.js";
import { luminance, SRGB_TO_LINEAR } from "../scene/srgb.js";
import type { FrameGeometry } from "./geometry.js";

/** Shade is not divided out below this: near black, colour says nothing about a surface. */
export const SHADE_FLOOR = 0.02;

/** Depths agree within this much at rest: a share of the distance plus metres. */
const TOLERANCE_SHARE = 0.01;
const TOLERANCE_METRES = 0.02;
/** On a slope, a tap may lie this many pixels away from the point asked for. */
const TOLERANCE_PIXELS = 1.5;
/** A turn of the camera changes the depth of the background, which is not a place: any depth this far out agrees. */
const BACKGROUND_TOLERANCE = 0.9 * BACKGROUND_DEPTH;
/** Neighbours further apart than this share of their depth lie on two surfaces. */
const EDGE_SHARE = 0.05;

/** A remembered frame: colours freed of their light, and the geometry to find them again. */
export interface SourceFrame {
  readonly geometry: FrameGeometry;
  /** [H, W, 3] linear colour divided by the light that fell on it. */
  readonly albedo: Float32Array;
  /** [H, W] luminance of the light; 1 everywhere without a shade plane. */
  readonly light: Float32Array;
  /** [H, W] metres by which a depth may differ and still be this surface. */
  readonly tolerance: Float32Array;
  /** [H, W] 1 where an outline runs through the pixel, so that its colour mixes two surfaces. */
  readonly mixed: Uint8Array;
}

/** Remembers a picture (8-bit sRGB [H, W, 3]) with its geometry and the light (linear [H, W, 3]) that it was painted under. */
export function makeSourceFrame(
  geometry: FrameGeometry,
  rgb: Uint8Array,
  shade: Float32Array | undefined,
): SourceFrame {
  const pixels = geometry.width * geometry.height;
  const albedo = new Float32Array(pixels * 3);
  const light = new Float32Array(pixels).fill(1);
  if (!shade) for (let i = 0; i < albedo.length; i++) albedo[i] = SRGB_TO_LINEAR[rgb[i]];
  else {
    for (let i = 0; i < albedo.length; i++) albedo[i] = SRGB_TO_LINEAR[rgb[i]] / Math.max(shade[i], SHADE_FLOOR);
    for (let p = 0; p < pixels; p++) light[p] = luminance(shade[p * 3], shade[p * 3 + 1], shade[p * 3 + 2]);
  }
  return { geometry, albedo, light, ...surfaceMaps(geometry) };
}

/** Depth tolerance and outlines of a frame. */
function surfaceMaps({ width, height, depth, owner }: FrameGeometry): Pick<SourceFrame, "tolerance" | "mixed"> {
  const tolerance = new Float32Array(width * height);
  const mixed = new Uint8Array(width * height);
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      const z = depth[p];
      const left = x > 0 ? p - 1 : p + 1;
      const right = x < width - 1 ? p + 1 : p - 1;
      const up = y > 0 ? p - width : p + width;
      const down = y < height - 1 ? p + width : p - width;
      const dl = Math.abs(depth[left] - z);
      const dr = Math.abs(depth[right] - z);
      const du = Math.abs(depth[up] - z);
      const dd = Math.abs(depth[down] - z);
      // The flatter side is the surface's own slope; the steeper one may be its outline.
      const slope = Math.min(dl, dr) + Math.min(du, dd);
      tolerance[p] =
        z >= BACKGROUND_DEPTH
          ? BACKGROUND_TOLERANCE
          : TOLERANCE_METRES + TOLERANCE_SHARE * z + TOLERANCE_PIXELS * Math.min(slope, EDGE_SHARE * z);
      const o = owner[p];
      const jump = EDGE_SHARE * z + 2 * slope;
      if (
        dl > jump ||
        dr > jump ||
        du > jump ||
        dd > jump ||
        owner[left] !== o ||
        owner[right] !== o ||
        owner[up] !== o ||
        owner[down] !== o
      )
        mixed[p] = 1;
    }
  }
  return { tolerance, mixed };
}
