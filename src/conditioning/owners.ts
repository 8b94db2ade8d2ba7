import { mat4, type quat } from "gl-matrix";
import type { EngineFrame } from "../scene/engine-frame.js";
import type { Character, Scene } from "../scene/scene.js";

/** The static world's owner. */
export const WORLD = 0;

/** What a row of an owner table stands for. */
export type Owner =
  | { readonly kind: "world" }
  | { readonly kind: "object"; readonly object: number }
  | { readonly kind: "bone"; readonly character: number; readonly bone: number };

/**
 * Everything that a pixel's surface can move with, numbered: the world is 0, then the scene's objects, then every
 * bone of every character.
 */
export interface OwnerTable {
  readonly owners: readonly Owner[];
  /** The owner of the parent bone, -1 where there is none. */
  readonly parent: Int32Array;
  /** The first owner of the same character, or the owner itself: pixels of one group may stand in for each other. */
  readonly group: Int32Array;
  /** Owner of object i. */
  readonly objectOwner: Int32Array;
  /** Owner of bone 0 of character i; its other bones follow. */
  readonly firstBoneOwner: Int32Array;
}

/** Numbers a scene's owners. */
export function makeOwnerTable(scene: Scene): OwnerTable {
  const owners: Owner[] = [{ kind: "world" }];
  const objectOwner = Int32Array.from(scene.objects, (_, object) => owners.push({ kind: "object", object }) - 1);
  const firstBoneOwner = Int32Array.from(scene.characters, (character, index) => {
    const first = owners.length;
    for (const bone of character.bones.keys()) owners.push({ kind: "bone", character: index, bone });
    return first;
  });
  const parent = new Int32Array(owners.length).fill(-1);
  const group = Int32Array.from(owners.keys());
  owners.forEach((owner, index) => {
    if (owner.kind !== "bone") return;
    const first = firstBoneOwner[owner.character];
    const above = (scene.characters[owner.character] as Character).bones[owner.bone].parent;
    parent[index] = above < 0 ? -1 : first + above;
    group[index] = first;
  });
  return { owners, parent, group, objectOwner, firstBoneOwner };
}

/** Where every owner is at one tick. */
export interface OwnerTransforms {
  /** [owners, 16] owner-local to world, column-major. */
  readonly matrices: Float32Array;
  /** 1 where the frame tells the owner's place. */
  readonly present: Uint8Array;
}

/** Writes the local-to-world matrices of all owners in a frame; the world's is the identity. */
export function writeOwnerTransforms(
  table: OwnerTable,
  frame: EngineFrame,
  { matrices, present }: OwnerTransforms,
): void {
  const scratch = mat4.create();
  present.fill(0);
  table.owners.forEach((owner, index) => {
    if (owner.kind === "world") mat4.identity(scratch);
    else if (owner.kind === "object") {
      const transform = frame.objects[owner.object];
      if (!transform) return;
      mat4.copy(scratch, transform);
    } else {
      const pose = frame.poses[owner.character];
      if (!pose) return;
      const { bone } = owner;
      mat4.fromRotationTranslation(
        scratch,
        pose.rotations.subarray(bone * 4, bone * 4 + 4) as quat,
        pose.positions.subarray(bone * 3, bone * 3 + 3),
      );
    }
    matrices.set(scratch, index * 16);
    present[index] = 1;
  });
}
