import { depthReach } from "../scene/camera.js";
import { BACKGROUND_DEPTH, type EngineFrame } from "../scene/engine-frame.js";
import { luminance } from "../scene/srgb.js";
import type { FrameGeometry } from "./geometry.js";

/** Depth in metres at which the inverse-depth map reads one half. */
const HALF_DEPTH = 3;
/** Neighbours further apart than this share of their depth (of an orthographic view's height) lie on two surfaces. */
const EDGE_SHARE = 0.05;
/** Distance in metres at which a point light has its nominal strength. */
const LAMP_DISTANCE = 1;

/**
 * Writes the control maps of a frame into `out` at `offset`, planar: inverse depth 3 / (3 + z) in 0..1, unit
 * normals in view space (from a normal plane, else from depth; (0, 0, 1) on the background), and the light of all lights that
 * meets the surface without shadows, in 0..1.
 */
export function writeControlMaps(frame: EngineFrame, geometry: FrameGeometry, out: Float32Array, offset: number): void {
  const { width, height, depth, view } = geometry;
  const { fx, fy, cx, cy, orthographic } = geometry.intrinsics;
  const pixels = width * height;
  const nx = offset + pixels;
  const ny = nx + pixels;
  const nz = ny + pixels;
  const lambert = nz + pixels;
  const lights = viewLights(frame, geometry);
  const lit = frame.lights.length > 0;
  for (let row = 0, p = 0; row < height; row++) {
    const ky = -(row + 0.5 - cy) / fy;
    for (let column = 0; column < width; column++, p++) {
      const z = depth[p];
      out[offset + p] = HALF_DEPTH / (HALF_DEPTH + z);
      if (z >= BACKGROUND_DEPTH) {
        out[nx + p] = 0;
        out[ny + p] = 0;
        out[nz + p] = 1;
        out[lambert + p] = lit ? 1 : 0;
        continue;
      }
      const kx = (column + 0.5 - cx) / fx;
      let x: number;
      let y: number;
      let n: number;
      if (frame.normal) {
        const wx = frame.normal[p * 3];
        const wy = frame.normal[p * 3 + 1];
        const wz = frame.normal[p * 3 + 2];
        x = view[0] * wx + view[4] * wy + view[8] * wz;
        y = view[1] * wx + view[5] * wy + view[9] * wz;
        n = view[2] * wx + view[6] * wy + view[10] * wz;
      } else {
        // The neighbour that is nearer in depth lies on the same surface.
        const zl = column > 0 ? depth[p - 1] : 1e9;
        const zr = column < width - 1 ? depth[p + 1] : 1e9;
        const zu = row > 0 ? depth[p - width] : 1e9;
        const zd = row < height - 1 ? depth[p + width] : 1e9;
        const useRight = Math.abs(zr - z) <= Math.abs(zl - z);
        const useDown = Math.abs(zd - z) <= Math.abs(zu - z);
        let gx = useRight ? zr - z : z - zl;
        let gy = useDown ? z - zd : zu - z;
        const most = EDGE_SHARE * depthReach(geometry.intrinsics, z);
        if (gx > most || gx < -most) gx = 0;
        if (gy > most || gy < -most) gy = 0;
        // The cross product of the differences of the view position (kx z, ky z, -z), or (kx, ky, -z), times fx fy / z.
        x = gx * fx;
        y = gy * fy;
        n = orthographic ? 1 : z + kx * x + ky * y;
      }
      const scale = 1 / (Math.sqrt(x * x + y * y + n * n) || 1);
      x *= scale;
      y *= scale;
      n *= scale;
      out[nx + p] = x;
      out[ny + p] = y;
      out[nz + p] = n;
      let sum = 0;
      const k = orthographic ? 1 : z;
      for (let l = 0; l < lights.length; l += 6) {
        const strength = lights[l + 4];
        if (lights[l] === AMBIENT) sum += strength;
        else if (lights[l] === DIRECTIONAL) {
          const d = x * lights[l + 1] + y * lights[l + 2] + n * lights[l + 3];
          if (d > 0) sum += strength * d;
        } else {
          const tx = lights[l + 1] - kx * k;
          const ty = lights[l + 2] - ky * k;
          const tz = lights[l + 3] + z;
          const squared = tx * tx + ty * ty + tz * tz;
          const range = lights[l + 5];
          if (range > 0 && squared > range * range) continue;
          const d = x * tx + y * ty + n * tz;
          if (d > 0) sum += (strength * d) / (Math.sqrt(squared) * (LAMP_DISTANCE + squared));
        }
      }
      out[lambert + p] = Math.min(sum, 1);
    }
  }
}

const AMBIENT = 0;
const DIRECTIONAL = 1;
const POSITIONAL = 2;

/** Lights in view space, six numbers each: kind, towards-the-light or position xyz, luminance, range. */
function viewLights(frame: EngineFrame, { view }: FrameGeometry): Float64Array {
  const rows = frame.lights.map((light) => {
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
