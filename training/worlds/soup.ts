import type { mat4 } from "gl-matrix";
import type { Mesh } from "./mesh.js";
import type { Soup } from "./raster.js";

/** Puts meshes together into one soup. */
export class SoupBuilder {
  readonly #meshes: { mesh: Mesh; ownerOf: (triangle: number) => number; shadows: boolean }[] = [];
  #vertices = 0;

  /** Adds a mesh; returns the index of its first vertex in the soup. */
  add(mesh: Mesh, ownerOf: (triangle: number) => number, shadows: boolean): number {
    this.#meshes.push({ mesh, ownerOf, shadows });
    const first = this.#vertices;
    this.#vertices += mesh.positions.length / 3;
    return first;
  }

  soup(): Soup {
    const triangles = this.#meshes.reduce((sum, { mesh }) => sum + mesh.materials.length, 0);
    const soup: Soup = {
      positions: new Float32Array(this.#vertices * 3),
      normals: new Float32Array(this.#vertices * 3),
      uvs: new Float32Array(this.#vertices * 2),
      indices: new Uint32Array(triangles * 3),
      materials: new Uint16Array(triangles),
      owners: new Uint16Array(triangles),
      shadows: new Uint8Array(triangles),
    };
    let vertex = 0;
    let triangle = 0;
    for (const { mesh, ownerOf, shadows } of this.#meshes) {
      const count = mesh.materials.length;
      soup.positions.set(mesh.positions, vertex * 3);
      soup.normals.set(mesh.normals, vertex * 3);
      soup.uvs.set(mesh.uvs, vertex * 2);
      for (let i = 0; i < mesh.indices.length; i++) soup.indices[triangle * 3 + i] = mesh.indices[i] + vertex;
      soup.materials.set(mesh.materials, triangle);
      for (let i = 0; i < count; i++) soup.owners[triangle + i] = ownerOf(i);
      soup.shadows.fill(shadows ? 1 : 0, triangle, triangle + count);
      vertex += mesh.positions.length / 3;
      triangle += count;
    }
    return soup;
  }
}

/** Writes a rigid mesh, placed by `m`, over the vertices of a soup from `first` on. */
export function moveMesh(mesh: Mesh, m: mat4, soup: Soup, first: number): void {
  const { positions, normals } = mesh;
  for (let i = 0, o = first * 3; i < positions.length; i += 3, o += 3) {
    const x = positions[i];
    const y = positions[i + 1];
    const z = positions[i + 2];
    const nx = normals[i];
    const ny = normals[i + 1];
    const nz = normals[i + 2];
    for (let k = 0; k < 3; k++) {
      soup.positions[o + k] = m[k] * x + m[4 + k] * y + m[8 + k] * z + m[12 + k];
      soup.normals[o + k] = m[k] * nx + m[4 + k] * ny + m[8 + k] * nz;
    }
  }
}
