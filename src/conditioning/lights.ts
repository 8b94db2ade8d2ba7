import type { mat4 } from "gl-matrix";
import type { Light } from "../scene/engine-frame.js";
import { luminance } from "../scene/srgb.js";

const AMBIENT = 0;
const DIRECTIONAL = 1;
const POSITIONAL = 2;

/** Lights in view space, LIGHT_NUMBERS each: kind, towards-the-light or position xyz, luminance, range. */
export function viewLights(lights: readonly Light[], view: mat4): Float64Array {
  const rows = lights.map((light) => {
    const strength = luminance(light.colour[0], light.colour[1], light.colour[2]);
    if (light.kind === "ambient") return [AMBIENT, 0, 0, 0, strength, 0];
    const [x, y, z] = light.kind === "directional" ? light.direction : light.position;
    const turned = [0, 1, 2].map((r) => view[r] * x + view[4 + r] * y + view[8 + r] * z);
    if (light.kind === "directional") {
      const length = Math.hypot(...turned) || 1;
      return [DIRECTIONAL, -turned[0] / length, -turned[1] / length, -turned[2] / length, strength, 0];
    }
    return [POSITIONAL, turned[0] + view[12], turned[1] + view[13], turned[2] + view[14], strength, light.range];
  });
  return Float64Array.from(rows.flat());
}
