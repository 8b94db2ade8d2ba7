import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generateGdscript } from "./generate.js";

/** Writes the Godot addon's codec: `npm run generate:gdscript`. */
const path = fileURLToPath(
  new URL("../../../plugins/godot/addons/playblast/protocol/playblast_protocol.gd", import.meta.url),
);
writeFileSync(path, generateGdscript());
console.log(path);
