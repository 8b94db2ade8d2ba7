import type { KernelMemory } from "./kernels.js";

/** The fields of the kernels' structs in order, each a 32-bit number: kernels/layout.ts, to which a test holds them. */
export const STRUCTS = {
  Shot: [
    "width",
    "height",
    "owners",
    "parent",
    "group",
    "ownerOfId",
    "firstBone",
    "linear",
    "encoded",
    "shares",
    "stops",
  ],
  Layer: ["source", "x", "y", "taps", "trust"],
  Geometry: ["lens", "world", "view", "transforms", "present", "toLocal", "toView", "depth", "owner"],
  Source: [
    "geometry",
    "paint",
    "transfer",
    "tolerance",
    "mixed",
    "doubt",
    "quadOwner",
    "quadNear",
    "quadFar",
    "curves",
  ],
  Pattern: ["facing", "numbers", "shifts", "shiftCount", "unlike", "reachU", "reachV", "bits"],
  Search: [
    "source",
    "facing",
    "normals",
    "across",
    "up",
    "picks",
    "order",
    "spareOrder",
    "keys",
    "spareKeys",
    "groupCount",
    "groups",
    "axes",
    "planes",
  ],
  Transfer: ["tables", "base", "engine", "around", "facing", "place", "rings", "surfaces", "space"],
  Look: ["source", "patterns", "patternCount", "rank"],
  Solid: ["owner", "character", "left", "right", "top", "bottom", "numbers"],
  Frame: [
    "geometry",
    "ids",
    "shade",
    "normal",
    "albedo",
    "colour",
    "surfaceIds",
    "engine",
    "transfer",
    "learnt",
    "fade",
    "guesses",
    "sourceCount",
    "lookCount",
    "hasNewest",
    "look",
    "sources",
    "matrices",
    "known",
    "tileOwner",
    "tileNear",
    "tileFar",
    "outside",
    "counts",
    "anchor",
    "memory",
    "covered",
    "certain",
    "seen",
    "doubt",
    "from",
    "patternOf",
    "distance",
    "surface",
    "list",
    "queue",
    "done",
    "settled",
    "lastSeen",
    "outlines",
    "trust",
    "control",
    "lights",
    "lightCount",
    "capsules",
    "capsuleBones",
    "firstCapsule",
    "solids",
    "solidCount",
  ],
} as const;

/** A struct's name. */
export type StructName = keyof typeof STRUCTS;
/** What a struct's field may be set to: an array of kernel memory or a struct by its address, a number, or nothing (0). */
export type FieldValue = { readonly byteOffset: number } | number | undefined;
/** Values of a struct's fields. */
export type Fields<Name extends StructName> = Readonly<Record<(typeof STRUCTS)[Name][number], FieldValue>>;

/** A struct in kernel memory. */
export interface Struct<Name extends StructName> {
  /** Its address. */
  readonly byteOffset: number;
  /** Changes some fields. */
  set(fields: Partial<Fields<Name>>): void;
}

/** Makes a struct. */
export function makeStruct<Name extends StructName>(
  memory: KernelMemory,
  name: Name,
  fields: Fields<Name>,
): Struct<Name> {
  const names: readonly string[] = STRUCTS[name];
  const values = memory.i32(names.length);
  const set = (changed: Partial<Fields<Name>>) => {
    for (const [field, value] of Object.entries(changed) as [string, FieldValue][]) {
      values[names.indexOf(field)] = typeof value === "number" ? value : (value?.byteOffset ?? 0);
    }
  };
  set(fields);
  return { byteOffset: values.byteOffset, set };
}
