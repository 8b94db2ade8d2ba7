import { depthReach, type Intrinsics } from "../scene/camera.js";
import { GUESS_DOUBT, LIGHT_DOUBT, OUTLINE_DOUBT } from "./controls.js";
import type { FrameGeometry } from "./geometry.js";
import type { Correspondence } from "./world-cache.js";

/** Neighbours further apart than this share of the nearer one's depth (of an orthographic view's height) have an outline between them. */
const OUTLINE_JUMP = 0.06;

/** Marks [H, W] with 1 the pixels beside another owner or a jump in depth, whose colours mix two surfaces. */
export function markOutlines({ width, height, depth, owner, intrinsics }: FrameGeometry, outlines: Uint8Array): void {
  outlines.fill(0);
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      if (x + 1 < width && isOutline(depth, owner, intrinsics, p, p + 1)) outlines[p] = outlines[p + 1] = 1;
      if (y + 1 < height && isOutline(depth, owner, intrinsics, p, p + width)) outlines[p] = outlines[p + width] = 1;
    }
  }
}

function isOutline(depth: Float32Array, owner: Uint16Array, intrinsics: Intrinsics, p: number, q: number): boolean {
  const a = depth[p];
  const b = depth[q];
  return owner[p] !== owner[q] || Math.abs(a - b) > OUTLINE_JUMP * depthReach(intrinsics, Math.min(a, b));
}

/**
 * Writes how far the filled warp can be believed, 0..1, into `trust` [H, W]: the trust of the first frame's answer, less on outlines and where light
 * moved. Where the first frame has no answer the colour is a guess, whether made now or remembered, and as good as its doubt says.
 *
 * @param stops - [H, W] light now over the light of the source, in powers of two.
 */
export function writeTrustInWarp(
  { anchor, doubt }: Correspondence,
  outlines: Uint8Array,
  stops: Float32Array,
  trust: Float32Array,
): void {
  for (let p = 0; p < trust.length; p++) {
    const moved = Math.min(1, Math.abs(stops[p]));
    const answer = anchor.trust[p] > 0 ? anchor.trust[p] / 255 : 1 - (GUESS_DOUBT * doubt[p]) / 255;
    trust[p] = answer * (1 - LIGHT_DOUBT * moved) * (1 - OUTLINE_DOUBT * outlines[p]);
  }
}
