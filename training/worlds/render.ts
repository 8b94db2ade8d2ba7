import type { vec3 } from "gl-matrix";
import { intrinsicsOf } from "playblast/scene/camera";
import { BACKGROUND_DEPTH, type Camera, type EngineFrame } from "playblast/scene/engine-frame";
import type { FrameSize } from "playblast/scene/picture";
import { encodeSrgbFast } from "playblast/scene/srgb";
import { cameraLens, draw, Viewer } from "./raster.js";
import { Shading } from "./shading.js";
import { type Sky, skyColour } from "./sky.js";
import { SunShadow } from "./sun-shadow.js";
import { FRAME_RATE, type World } from "./world.js";

/** Samples a pixel side of the antialiased planes. */
const SAMPLES = 2;

/** What is used again for every tick of a world at one size. */
class Studio {
  readonly viewer: Viewer;
  readonly shadow: SunShadow;
  readonly shading: Shading;
  readonly nearness: Float32Array;
  readonly entry: Int32Array;
  readonly sampleNearness: Float32Array;
  readonly sampleEntry: Int32Array;

  constructor(
    { soup, materials, reach }: World,
    readonly size: FrameSize,
  ) {
    const pixels = size.width * size.height;
    this.viewer = new Viewer(soup);
    this.shadow = new SunShadow(soup, reach);
    this.shading = new Shading(soup, materials, this.shadow);
    this.nearness = new Float32Array(pixels);
    this.entry = new Int32Array(pixels);
    this.sampleNearness = new Float32Array(pixels * SAMPLES * SAMPLES);
    this.sampleEntry = new Int32Array(pixels * SAMPLES * SAMPLES);
  }
}

const studios = new WeakMap<World, Studio>();

function studioOf(world: World, size: FrameSize): Studio {
  const known = studios.get(world);
  if (known && known.size.width === size.width && known.size.height === size.height) return known;
  const studio = new Studio(world, size);
  studios.set(world, studio);
  return studio;
}

/**
 * Renders one tick of a world: exact depth, owner ids and surface ids, one a material, at pixel centres, antialiased truth, light and albedo. The
 * truth is albedo times light plus highlights, so that its light plane explains it up to these; it is the engine's finished picture too.
 */
export function renderTick(world: World, tick: number, size: FrameSize): EngineFrame {
  const studio = studioOf(world, size);
  const { camera, soup, poses, objects, lights } = world.at(tick);
  const { viewer, shadow, shading, nearness, entry } = studio;
  const seen = viewer.look(soup, cameraLens(camera, size));
  draw(seen, 1, nearness, entry);
  const pixels = size.width * size.height;
  const depth = new Float32Array(pixels);
  const ownerId = new Uint16Array(pixels);
  const surfaceId = new Uint16Array(pixels);
  for (let p = 0; p < pixels; p++) {
    depth[p] = entry[p] < 0 ? BACKGROUND_DEPTH : 1 / nearness[p];
    if (entry[p] < 0) continue;
    const triangle = seen.triangle[entry[p]];
    ownerId[p] = soup.owners[triangle];
    surfaceId[p] = 1 + soup.materials[triangle];
  }
  draw(seen, SAMPLES, studio.sampleNearness, studio.sampleEntry);
  shadow.draw(soup, lights[0].direction);
  const m = camera.world;
  const eye: vec3 = [m[12], m[13], m[14]];
  shading.prepare(soup, seen, eye, lights);
  const { truth, shade, albedo } = paint(shading, world.sky, camera, size, studio.sampleEntry);
  const planes = { depth, ownerId, surfaceId, shade, albedo, colour: truth, truth };
  return { tick, time: tick / FRAME_RATE, camera, poses, objects, lights, ...planes };
}

function paint(
  shading: Shading,
  sky: Sky,
  camera: Camera,
  size: FrameSize,
  sampleEntry: Int32Array,
): { truth: Uint8Array; shade: Float32Array; albedo: Uint8Array } {
  const { width, height } = size;
  const { fx, fy, cx, cy } = intrinsicsOf(camera.projection, size);
  const m = camera.world;
  const truth = new Uint8Array(width * height * 3);
  const shade = new Float32Array(width * height * 3);
  const albedo = new Uint8Array(width * height * 3);
  const { colour, light, albedo: bare, sample } = shading;
  const sum = new Float64Array(6);
  /** The same of the albedo, over the share of the pixel that shows surfaces: the background has none. */
  const bareSum = new Float64Array(4);
  /** Adds what is seen `across` and `down` in a pixel to `sum`; `extent` is the sample's side in pixels. */
  const add = (entry: number, column: number, row: number, across: number, down: number, extent: number): void => {
    const x = column + across;
    const y = row + down;
    const kx = (x - cx) / fx;
    const ky = (cy - y) / fy;
    sample[0] = x;
    sample[1] = y;
    sample[2] = kx * m[0] + ky * m[4] - m[8];
    sample[3] = kx * m[1] + ky * m[5] - m[9];
    sample[4] = kx * m[2] + ky * m[6] - m[10];
    sample[5] = extent;
    if (entry < 0) {
      skyColour(sky, sample[2], sample[3], sample[4], colour);
      light[0] = light[1] = light[2] = 1;
    } else shading.shade(entry);
    const share = extent * extent;
    for (let c = 0; c < 3; c++) {
      sum[c] += colour[c] * share;
      sum[3 + c] += light[c] * share;
    }
    if (entry < 0) return;
    for (let c = 0; c < 3; c++) bareSum[c] += bare[c] * share;
    bareSum[3] += share;
  };
  const step = 1 / SAMPLES;
  for (let row = 0, p = 0; row < height; row++) {
    for (let column = 0; column < width; column++, p++) {
      const first = (row * SAMPLES * width + column) * SAMPLES;
      const entry = sampleEntry[first];
      let whole = true;
      for (let j = 0; j < SAMPLES; j++)
        for (let i = 0; i < SAMPLES; i++) if (sampleEntry[first + j * SAMPLES * width + i] !== entry) whole = false;
      sum.fill(0);
      bareSum.fill(0);
      // Textures are filtered over the sample, so that a pixel within one triangle needs only one.
      if (whole) add(entry, column, row, 0.5, 0.5, 1);
      else
        for (let j = 0; j < SAMPLES; j++)
          for (let i = 0; i < SAMPLES; i++)
            add(sampleEntry[first + j * SAMPLES * width + i], column, row, (i + 0.5) * step, (j + 0.5) * step, step);
      for (let c = 0; c < 3; c++) {
        truth[p * 3 + c] = (255 * encodeSrgbFast(sum[c]) + 0.5) | 0;
        shade[p * 3 + c] = sum[3 + c];
        if (bareSum[3] > 0) albedo[p * 3 + c] = (255 * encodeSrgbFast(bareSum[c] / bareSum[3]) + 0.5) | 0;
      }
    }
  }
  return { truth, shade, albedo };
}
