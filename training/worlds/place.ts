import { mat4 } from "gl-matrix";
import { column, type NewMaterial, type Piece, randomPiece, sculpture } from "./furniture.js";
import { type Material, noise, randomMaterial } from "./material.js";
import { type Mesh, MeshBuilder, placed } from "./mesh.js";
import { type Floor, isFree, type Obstacle } from "./obstacle.js";
import type { Random } from "./random.js";

/** What every world may be. */
export const PLACES = ["court", "room", "field"] as const;
/** Held-out worlds may also be this. */
export const HELD_OUT_PLACE = "gallery";
export type PlaceKind = (typeof PLACES)[number] | typeof HELD_OUT_PLACE;

/** A level top that things may stand on, metres. */
export interface Shelf {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly radius: number;
}

/** The static part of a world. */
export interface Place extends Floor {
  readonly kind: PlaceKind;
  readonly indoors: boolean;
  readonly roofed: boolean;
  /** Ground and far scenery: throws no shadow. */
  readonly ground: Mesh;
  /** Walls and furniture. */
  readonly built: Mesh;
  readonly shelves: readonly Shelf[];
}

const WALL = 0.12;

/** A free point of ground for something of this radius; undefined when none is found. */
export function findSpot(
  random: Random,
  floor: Floor,
  radius: number,
  leastAway: number,
  mostAway = Infinity,
): { x: number; z: number } | undefined {
  for (let tries = 0; tries < 30; tries++) {
    const x = random.range(-1, 1) * Math.min(mostAway, floor.halfX - radius);
    const z = random.range(-1, 1) * Math.min(mostAway, floor.halfZ - radius);
    if (Math.hypot(x, z) >= leastAway && isFree(floor, x, z, radius)) return { x, z };
  }
  return undefined;
}

/** Makes a place; its materials are added to `materials`. */
export function makePlace(random: Random, materials: Material[], kind: PlaceKind, heldOut: boolean): Place {
  const material: NewMaterial = (muted) => materials.push(randomMaterial(random, muted)) - 1;
  const ground = new MeshBuilder();
  const built = new MeshBuilder();
  const obstacles: Obstacle[] = [];
  const shelves: Shelf[] = [];
  const indoors = kind === "room" || kind === "gallery";
  const halfX = kind === "field" ? 9 : random.range(3, indoors ? 5 : 6.5);
  const halfZ = kind === "gallery" ? random.range(5, 7) : kind === "field" ? 9 : random.range(3, indoors ? 5 : 6.5);
  const floor: Floor = { halfX, halfZ, obstacles };
  const roofed = indoors && random.chance(0.65);
  const wallHeight = indoors ? random.range(2.5, 3.6) : random.range(0.6, 3.2);
  const put = (piece: Piece, x: number, z: number, yaw: number): void => {
    piece.build(built, placed(x, 0, z, yaw));
    obstacles.push({ x, z, yaw, halfX: piece.halfX, halfZ: piece.halfZ, bottom: 0, top: piece.top });
    if (piece.shelf) shelves.push({ x, y: piece.shelf.height, z, radius: piece.shelf.radius });
  };

  layGround(random, ground, material, kind, floor);
  if (!indoors && random.chance(0.7)) addSkyline(random, ground, material);
  const count = indoors ? 4 : kind === "court" ? random.whole(1, 3) : 0;
  const sameWalls = random.chance(0.5) ? material(true) : -1;
  const openings = roofed ? random.whole(1, 3) : random.whole(0, 2);
  for (let i = 0; i < count; i++) {
    const yaw = (i * Math.PI) / 2;
    const along = i % 2 ? halfZ : halfX;
    const away = (i % 2 ? halfX : halfZ) + WALL;
    const at = placed(Math.sin(yaw) * away, 0, Math.cos(yaw) * away, yaw);
    const look = sameWalls < 0 ? material(true) : sameWalls;
    addWall(random, built, look, at, along + 2 * WALL, wallHeight, i < openings);
    if (indoors && random.chance(kind === "gallery" ? 1 : 0.5) && i >= openings)
      hangPictures(random, built, materials, at, along, wallHeight);
    obstacles.push({ x: at[12], z: at[14], yaw, halfX: along, halfZ: WALL, bottom: 0, top: wallHeight });
  }
  if (roofed) built.box([halfX + 2 * WALL, 0.1, halfZ + 2 * WALL], material(true), placed(0, wallHeight + 0.1, 0));
  if (kind === "gallery") {
    const look = column(random, material, wallHeight);
    for (const side of [-1, 1])
      for (let z = -halfZ + 1.2; z < halfZ - 0.8; z += 2.2) put(look, side * halfX * 0.6, z, 0);
  }
  const pieces = random.whole(3, kind === "field" ? 12 : 8);
  for (let i = 0; i < pieces; i++) {
    const where = kind === "gallery" ? "room" : kind;
    const piece = heldOut && random.chance(0.4) ? sculpture(random, material) : randomPiece(random, material, where);
    const spot = findSpot(random, floor, Math.hypot(piece.halfX, piece.halfZ) + 0.05, random.chance(0.25) ? 1 : 2.2);
    if (!spot) continue;
    // Mostly along the walls, its back to the nearest one.
    const square = indoors && random.chance(0.7);
    const toWall =
      halfX - Math.abs(spot.x) < halfZ - Math.abs(spot.z)
        ? (-Math.sign(spot.x) * Math.PI) / 2
        : spot.z > 0
          ? Math.PI
          : 0;
    put(piece, spot.x, spot.z, square ? toWall : random.range(0, 2 * Math.PI));
  }
  return { kind, indoors, roofed, halfX, halfZ, obstacles, shelves, ground: ground.mesh(), built: built.mesh() };
}

