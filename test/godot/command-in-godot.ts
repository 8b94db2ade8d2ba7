import { chmod, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));
const SCRIPT = "start-playblast.sh";
/** Where engine.sh shows a project to Godot. */
const PROJECT_INSIDE = "/mnt";

/**
 * Lets a Godot of engine.sh run this repository's command line with the node that runs here, and gives the project a script
 * that does. Returns the script's path as Godot sees it.
 */
export async function giveCommand(project: string): Promise<string> {
  const script = join(project, SCRIPT);
  await writeFile(script, `#!/bin/sh\nexec ${process.execPath} ${join(REPOSITORY, "dist/cli/playblast.js")} "$@"\n`);
  await chmod(script, 0o755);
  process.env.PLAYBLAST_GODOT_MOUNT = `${process.execPath}:${REPOSITORY.replace(/\/$/, "")}`;
  return join(PROJECT_INSIDE, basename(script));
}
