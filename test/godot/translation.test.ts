import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { potText, readPo, readScripts } from "../../scripts/write-pot.mjs";

const LOCALE = new URL("../../plugins/godot/addons/playblast/locale/", import.meta.url);
const read = (file: string) => readFileSync(fileURLToPath(new URL(file, LOCALE)), "utf8");
/** What is put into a text: %s, %d, %.0f. */
const places = (text: string) => text.match(/%[.\d]*[a-z]/g) ?? [];

describe("the texts of the Godot addon", () => {
  it("are all in playblast.pot; else run: node scripts/write-pot.mjs", () => {
    expect(read("playblast.pot")).toBe(potText(readScripts()));
  });

  it("are all passed to tr", () => {
    for (const [path, script] of readScripts()) {
      const bare = script.match(/\.(text|tooltip_text|placeholder_text) = "\w.*/g);
      expect(bare, path).toBeNull();
    }
  });

  it.each(readdirSync(LOCALE).filter((file) => file.endsWith(".po")))("are all in %s", (file) => {
    const translated = readPo(read(file));
    expect([...translated.keys()].sort()).toEqual([...readPo(read("playblast.pot")).keys()].sort());
    for (const [text, translation] of translated) {
      expect(translation, text).not.toBe("");
      expect(places(translation), text).toEqual(places(text));
    }
  });
});
