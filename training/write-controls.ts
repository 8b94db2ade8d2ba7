import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CONTROLS, SHARED_CONSTANTS } from "playblast/conditioning/controls";
import { controlsFile } from "./controls-file.js";

// Part of the build. A file that is right already keeps its time, so that nothing is built anew because of it.
const path = fileURLToPath(new URL("../../training/controls.json", import.meta.url));
const text = controlsFile(CONTROLS, SHARED_CONSTANTS);
if (readOr(path, "") !== text) {
  writeFileSync(path, text);
  console.error("training/controls.json was not up to date and is written anew");
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return otherwise;
    throw error;
  }
}
