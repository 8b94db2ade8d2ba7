/**
 * Writes the texts of the Godot addon that can be translated to `locale/playblast.pot`: what its scripts pass to `tr`.
 * `node scripts/write-pot.mjs`
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ADDON = fileURLToPath(new URL("../plugins/godot/addons/playblast", import.meta.url));
const POT = join(ADDON, "locale/playblast.pot");
const TEXT = '"((?:[^"\\\\]|\\\\.)*)"';
const HEAD = `# Texts of the Playblast addon, to be translated. Written by: node scripts/write-pot.mjs
msgid ""
msgstr ""
"Project-Id-Version: playblast\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
`;

/** The addon's scripts, by their paths in it. */
export function readScripts() {
  const paths = readdirSync(ADDON, { recursive: true }).map((path) => path.replaceAll("\\", "/"));
  const scripts = paths.filter((path) => path.endsWith(".gd")).sort();
  return new Map(scripts.map((path) => [path, readFileSync(join(ADDON, path), "utf8")]));
}

/**
 * The .pot file of these scripts.
 *
 * @throws Error when `tr` gets anything but a text or a constant of a class of ours.
 */
export function potText(scripts) {
  const constants = new Map();
  for (const script of scripts.values()) {
    const name = script.match(/^class_name (\w+)/m)?.[1];
    for (const [, constant, text] of script.matchAll(new RegExp(`^const (\\w+) := ${TEXT}$`, "gm")))
      constants.set(`${name}.${constant}`, text);
  }
  const places = new Map();
  for (const [path, script] of scripts) {
    for (const [call, text, constant] of script.matchAll(new RegExp(`\\btr\\((?:${TEXT}|([\\w.]*))`, "g"))) {
      const said = text ?? constants.get(constant);
      if (said === undefined) throw new Error(`${path}: ${call}...) translates neither a text nor a constant`);
      places.set(said, new Set([...(places.get(said) ?? []), path]));
    }
  }
  const entries = [...places].map(([said, paths]) => `\n#: ${[...paths].join(" ")}\nmsgid "${said}"\nmsgstr ""\n`);
  return HEAD + entries.join("");
}

/** The texts of a .po or .pot file and what they are translated to, still escaped. */
export function readPo(po) {
  return new Map(
    [...po.matchAll(new RegExp(`^msgid ${TEXT}\nmsgstr ${TEXT}$`, "gm"))].slice(1).map(([, a, b]) => [a, b]),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(POT, potText(readScripts()));
