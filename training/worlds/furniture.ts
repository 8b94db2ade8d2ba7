import { mat4 } from "gl-matrix";
import { type MeshBuilder, placed } from "./mesh.js";
import type { Random } from "./random.js";

/** A piece of furniture or nature, not yet placed. Its own space stands on y = 0. */
export interface Piece {
  /** Half of its footprint along x and z, metres. */
  readonly halfX: number;
  readonly halfZ: number;
  readonly top: number;
  /** Height of a level top that things may stand on, and how far around its middle. */
  readonly shelf?: { readonly height: number; readonly radius: number };
  readonly build: (builder: MeshBuilder, at: mat4) => void;
}

/** Gives a new material's index. */
export type NewMaterial = (muted: boolean) => number;

type Maker = (random: Random, material: NewMaterial) => Piece;

const within = (at: mat4, x: number, y: number, z: number, yaw = 0): mat4 =>
  mat4.multiply(mat4.create(), at, placed(x, y, z, yaw));

const table: Maker = (random, material) => {
  const [x, z] = [random.range(0.35, 0.9), random.range(0.3, 0.5)];
  const height = random.range(0.45, 0.85);
  const round = random.chance(0.3);
  const [top, leg] = [material(false), material(true)];
  const r = Math.min(x, z);
  return {
    halfX: round ? r : x,
    halfZ: round ? r : z,
    top: height,
    shelf: { height, radius: r * 0.7 },
    build: (b, at) => {
      if (round) {
        b.cylinder(r, 0.025, top, within(at, 0, height - 0.025, 0), 24);
        b.cylinder(0.05, height / 2 - 0.03, leg, within(at, 0, height / 2, 0), 10);
        b.cylinder(r * 0.5, 0.02, leg, within(at, 0, 0.02, 0), 16);
        return;
      }
      b.box([x, 0.025, z], top, within(at, 0, height - 0.025, 0));
      for (const sx of [-1, 1])
        for (const sz of [-1, 1])
          b.box([0.03, height / 2 - 0.02, 0.03], leg, within(at, sx * (x - 0.06), height / 2 - 0.02, sz * (z - 0.06)));
    },
  };
};

const chair: Maker = (random, material) => {
  const [seat, frame] = [material(false), material(true)];
  const wide = random.range(0.2, 0.26);
  const height = random.range(0.4, 0.5);
  return {
    halfX: wide,
    halfZ: wide,
    top: height * 2,
    shelf: { height: height + 0.06, radius: wide * 0.5 },
    build: (b, at) => {
      b.box([wide, 0.03, wide], seat, within(at, 0, height + 0.03, 0));
      b.box([wide, height * 0.45, 0.025], seat, within(at, 0, height * 1.6, -wide + 0.025));
      for (const sx of [-1, 1])
        for (const sz of [-1, 1])
          b.box([0.022, height / 2, 0.022], frame, within(at, sx * (wide - 0.03), height / 2, sz * (wide - 0.03)));
    },
  };
};

const sofa: Maker = (random, material) => {
  const x = random.range(0.5, 1.1);
  const cloth = material(false);
  const cushion = material(false);
  return {
    halfX: x,
    halfZ: 0.42,
    top: 0.85,
    shelf: { height: 0.48, radius: 0.2 },
    build: (b, at) => {
      b.box([x, 0.18, 0.42], cloth, within(at, 0, 0.18, 0));
      b.box([x - 0.16, 0.06, 0.34], cushion, within(at, 0, 0.42, 0.07));
      b.box([x, 0.425, 0.1], cloth, within(at, 0, 0.425, -0.32));
      for (const side of [-1, 1]) b.box([0.08, 0.3, 0.41], cloth, within(at, side * (x - 0.08), 0.3, 0));
    },
  };
};

