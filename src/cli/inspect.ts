import { Command } from "commander";
import { inspectTake } from "../take/inspect-take.js";
import { tickRanges } from "./tick-ranges.js";

/** `playblast inspect TAKE`: what a take holds. */
export function inspectCommand(): Command {
  return new Command("inspect")
    .description("say what a take holds")
    .argument("<take>", "a take (.mcap)")
    .option("--json", "print JSON")
    .action(async (path: string, options: { json?: boolean }) => {
      const take = await inspectTake(path);
      if (options.json) console.log(JSON.stringify(take, null, 2));
      else {
        const holes = tickRanges(take.holes);
        const rows: [string, string][] = [
          ["take", `${take.path} (${(take.bytes / 1e6).toFixed(1)} MB)`],
          ["client", take.client],
          ["frames", `${take.frames} at ${take.size}, ${take.frameRate} a second, ${take.seconds.toFixed(2)} s`],
          ["ticks", `${take.firstTick ?? "-"} to ${take.lastTick ?? "-"}${holes ? `, missing ${holes}` : ""}`],
          ["characters", take.characters.map(({ id, bones }) => `${id} (${bones} bones)`).join(", ") || "none"],
          ["objects", take.objects.join(", ") || "none"],
          ...take.planes.map(({ kind, format, size, frames }): [string, string] => [
            `plane ${kind}`,
            `${format} ${size}, ${frames} frames`,
          ]),
          ["first frames", String(take.firstFrames)],
          ["cuts", String(take.cuts)],
        ];
        for (const [name, value] of rows) console.log(`${name.padEnd(14)} ${value}`);
      }
      if (take.damage) throw new Error(take.damage);
    });
}
