import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";

/** Paths of takes, .mcap files and folders of them, by the names of their clips; in the order of their names, numbers in the order of numbers. */
export function findTakes(paths: readonly string[]): ReadonlyMap<string, string> {
  const takes = new Map<string, string>();
  for (const path of paths.flatMap(takesAt)) {
    const name = `take-${basename(path, ".mcap")}`;
    const other = takes.get(name);
    if (other) throw new Error(`${other} and ${path} would both become the clip ${name}; rename one of them`);
    takes.set(name, path);
  }
  return takes;
}

function takesAt(path: string): string[] {
  if (!existsSync(path)) throw new Error(`there is no take ${path}`);
  if (!statSync(path).isDirectory()) {
    if (!path.endsWith(".mcap")) throw new Error(`${path} is no take; expected an .mcap file or a folder of them`);
    return [path];
  }
  const names = readdirSync(path).filter((name) => name.endsWith(".mcap"));
  if (names.length === 0) throw new Error(`folder ${path} holds no .mcap file`);
  return names.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).map((name) => join(path, name));
}
