import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CONTROLS, SHARED_CONSTANTS } from "../../src/conditioning/controls.js";
import { controlsFile } from "../../training/controls-file.js";

it("training/controls.json, which training reads, is what the list of controls says (the build writes it: npm run build:all)", () => {
  const file = readFileSync(new URL("../../training/controls.json", import.meta.url), "utf8");
  expect(file).toBe(controlsFile(CONTROLS, SHARED_CONSTANTS));
  expect(JSON.parse(file).controls).toEqual(CONTROLS);
});