const shelves: Maker = (random, material) => {
  const x = random.range(0.3, 0.8);
  const height = random.range(1, 2.1);
  const frame = material(true);
  const books = [material(false), material(false), material(false)];
  const floors = random.whole(2, 5);
  const fill = Array.from({ length: floors * 2 }, () => [random.range(0.3, 0.9), random.range(0.4, 0.8)]);
  return {
    halfX: x,
    halfZ: 0.16,
    top: height,
    build: (b, at) => {
      b.box([x, height / 2, 0.015], frame, within(at, 0, height / 2, -0.145));
      for (const side of [-1, 1])
        b.box([0.018, height / 2, 0.16], frame, within(at, side * (x - 0.018), height / 2, 0));
      const step = (height - 0.04) / floors;
      for (let i = 0; i <= floors; i++) b.box([x - 0.02, 0.016, 0.155], frame, within(at, 0, 0.02 + i * step, 0));
      for (const [i, [wide, high]] of fill.entries()) {
        const half = (x - 0.06) / 2;
        const side = i % 2 ? 1 : -1;
        b.box(
          [half * wide, (step * high) / 2, 0.1],
          books[i % 3],
          within(at, side * half, 0.036 + (i >> 1) * step + (step * high) / 2, -0.02),
        );
      }
    },
  };
};

const crates: Maker = (random, material) => {
  const half = random.range(0.18, 0.45);
  const count = random.whole(1, 3);
  const looks = Array.from({ length: count }, () => [material(false), random.range(-0.4, 0.4)]);
  const height = 2 * half * count;
  return {
    halfX: half * 1.15,
    halfZ: half * 1.15,
    top: height,
    shelf: { height, radius: half * 0.6 },
    build: (b, at) => {
      for (const [i, [look, yaw]] of looks.entries())
        b.box([half, half, half], look, within(at, 0, half * (2 * i + 1), 0, yaw));
    },
  };
};

const block: Maker = (random, material) => {
  const half = [random.range(0.15, 0.7), random.range(0.15, 1.1), random.range(0.15, 0.6)] as const;
  const look = material(random.chance(0.5));
  return {
    halfX: half[0],
    halfZ: half[2],
    top: half[1] * 2,
    shelf: { height: half[1] * 2, radius: Math.min(half[0], half[2]) * 0.7 },
    build: (b, at) => b.box(half, look, within(at, 0, half[1], 0)),
  };
};

const barrel: Maker = (random, material) => {
  const r = random.range(0.18, 0.4);
  const height = random.range(0.4, 1);
  const bulge = random.range(1, 1.2);
  const look = material(false);
  return {
    halfX: r * bulge,
    halfZ: r * bulge,
    top: height,
    shelf: { height, radius: r * 0.6 },
    build: (b, at) =>
      b.turned(
        [
          [r * 0.9, 0],
          [r * bulge, height * 0.3],
          [r * bulge, height * 0.7],
          [r * 0.9, height],
        ],
        look,
        at,
        20,
      ),
  };
};

const steps: Maker = (random, material) => {
  const count = random.whole(2, 5);
  const wide = random.range(0.5, 1.2);
  const [rise, tread] = [random.range(0.12, 0.2), random.range(0.24, 0.36)];
  const look = material(true);
  const half = (count * tread) / 2;
  return {
    halfX: wide,
    halfZ: half,
    top: rise * count,
    build: (b, at) => {
      for (let i = 0; i < count; i++) {
        const deep = half - (i * tread) / 2;
        b.box([wide, rise / 2, deep], look, within(at, 0, rise * (i + 0.5), -half + deep));
      }
    },
  };
};

/** A round or square column from the ground to `height`. */
export function column(random: Random, material: NewMaterial, height: number): Piece {
  const r = random.range(0.14, 0.3);
  const [shaft, base] = [material(true), material(true)];
  const square = random.chance(0.3);
  return {
    halfX: r * 1.4,
    halfZ: r * 1.4,
    top: height,
    build: (b, at) => {
      if (square) b.box([r, height / 2, r], shaft, within(at, 0, height / 2, 0));
      else b.cylinder(r, height / 2, shaft, within(at, 0, height / 2, 0), 20);
      for (const y of [0.08, height - 0.08]) b.box([r * 1.4, 0.08, r * 1.4], base, within(at, 0, y, 0));
    },
  };
}

