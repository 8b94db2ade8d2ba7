import type { quat, vec3 } from "gl-matrix";

/** What a shot's frames speak of, declared once. Right-handed, Y up, metres. */
export interface Scene {
  readonly characters: readonly Character[];
  readonly objects: readonly SceneObject[];
  /** Clip distances of the camera in metres, near < far; near is above 0 unless cameras are orthographic. */
  readonly near: number;
  readonly far: number;
}

/** One skeleton; bone 0 is a root, parents come before children. */
export interface Character {
  readonly id: string;
  readonly bones: readonly Bone[];
  /** Value in owner-id planes, above 0. With `ownerIdPerBone`, bone i has `ownerId + i`. */
  readonly ownerId: number;
  readonly ownerIdPerBone: boolean;
}

/** One bone of a character. */
export interface Bone {
  readonly name: string;
  /** Index of the parent bone, -1 for a root. */
  readonly parent: number;
  /** Rest pose in the parent's space. */
  readonly restPosition: vec3;
  readonly restRotation: quat;
  /** Name in the humanoid profile that Unity and Godot share, or "". */
  readonly humanoid: string;
  /** Radius in metres of the capsule around the bone; 0 means not told. */
  readonly radius: number;
}

/** One rigid thing that may move. */
export interface SceneObject {
  readonly id: string;
  readonly name: string;
  /** Corners of its box in its local space. */
  readonly min: vec3;
  readonly max: vec3;
  /** Value in owner-id planes, above 0. */
  readonly ownerId: number;
}
