import { mat4, quat, vec3 } from "gl-matrix";

/** Triangles with a smooth surface over them; outward faces turn counter-clockwise. */
export interface Mesh {
  /** [V, 3] metres. */
  readonly positions: Float32Array;
  /** [V, 3] unit normals. */
  readonly normals: Float32Array;
  /** [V, 2] metres on the surface. */
  readonly uvs: Float32Array;
  /** [T, 3]. */
  readonly indices: Uint32Array;
  /** [T] index into the world's materials. */
  readonly materials: Uint16Array;
}

/** One cross-section of a loft: an ellipse in a level plane, metres. */
export interface Ring {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly rx: number;
  readonly rz: number;
}

const IDENTITY = mat4.create();

/** A placement: `x`, `y`, `z` in metres, turned by `yaw` radians around Y. */
export function placed(x: number, y: number, z: number, yaw = 0): mat4 {
  return mat4.fromRotationTranslation(mat4.create(), quat.setAxisAngle(quat.create(), [0, 1, 0], yaw), [x, y, z]);
}

/** Builds a mesh from simple solids, each placed by a rigid matrix. */
export class MeshBuilder {
  readonly #positions: number[] = [];
  readonly #normals: number[] = [];
  readonly #uvs: number[] = [];
  readonly #indices: number[] = [];
  readonly #materials: number[] = [];

  get vertexCount(): number {
    return this.#positions.length / 3;
  }

  /** Place of a vertex. */
  position(vertex: number): vec3 {
    const p = this.#positions;
    return [p[vertex * 3], p[vertex * 3 + 1], p[vertex * 3 + 2]];
  }

