import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { BAND_COUNTS, MOST_SOURCES, TILE } from "../../src/conditioning/frame-room.js";
import { STRUCTS } from "../../src/conditioning/structs.js";

const LAYOUT = readFileSync(new URL("../../src/conditioning/kernels/layout.ts", import.meta.url), "utf8");

/** Fields of a class of the kernels' layout, in order, with their types. */
function fieldsOf(name: string): readonly (readonly [string, string])[] {
  const [, body = ""] = LAYOUT.match(new RegExp(`class ${name} \\{\\n([^]*?)\\n\\}`)) ?? [];
  return [...body.matchAll(/^ {2}(\w+): (\w+);/gm)].map(([, field, type]) => [field, type] as const);
}

it.each(Object.entries(STRUCTS))(
  "the kernels' struct %s has the fields that TypeScript writes, in their order",
  (name, fields) => {
    expect(fieldsOf(name).map(([field]) => field)).toEqual(fields);
    // Addresses and whole numbers: each takes 32 bits.
    expect(fieldsOf(name).filter(([, type]) => ["f64", "f32", "i64", "u64", "u8", "u16"].includes(type))).toEqual([]);
  },
);

it("the numbers that kernels and TypeScript share are the same", () => {
  const constant = (name: string) => LAYOUT.match(new RegExp(`const ${name}: i32 = ([^;]+);`))?.[1];
  expect(constant("TILE")).toBe(String(TILE));
  expect(constant("MOST_SOURCES")).toBe(String(MOST_SOURCES));
  expect(constant("COUNTS")).toBe("1 + 2 * MOST_SOURCES");
  expect(BAND_COUNTS).toBe(1 + 2 * MOST_SOURCES);
});
