import { spawn } from "node:child_process";
import { cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** How Godot is started: a command that takes a rendering method, a project folder and Godot's arguments. */
export const GODOT = process.env.PLAYBLAST_GODOT ?? "";

/** Rendering methods of Godot; headless renders nothing. */
export type RenderingMethod = "headless" | "forward_plus" | "mobile" | "gl_compatibility";

/** What a run of Godot came to. */
export interface GodotRun {
  /** Exit code; undefined when it was killed for taking too long. */
  readonly status: number | undefined;
  /** All that it printed. */
  readonly output: string;
}

const ADDONS = fileURLToPath(new URL("../../plugins/godot/addons", import.meta.url));
/** Software rendering starts slowly beside other tests; a script that does not compile hangs for ever. */
const LIMIT_MS = 240_000;

/** What a test does while Godot runs. */
export interface GodotWatch {
  /** Called with each line that Godot prints, as it comes. */
  readonly onLine?: (line: string) => void;
  /** Kills Godot at once, as a crash would. */
  readonly signal?: AbortSignal;
}

/** Runs a project until it quits, or kills it after four minutes. */
export async function runGodot(method: RenderingMethod, project: string, ...args: string[]): Promise<GodotRun> {
  return watchGodot({}, method, project, ...args);
}

/** `runGodot`, watched line by line. */
export async function watchGodot(
  { onLine, signal }: GodotWatch,
  method: RenderingMethod,
  project: string,
  ...args: string[]
): Promise<GodotRun> {
  const child = spawn("sh", ["-c", `exec ${GODOT} "$@"`, "sh", method, project, ...args], { timeout: LIMIT_MS });
  signal?.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      printed.push(`${line}\n`);
      onLine?.(line);
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status: status ?? undefined, output: printed.join("") }));
  });
}

/**
 * Copies a project into a new temporary folder, with the addon and other folders in it, and imports it, so that Godot knows
 * the scripts' classes. Returns the folder.
 *
 * @throws Error with Godot's output when it cannot be imported.
 */
export async function assembleProject(source: string, ...folders: string[]): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), "playblast-godot-"));
  await cp(source, project, { recursive: true, filter: (path) => basename(path) !== ".godot" });
  for (const folder of [ADDONS, ...folders]) await cp(folder, join(project, basename(folder)), { recursive: true });
  const { status, output } = await runGodot("headless", project, "--import");
  if (status !== 0 || /SCRIPT ERROR/.test(output)) throw new Error(`Godot does not import ${source}:\n${output}`);
  return project;
}