  /** Corners of the box around all vertices from `first` on. */
  bounds(first = 0): { min: vec3; max: vec3 } {
    const min: vec3 = [Infinity, Infinity, Infinity];
    const max: vec3 = [-Infinity, -Infinity, -Infinity];
    for (let i = first * 3; i < this.#positions.length; i++) {
      min[i % 3] = Math.min(min[i % 3], this.#positions[i]);
      max[i % 3] = Math.max(max[i % 3], this.#positions[i]);
    }
    return { min, max };
  }

  /** A box of half extents `half`. */
  box(half: readonly [number, number, number], material: number, at: mat4 = IDENTITY): void {
    for (let axis = 0; axis < 3; axis++) {
      // Side faces have v upwards; the level faces lie in x and z.
      const v = axis === 1 ? 2 : 1;
      const u = 3 - axis - v;
      for (const side of [-1, 1]) {
        const first = this.vertexCount;
        for (const [cu, cv] of CORNERS) {
          const p = [0, 0, 0];
          p[axis] = side * half[axis];
          p[u] = cu * half[u];
          p[v] = cv * half[v];
          const n = [0, 0, 0];
          n[axis] = side;
          this.#vertex(p, n, cu * half[u], cv * half[v], at);
        }
        this.#quad(first, first + 1, first + 2, first + 3, material);
      }
    }
  }

  /** A level rectangle that is seen from above only. */
  sheet(halfX: number, halfZ: number, material: number, at: mat4 = IDENTITY): void {
    const first = this.vertexCount;
    for (const [x, z] of CORNERS) this.#vertex([x * halfX, 0, z * halfZ], [0, 1, 0], x * halfX, z * halfZ, at);
    this.#quad(first, first + 1, first + 2, first + 3, material);
  }

  /** An ellipsoid of half extents `half`, made of six curved squares, so that its pattern has no poles. */
  ball(half: readonly [number, number, number], material: number, at: mat4 = IDENTITY, divisions = 6): void {
    for (let axis = 0; axis < 3; axis++) {
      const u = (axis + 1) % 3;
      const v = (axis + 2) % 3;
      for (const side of [-1, 1]) {
        const first = this.vertexCount;
        for (let j = 0; j <= divisions; j++) {
          for (let i = 0; i <= divisions; i++) {
            const a = ((2 * i) / divisions - 1) * (Math.PI / 4);
            const b = ((2 * j) / divisions - 1) * (Math.PI / 4);
            const d = [0, 0, 0];
            d[axis] = side;
            d[u] = Math.tan(a);
            d[v] = Math.tan(b);
            const length = Math.hypot(d[0], d[1], d[2]);
            const p = d.map((value, k) => (value / length) * half[k]);
            const n = d.map((value, k) => value / length / half[k]);
            this.#vertex(p, n, a * half[u], b * half[v], at);
          }
        }
        this.#grid(first, divisions, divisions, () => material);
      }
    }
  }

  /**
   * A closed skin over cross-sections from one end to the other; `smooth` rounds it along its length too. `materialOf` is asked for
   * each band between ring i and i + 1.
   */
  loft(
    rings: readonly Ring[],
    segments: number,
    smooth: boolean,
    materialOf: (band: number) => number,
    at: mat4 = IDENTITY,
  ): void {
    const point = (ring: Ring, angle: number) => [
      ring.x + ring.rx * Math.sin(angle),
      ring.y,
      ring.z + ring.rz * Math.cos(angle),
    ];
    const wide = Math.max(...rings.map((ring) => (ring.rx + ring.rz) / 2));
    const last = rings.length - 1;
    const middle = { x: (rings[0].x + rings[last].x) / 2, y: (rings[0].y + rings[last].y) / 2 };
    const rowOf = (index: number, below: Ring, above: Ring) => {
      const ring = rings[index];
      for (let s = 0; s <= segments; s++) {
        // Angle 0 is the front (+z) and lies in the middle of u; the seam is behind.
        const angle = (s / segments) * 2 * Math.PI - Math.PI;
        const p = point(ring, angle);
        const low = point(below, angle);
        const high = point(above, angle);
        const round = [Math.cos(angle), 0, -Math.sin(angle)];
        if (ring.rx > 0 && ring.rz > 0) {
          round[0] *= ring.rx;
          round[2] *= ring.rz;
        }
        const n = vec3.cross(vec3.create(), round as vec3, [high[0] - low[0], high[1] - low[1], high[2] - low[2]]);
        const out = [Math.sin(angle), 0, Math.cos(angle)];
        let facing = n[0] * out[0] + n[2] * out[2];
        if (Math.abs(facing) < 1e-9) facing = n[1] * (p[1] - middle.y);
        vec3.scale(n, n, facing < 0 ? -1 : 1);
        this.#vertex(p, [n[0], n[1], n[2]], angle * wide, ring.y, at);
      }
    };
    if (smooth) {
      const first = this.vertexCount;
      for (let i = 0; i <= last; i++) rowOf(i, rings[Math.max(0, i - 1)], rings[Math.min(last, i + 1)]);
      this.#grid(first, segments, last, materialOf);
    } else {
      for (let i = 0; i < last; i++) {
        const first = this.vertexCount;
        rowOf(i, rings[i], rings[i + 1]);
        rowOf(i + 1, rings[i], rings[i + 1]);
        this.#grid(first, segments, 1, () => materialOf(i));
      }
    }
    for (const [index, beside] of [
      [0, 1],
      [last, last - 1],
    ]) {
      const ring = rings[index];
      if (ring.rx <= 0 || ring.rz <= 0) continue;
      const up = Math.sign(ring.y - rings[beside].y) || 1;
      const first = this.vertexCount;
      this.#vertex([ring.x, ring.y, ring.z], [0, up, 0], 0, 0, at);
      for (let s = 0; s <= segments; s++) {
        const angle = (s / segments) * 2 * Math.PI - Math.PI;
        const p = point(ring, angle);
        this.#vertex(p, [0, up, 0], p[0] - ring.x, p[2] - ring.z, at);
      }
      for (let s = 0; s < segments; s++)
        this.#triangle(first, first + 1 + s, first + 2 + s, materialOf(index === 0 ? 0 : last - 1));
    }
  }

  /** A body of rotation around Y through (radius, y) points, with sharp edges between its bands. */
  turned(profile: readonly (readonly [number, number])[], material: number, at: mat4 = IDENTITY, segments = 16): void {
    const rings = profile.map(([radius, y]) => ({ x: 0, y, z: 0, rx: radius, rz: radius }));
    this.loft(rings, segments, false, () => material, at);
  }

  /** A cylinder around Y. */
  cylinder(radius: number, halfHeight: number, material: number, at: mat4 = IDENTITY, segments = 16): void {
    this.turned(
      [
        [radius, -halfHeight],
        [radius, halfHeight],
      ],
      material,
      at,
      segments,
    );
  }

  /** A ring around Y. */
  torus(radius: number, thickness: number, material: number, at: mat4 = IDENTITY): void {
    const around = 20;
    const across = 10;
    const first = this.vertexCount;
    for (let j = 0; j <= across; j++) {
      const b = (j / across) * 2 * Math.PI;
      for (let i = 0; i <= around; i++) {
        const a = (i / around) * 2 * Math.PI;
        const n = [Math.cos(b) * Math.sin(a), Math.sin(b), Math.cos(b) * Math.cos(a)];
        const p = [n[0] * thickness + radius * Math.sin(a), n[1] * thickness, n[2] * thickness + radius * Math.cos(a)];
        this.#vertex(p, n, a * radius, b * thickness, at);
      }
    }
    this.#grid(first, around, across, () => material);
  }

  /** A square of level ground of half side `half` in `cells` x `cells` pieces, lifted by `heightAt`. */
  ground(half: number, cells: number, heightAt: (x: number, z: number) => number, material: number): void {
    const first = this.vertexCount;
    const slope = 0.05;
    for (let j = 0; j <= cells; j++) {
      for (let i = 0; i <= cells; i++) {
        const x = ((2 * i) / cells - 1) * half;
        const z = ((2 * j) / cells - 1) * half;
        const n = [
          heightAt(x - slope, z) - heightAt(x + slope, z),
          2 * slope,
          heightAt(x, z - slope) - heightAt(x, z + slope),
        ];
        this.#vertex([x, heightAt(x, z), z], n, x, z, IDENTITY);
      }
    }
    this.#grid(first, cells, cells, () => material);
  }

  mesh(): Mesh {
    return {
      positions: Float32Array.from(this.#positions),
      normals: Float32Array.from(this.#normals),
      uvs: Float32Array.from(this.#uvs),
      indices: Uint32Array.from(this.#indices),
      materials: Uint16Array.from(this.#materials),
    };
  }

  #vertex(p: readonly number[], n: readonly number[], u: number, v: number, at: mat4): void {
    const length = 1 / (Math.hypot(n[0], n[1], n[2]) || 1);
    this.#positions.push(
      at[0] * p[0] + at[4] * p[1] + at[8] * p[2] + at[12],
      at[1] * p[0] + at[5] * p[1] + at[9] * p[2] + at[13],
      at[2] * p[0] + at[6] * p[1] + at[10] * p[2] + at[14],
    );
    this.#normals.push(
      (at[0] * n[0] + at[4] * n[1] + at[8] * n[2]) * length,
      (at[1] * n[0] + at[5] * n[1] + at[9] * n[2]) * length,
      (at[2] * n[0] + at[6] * n[1] + at[10] * n[2]) * length,
    );
    this.#uvs.push(u, v);
  }

  #grid(first: number, columns: number, rows: number, materialOf: (row: number) => number): void {
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const a = first + j * (columns + 1) + i;
        this.#quad(a, a + 1, a + columns + 2, a + columns + 1, materialOf(j));
      }
    }
  }

  #quad(a: number, b: number, c: number, d: number, material: number): void {
    this.#triangle(a, b, c, material);
    this.#triangle(a, c, d, material);
  }

  /** Adds a triangle, turned so that it faces the way of its normals; one without area is left out. */
  #triangle(a: number, b: number, c: number, material: number): void {
    const p = this.#positions;
    const edge = (from: number, to: number): vec3 => [
      p[to * 3] - p[from * 3],
      p[to * 3 + 1] - p[from * 3 + 1],
      p[to * 3 + 2] - p[from * 3 + 2],
    ];
    const face = vec3.cross(vec3.create(), edge(a, b), edge(a, c));
    if (vec3.squaredLength(face) < 1e-14) return;
    const n = this.#normals;
    let facing = 0;
    for (const vertex of [a, b, c]) for (let k = 0; k < 3; k++) facing += face[k] * n[vertex * 3 + k];
    this.#indices.push(a, facing < 0 ? c : b, facing < 0 ? b : c);
    this.#materials.push(material);
  }
}

const CORNERS = [
  [-1, -1],
  [1, -1],
  [1, 1],
  [-1, 1],
] as const;
