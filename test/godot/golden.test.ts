import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { decodeRequest, decodeResponse } from "../../src/protocol/codec.js";
import { generateGdscript } from "../../src/protocol/gdscript/generate.js";
import { encodeGolden, GOLDEN_MESSAGES, type GoldenMessage, NEWER_MESSAGES } from "./golden-messages.js";

const GOLDEN_FILE = fileURLToPath(new URL("golden/messages.json", import.meta.url));
const CODEC_FILE = fileURLToPath(
  new URL("../../plugins/godot/addons/playblast/protocol/playblast_protocol.gd", import.meta.url),
);

/** One entry of the file, readable by any language. */
interface GoldenEntry {
  readonly says: string;
  readonly type: GoldenMessage["type"];
  readonly hex: string;
  readonly message: unknown;
  /** Holds unknown fields, so that writing it again gives other bytes. */
  readonly read_only?: true;
}

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/**
 * A message as the file and the GDScript codec hold it: the .proto files' names, a oneof as the one key that is set, bytes
 * as {"hex": ...}, a number that JSON lacks as {"number": ...}, defaults left out.
 */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString("hex") };
  if (typeof value === "number") return Number.isFinite(value) ? value : { number: String(value) };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, held]): [string, unknown][] => {
    if (held?.$case) return [[snake(held.$case), plain(held.value)]];
    const isDefault = held === undefined || held === 0 || held === false || held?.length === 0;
    return isDefault ? [] : [[snake(key), plain(held)]];
  });
  return Object.fromEntries(entries);
}

function decode({ type, hex }: { type: GoldenMessage["type"]; hex: string }) {
  const bytes = Buffer.from(hex, "hex");
  return type === "StreamShotRequest" ? decodeRequest(bytes) : decodeResponse(bytes);
}

function entryOf(golden: GoldenMessage, hex: string): GoldenEntry {
  return { says: golden.says, type: golden.type, hex, message: plain({ message: golden.message }) };
}

/** The file's text: one message a line, so that a change shows as one line. */
function goldenText(): string {
  const entries: GoldenEntry[] = [
    ...GOLDEN_MESSAGES.map((golden) => entryOf(golden, encodeGolden(golden).toString("hex"))),
    ...NEWER_MESSAGES.map((golden) => ({ ...entryOf(golden, golden.hex), read_only: true as const })),
  ];
  return `[\n${entries.map((entry) => JSON.stringify(entry)).join(",\n")}\n]\n`;
}

describe("the golden messages", () => {
  it("are the bytes that our TypeScript writes", async () => {
    await expect(goldenText()).toMatchFileSnapshot(GOLDEN_FILE);
  });

  it("are what our TypeScript reads from those bytes", () => {
    const entries = JSON.parse(goldenText()) as GoldenEntry[];
    for (const entry of entries) expect(plain(decode(entry)), entry.says).toEqual(entry.message);
  });

  it("hold every message of a shot stream", () => {
    const cases = (type: GoldenMessage["type"]) =>
      new Set(
        GOLDEN_MESSAGES.flatMap((golden) => (golden.type === type && golden.message ? golden.message.$case : [])),
      );
    expect(cases("StreamShotRequest").size).toBe(7);
    expect(cases("StreamShotResponse").size).toBe(9);
  });
});

describe("the Godot addon's codec", () => {
  it("is the one that the .proto files give; else run: npm run build && npm run generate:gdscript", () => {
    expect(readFileSync(CODEC_FILE, "utf8")).toBe(generateGdscript());
  });
});
