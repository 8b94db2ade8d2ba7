import type { EngineFrame } from "../scene/engine-frame.js";
import type { Scene } from "../scene/scene.js";
import { boneRadii, type Capsules, poseCapsules, restHeight } from "./capsules.js";
import type { OwnerTable } from "./owners.js";

/** Skin and clothes stand out of a capsule by up to this share of the character's height: 6 cm of 1.7 m. */
const CAPSULE_MARGIN_SHARE = 0.035;

/** What ownership needs of a scene, made once a shot. */
export interface OwnershipSetup {
  readonly scene: Scene;
  readonly table: OwnerTable;
  /** Radius of every bone, by character. */
  readonly radii: readonly Float32Array[];
  /** Metres by which each character may stand out of its capsules. */
  readonly capsuleMargins: readonly number[];
  /** Owner of each id of an owner-id plane; -1 - c where the nearest bone of character c must be found. */
  readonly ownerOfId: Int32Array;
}

/** Prepares ownership for a scene. */
export function makeOwnershipSetup(scene: Scene, table: OwnerTable): OwnershipSetup {
  const ownerOfId = new Int32Array(1 << 16);
  // Without an id of its own a thing is not in id planes, and 0 stays the static world's.
  scene.objects.forEach((object, index) => {
    if (object.ownerId !== 0) ownerOfId[object.ownerId] = table.objectOwner[index];
  });
  scene.characters.forEach((character, index) => {
    if (character.ownerId === 0) return;
    if (!character.ownerIdPerBone) ownerOfId[character.ownerId] = -1 - index;
    else
      character.bones.forEach((_, bone) => {
        ownerOfId[character.ownerId + bone] = table.firstBoneOwner[index] + bone;
      });
  });
  const capsuleMargins = scene.characters.map((character) => CAPSULE_MARGIN_SHARE * restHeight(character));
  return { scene, table, radii: scene.characters.map(boneRadii), capsuleMargins, ownerOfId };
}

/** The capsules of a frame's characters, undefined where the frame does not tell a pose. */
export function frameCapsules(setup: OwnershipSetup, frame: EngineFrame): readonly (Capsules | undefined)[] {
  return setup.scene.characters.map((character, index) => {
    const pose = frame.poses[index];
    return pose && poseCapsules(character, setup.radii[index], pose);
  });
}