const post: Maker = (random, material) => column(random, material, random.range(1.2, 3.2));

const tree: Maker = (random, material) => {
  const height = random.range(1.6, 4.5);
  const r = height * random.range(0.025, 0.045);
  const [bark, leaves] = [material(true), material(false)];
  const crowns = Array.from({ length: random.whole(1, 4) }, () => ({
    x: random.range(-0.16, 0.16) * height,
    y: random.range(0.72, 0.95) * height,
    z: random.range(-0.16, 0.16) * height,
    r: random.range(0.17, 0.3) * height,
  }));
  return {
    halfX: r * 2,
    halfZ: r * 2,
    top: height,
    build: (b, at) => {
      b.turned(
        [
          [r * 1.6, 0],
          [r, height * 0.12],
          [r * 0.7, height * 0.85],
        ],
        bark,
        at,
        12,
      );
      for (const c of crowns) b.ball([c.r, c.r * 0.8, c.r], leaves, within(at, c.x, c.y, c.z), 5);
    },
  };
};

const rock: Maker = (random, material) => {
  const half: [number, number, number] = [random.range(0.2, 0.7), random.range(0.15, 0.5), random.range(0.2, 0.7)];
  const look = material(true);
  return {
    halfX: half[0],
    halfZ: half[2],
    top: half[1] * 1.6,
    build: (b, at) => b.ball(half, look, within(at, 0, half[1] * 0.6, 0), 6),
  };
};

const fence: Maker = (random, material) => {
  const x = random.range(0.8, 1.8);
  const height = random.range(0.6, 1.2);
  const look = material(random.chance(0.5));
  const posts = random.whole(3, 9);
  return {
    halfX: x,
    halfZ: 0.05,
    top: height,
    build: (b, at) => {
      for (const y of [0.35, 0.8]) b.box([x, 0.035, 0.02], look, within(at, 0, y * height, 0.02));
      for (let i = 0; i < posts; i++)
        b.box([0.04, height / 2, 0.02], look, within(at, ((2 * i) / (posts - 1) - 1) * (x - 0.04), height / 2, -0.02));
    },
  };
};

/** A plinth with a cone or a ring on it; only in held-out worlds. */
export function sculpture(random: Random, material: NewMaterial): Piece {
  const half = random.range(0.18, 0.3);
  const height = random.range(0.4, 1);
  const [plinth, look] = [material(true), material(false)];
  const ring = random.chance(0.5);
  const size = random.range(0.2, 0.35);
  return {
    halfX: half,
    halfZ: half,
    top: height + 2 * size,
    build: (b, at) => {
      b.box([half, height / 2, half], plinth, within(at, 0, height / 2, 0));
      if (ring) {
        const upright = mat4.rotateX(mat4.create(), within(at, 0, height + size, 0), Math.PI / 2);
        b.torus(size * 0.75, size * 0.25, look, upright);
      } else
        b.turned(
          [
            [size, 0],
            [0, size * 2],
          ],
          look,
          within(at, 0, height, 0),
          20,
        );
    },
  };
}

const INDOORS: readonly Maker[] = [table, table, chair, chair, sofa, shelves, crates, block, barrel, steps];
const IN_COURTS: readonly Maker[] = [crates, crates, block, barrel, steps, post, tree, table, chair, fence];
const IN_FIELDS: readonly Maker[] = [tree, tree, tree, rock, rock, fence, fence, block, barrel, crates];

/** A random piece for a room, a court or a field. */
export function randomPiece(random: Random, material: NewMaterial, where: "room" | "court" | "field"): Piece {
  return random.pick(where === "room" ? INDOORS : where === "court" ? IN_COURTS : IN_FIELDS)(random, material);
}
