import { depthReach } from "../scene/camera.js";
import { BACKGROUND_DEPTH } from "../scene/engine-frame.js";
import { luminance, SRGB_TO_LINEAR } from "../scene/srgb.js";
import { SHADE_FLOOR } from "./controls.js";
import type { FrameGeometry } from "./geometry.js";

/** Depths agree within this much at rest: a share of the distance (the view's height, where it is orthographic) plus metres. */
const TOLERANCE_SHARE = 0.01;
const TOLERANCE_METRES = 0.02;
/** On a slope, a tap may lie this many pixels away from the point asked for. */
const TOLERANCE_PIXELS = 1.5;
/** A turn of the camera changes the depth of the background, which is not a place: any depth this far out agrees. */
const BACKGROUND_TOLERANCE = 0.9 * BACKGROUND_DEPTH;
/** Neighbours further apart than this share of their depth (of the view's height) lie on two surfaces. */
const EDGE_SHARE = 0.05;

/** A remembered frame: colours freed of their light, and the geometry to find them again. */
export interface SourceFrame {
  readonly geometry: FrameGeometry;
  /** [H, W, 4] linear colour divided by the light that fell on it, and the luminance of that light (1 without a shade plane). */
  readonly paint: Float32Array;
  /** [H, W] metres by which a depth may differ and still be this surface. */
  readonly tolerance: Float32Array;
  /** [H, W] 1 where an outline runs through the pixel, so that its colour mixes two surfaces. */
  readonly mixed: Uint8Array;
  /** [H, W] how unlike the truth a guess may be (Correspondence.doubt), 0 in what is no guess. */
  readonly doubt: Uint8Array;
  readonly quads: Quads;
}

/** Of each pixel, its right and lower neighbours and the one between them, which a bilinear sample takes together. */
export interface Quads {
  /** [H, W] the owner of all four where no outline runs through any, else MIXED_QUAD. */
  readonly owner: Uint16Array;
  /** [H, W] metres: a depth from `near` to `far` agrees with all four. */
  readonly near: Float32Array;
  readonly far: Float32Array;
}

/** No owner: a quad's pixels belong to several surfaces. */
export const MIXED_QUAD = 0xffff;

/**
 * Remembers a picture (8-bit sRGB [H, W, 3]) with its geometry and the light (linear [H, W, 3]) that it was painted under; without
 * `doubt` none of it is a guess.
 */
export function makeSourceFrame(
  geometry: FrameGeometry,
  rgb: Uint8Array,
  shade: Float32Array | undefined,
  doubt = new Uint8Array(geometry.width * geometry.height),
): SourceFrame {
  const pixels = geometry.width * geometry.height;
  const paint = new Float32Array(pixels * 4);
  for (let p = 0, i = 0, o = 0; p < pixels; p++, i += 3, o += 4) {
    if (!shade) {
      paint[o] = SRGB_TO_LINEAR[rgb[i]];
      paint[o + 1] = SRGB_TO_LINEAR[rgb[i + 1]];
      paint[o + 2] = SRGB_TO_LINEAR[rgb[i + 2]];
      paint[o + 3] = 1;
      continue;
    }
    paint[o] = SRGB_TO_LINEAR[rgb[i]] / Math.max(shade[i], SHADE_FLOOR);
    paint[o + 1] = SRGB_TO_LINEAR[rgb[i + 1]] / Math.max(shade[i + 1], SHADE_FLOOR);
    paint[o + 2] = SRGB_TO_LINEAR[rgb[i + 2]] / Math.max(shade[i + 2], SHADE_FLOOR);
    paint[o + 3] = luminance(shade[i], shade[i + 1], shade[i + 2]);
  }
  const { tolerance, mixed } = surfaceMaps(geometry);
  return { geometry, paint, tolerance, mixed, doubt, quads: quadsOf(geometry, tolerance, mixed) };
}

function quadsOf({ width, height, depth, owner }: FrameGeometry, tolerance: Float32Array, mixed: Uint8Array): Quads {
  const pixels = width * height;
  const quads = { owner: new Uint16Array(pixels), near: new Float32Array(pixels), far: new Float32Array(pixels) };
  for (let row = 0, p = 0; row < height; row++) {
    const down = row < height - 1 ? width : 0;
    for (let column = 0; column < width; column++, p++) {
      const right = column < width - 1 ? 1 : 0;
      const b = p + right;
      const c = p + down;
      const d = c + right;
      const o = owner[p];
      const one = owner[b] === o && owner[c] === o && owner[d] === o && mixed[p] + mixed[b] + mixed[c] + mixed[d] === 0;
      quads.owner[p] = one ? o : MIXED_QUAD;
      if (!one) continue;
      quads.near[p] = Math.max(
        depth[p] - tolerance[p],
        depth[b] - tolerance[b],
        depth[c] - tolerance[c],
        depth[d] - tolerance[d],
      );
      quads.far[p] = Math.min(
        depth[p] + tolerance[p],
        depth[b] + tolerance[b],
        depth[c] + tolerance[c],
        depth[d] + tolerance[d],
      );
    }
  }
  return quads;
}

/** Depth tolerance and outlines of a frame. */
function surfaceMaps({
  width,
  height,
  depth,
  owner,
  intrinsics,
}: FrameGeometry): Pick<SourceFrame, "tolerance" | "mixed"> {
  const tolerance = new Float32Array(width * height);
  const mixed = new Uint8Array(width * height);
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      const z = depth[p];
      const reach = depthReach(intrinsics, z);
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
          : TOLERANCE_METRES + TOLERANCE_SHARE * reach + TOLERANCE_PIXELS * Math.min(slope, EDGE_SHARE * reach);
      const o = owner[p];
      const jump = EDGE_SHARE * reach + 2 * slope;
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
