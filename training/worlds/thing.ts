import { mat4 } from "gl-matrix";
import type { SceneObject } from "playblast/scene/scene";
import type { Figure } from "./figure.js";
import { type Material, randomMaterial } from "./material.js";
import { type Mesh, MeshBuilder, placed } from "./mesh.js";
import { findSpot, type Place } from "./place.js";
import type { Random } from "./random.js";
import { carriedPath, type MatrixAt, makePath, PENDULUM_LINE, THING_PATHS, thrownPath } from "./thing-path.js";

/** A rigid thing that is declared in the scene. */
export interface Thing {
  readonly object: SceneObject;
  /** In its local space. */
  readonly mesh: Mesh;
  readonly matrixAt: MatrixAt;
  /** Of the ball around its body, metres. */
  readonly radius: number;
  /** Whether a figure holds it at first. */
  readonly held: boolean;
}

const SHAPES = ["box", "box", "cylinder", "ball", "jar", "stool", "cart", "tower"] as const;
/** Only in held-out worlds. */
const HELD_OUT_SHAPES = ["cone", "torus"] as const;
type Shape = (typeof SHAPES)[number] | (typeof HELD_OUT_SHAPES)[number];

/** Makes a free-standing or moving thing; undefined when there is no room for it. */
export function makeThing(
  random: Random,
  materials: Material[],
  place: Place,
  options: { id: string; ownerId: number; heldOut: boolean },
): Thing | undefined {
  const path = random.pick(THING_PATHS);
  const ball = path === "roll" || path === "bounce" || random.chance(0.15);
  const shape: Shape = ball
    ? "ball"
    : random.pick(options.heldOut ? [...SHAPES, ...HELD_OUT_SHAPES, ...HELD_OUT_SHAPES] : SHAPES);
  const builder = new MeshBuilder();
  const size = random.range(0.12, 0.4);
  buildShape(random, builder, materials, shape, size);
  const body = builder.bounds();
  const radius = ball ? size : Math.hypot(...[0, 1, 2].map((k) => Math.max(-body.min[k], body.max[k])));
  if (path === "pendulum") {
    const line = materials.push(randomMaterial(random, true)) - 1;
    builder.cylinder(0.014, PENDULUM_LINE / 2, line, placed(0, PENDULUM_LINE / 2, 0), 6);
  }
  const seat = -body.min[1];
  const shelf = path === "rest" && place.shelves.length > 0 && random.chance(0.5) ? random.pick(place.shelves) : null;
  const onShelf = shelf !== null && shelf.radius > size;
  const spot = onShelf ? shelf : findSpot(random, place, radius + 0.05, 0.3, 4.5);
  if (!spot) return undefined;
  const start = { x: spot.x, y: onShelf ? shelf.y : 0, z: spot.z, seat, radius };
  return finish(builder, options, makePath(random, path, start, place), radius, false);
}

/** Makes a thing in a figure's hand, or one that it throws. */
export function makeHandheld(
  random: Random,
  materials: Material[],
  place: Place,
  figure: Figure,
  options: { id: string; ownerId: number },
): Thing {
  const builder = new MeshBuilder();
  const thrown = figure.manner.motion === "throw";
  const size = random.range(0.07, 0.16);
  buildShape(random, builder, materials, thrown ? "ball" : random.pick(["box", "ball", "jar", "cylinder"]), size);
  const { min } = builder.bounds();
  const path = thrown ? thrownPath(random, figure, size, place) : carriedPath(figure, -min[1]);
  return finish(builder, options, path, size * 1.5, true);
}

function finish(
  builder: MeshBuilder,
  { id, ownerId }: { id: string; ownerId: number },
  matrixAt: MatrixAt,
  radius: number,
  held: boolean,
): Thing {
  const { min, max } = builder.bounds();
  return { object: { id, name: id, ownerId, min, max }, mesh: builder.mesh(), matrixAt, radius, held };
}

/** Builds a shape of about `size` metres from its middle to its sides around the origin. */
function buildShape(random: Random, b: MeshBuilder, materials: Material[], shape: Shape, size: number): void {
  const material = () => materials.push(randomMaterial(random, false)) - 1;
  const look = material();
  const stretch = () => size * random.range(0.6, 1.2);
  const high = stretch();
  switch (shape) {
    case "box":
      b.box([stretch(), high, stretch()], look);
      if (random.chance(0.3)) b.box([size * 0.3, size * 0.3, size * 0.3], material(), placed(0, high + size * 0.3, 0));
      break;
    case "cylinder":
      b.cylinder(size * 0.8, high, look, placed(0, 0, 0), 20);
      break;
    case "ball":
      b.ball([size, size, size], look, placed(0, 0, 0), 8);
      break;
    case "jar":
      b.turned(
        [
          [size * 0.5, -size],
          [size * 0.8, -size * 0.3],
          [size * 0.7, size * 0.3],
          [size * 0.3, size * 0.6],
          [size * 0.4, size],
        ],
        look,
        placed(0, 0, 0),
        20,
      );
      break;
    case "stool":
      b.cylinder(size * 0.8, size * 0.08, look, placed(0, size * 0.9, 0), 16);
      for (const [x, z] of [
        [0.5, 0.3],
        [-0.5, 0.3],
        [0, -0.55],
      ])
        b.box([size * 0.07, size * 0.91, size * 0.07], look, placed(x * size, -size * 0.09, z * size));
      break;
    case "cart": {
      const wheel = material();
      b.box([size * 0.6, size * 0.35, size], look, placed(0, 0.1 * size, 0));
      b.box([size * 0.5, size * 0.25, size * 0.5], material(), placed(0, size * 0.7, -size * 0.2));
      for (const x of [-1, 1])
        for (const z of [-1, 1]) {
          const at = mat4.rotateZ(mat4.create(), placed(x * size * 0.62, -size * 0.3, z * size * 0.6), Math.PI / 2);
          b.cylinder(size * 0.26, size * 0.08, wheel, at, 14);
        }
      break;
    }
    case "tower":
      for (const [i, wide] of [0.8, 0.6, 0.4].entries())
        b.box(
          [size * wide, size * 0.35, size * wide],
          i === 0 ? look : material(),
          placed(0, size * (0.7 * i - 0.7), 0, i * random.range(0, 1)),
        );
      break;
    case "cone":
      b.turned(
        [
          [size * 0.8, -high],
          [0, high],
        ],
        look,
        placed(0, 0, 0),
        24,
      );
      break;
    case "torus":
      b.torus(size * 0.75, size * 0.25, look);
      break;
  }
}