function layGround(random: Random, ground: MeshBuilder, material: NewMaterial, kind: PlaceKind, floor: Floor): void {
  const { halfX, halfZ } = floor;
  if (kind === "field") {
    const seed = random.whole(0, 1 << 20);
    const relief = random.range(0.3, 3.5);
    // Level where people walk, hilly around.
    const heightAt = (x: number, z: number): number => {
      const out = Math.min(1, Math.max(0, (Math.hypot(x, z) - 10) / 14));
      return out * out * (3 - 2 * out) * relief * (noise(x * 0.09, z * 0.09, seed) * 2 - 0.4);
    };
    ground.ground(56, 56, heightAt, material(true));
    return;
  }
  ground.box([60, 0.1, 60], material(true), placed(0, kind === "court" ? -0.1 : -0.14, 0));
  if (kind !== "court") ground.box([halfX + 2 * WALL, 0.1, halfZ + 2 * WALL], material(true), placed(0, -0.1, 0));
  if (random.chance(0.4)) {
    // A rug, or paving of another kind.
    const at = placed(random.range(-1, 1), 0.002, random.range(-1, 1), random.range(0, 3));
    ground.sheet(random.range(0.6, 1.8), random.range(0.6, 1.5), material(false), at);
  }
}

/** Houses far off. */
function addSkyline(random: Random, ground: MeshBuilder, material: NewMaterial): void {
  const looks = [material(true), material(true), material(true)];
  for (let i = random.whole(3, 12); i > 0; i--) {
    const angle = random.range(0, 2 * Math.PI);
    const away = random.range(17, 40);
    const half = [random.range(1.5, 5), random.range(2.5, 7), random.range(1.5, 5)] as const;
    const at = placed(Math.sin(angle) * away, half[1] - 2.5, Math.cos(angle) * away, random.range(0, 3));
    ground.box(half, random.pick(looks), at);
  }
}

/** A wall of half length `along`, maybe with a door or window in it. Its own space: x along, z through, on y = 0. */
function addWall(
  random: Random,
  built: MeshBuilder,
  look: number,
  at: mat4,
  along: number,
  height: number,
  opening: boolean,
): void {
  const piece = (left: number, right: number, low: number, high: number) =>
    built.box(
      [(right - left) / 2, (high - low) / 2, WALL],
      look,
      mat4.multiply(mat4.create(), at, placed((left + right) / 2, (low + high) / 2, 0)),
    );
  if (!opening || height < 1.8) {
    piece(-along, along, 0, height);
    return;
  }
  const half = Math.min(along - 0.6, random.range(0.45, 1.6));
  const middle = random.range(-1, 1) * (along - half - 0.5);
  const sill = random.chance(0.35) ? 0 : random.range(0.5, 1.1);
  const lintel = Math.min(height - 0.15, random.range(1.9, 2.6));
  piece(-along, middle - half, 0, height);
  piece(middle + half, along, 0, height);
  if (sill > 0) piece(middle - half, middle + half, 0, sill);
  piece(middle - half, middle + half, lintel, height);
}

/** Paintings on the inner side of a wall. */
function hangPictures(
  random: Random,
  built: MeshBuilder,
  materials: Material[],
  at: mat4,
  along: number,
  wallHeight: number,
): void {
  for (let x = -along + random.range(0.6, 1.2); x < along - 0.5; x += random.range(1.2, 2)) {
    const [wide, high] = [random.range(0.2, 0.5), random.range(0.2, 0.45)];
    const y = Math.min(wallHeight - high - 0.1, random.range(1.3, 1.7));
    const place = (z: number) => mat4.multiply(mat4.create(), at, placed(x, y, z));
    const frame = materials.push(randomMaterial(random, true)) - 1;
    const picture = materials.push({ ...randomMaterial(random, false), pattern: "picture" }) - 1;
    built.box([wide + 0.04, high + 0.04, 0.015], frame, place(-WALL - 0.01));
    built.box([wide, high, 0.015], picture, place(-WALL - 0.018));
  }
}
