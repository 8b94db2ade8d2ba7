import { Command } from "commander";
import type { RefusedMessage } from "../take/accepted-messages.js";
import { inspectTake, type TakeSummary } from "../take/inspect-take.js";
import { printable, printableJson } from "./printable.js";
import { tickRanges } from "./tick-ranges.js";

/** Refused messages that are listed; `--json` lists more. */
const MOST_SHOWN = 20;

/** `playblast inspect TAKE`: what a take holds. */
export function inspectCommand(): Command {
  return new Command("inspect")
    .description("say what a take holds")
    .argument("<take>", "a take (.mcap)")
    .option("--json", "print JSON")
    .action(async (path: string, options: { json?: boolean }) => {
      const take = await inspectTake(path);
      if (options.json) console.log(printableJson(take, 2));
      else {
        const holes = tickRanges(take.holes);
        const rows: [string, string][] = [
          ["take", `${take.path} (${(take.bytes / 1e6).toFixed(1)} MB)`],
          ["client", take.client],
          ["frames", `${take.frames} at ${take.size}, ${take.frameRate} a second, ${take.seconds.toFixed(2)} s`],
          ["ticks", `${take.firstTick ?? "-"} to ${take.lastTick ?? "-"}${holes ? `, missing ${holes}` : ""}`],
          ["characters", take.characters.map(({ id, bones }) => `${id} (${bones} bones)`).join(", ") || "none"],
          ["objects", take.objects.join(", ") || "none"],
          ["controls", take.controls.join(", ") || "none declared"],
          ...take.planes.map(({ kind, format, size, frames }): [string, string] => [
            `plane ${kind}`,
            `${format} ${size}, ${frames} frames`,
          ]),
          ["first frames", String(take.firstFrames)],
          ["cuts", String(take.cuts)],
          ...take.refused.slice(0, MOST_SHOWN).map((refused): [string, string] => ["refused", refusedText(refused)]),
        ];
        for (const [name, value] of rows) console.log(`${name.padEnd(14)} ${printable(value)}`);
      }
      const refused = refusedTake(take);
      if (take.damage && refused) throw new Error(`${take.damage}\n${refused}`);
      if (take.damage ?? refused) throw new Error(take.damage ?? refused);
    });
}

/** Which of a take's messages a server refuses, and what to do; undefined where it takes all. */
export function refusedTake({ path, refused, refusedCount }: TakeSummary): string | undefined {
  if (refusedCount === 0) return undefined;
  return `take ${path}: a server refuses ${refusedCount} of its messages, first ${refusedText(refused[0])}. Render it with --allow-truncated, which leaves them out, or record the take again`;
}

/** What is missing from a rendering that leaves refused messages out. */
export function leftOut({ refused, refusedCount }: TakeSummary): string {
  const ticks = refused.flatMap(({ tick }) => (tick === undefined ? [] : [{ from: tick, to: tick }]));
  const which =
    ticks.length > 0
      ? ` (ticks ${tickRanges(ticks.slice(0, MOST_SHOWN))}${ticks.length > MOST_SHOWN ? " ..." : ""})`
      : "";
  return `${refusedCount} of the take's messages${which} are left out because a server refuses them, first ${refusedText(refused[0])}`;
}

/** A refused message as people read it. */
export function refusedText({ index, message, tick, field, reason }: RefusedMessage): string {
  const which = tick === undefined ? `message ${index} (${message})` : `tick ${tick} (${message})`;
  return printable(`${which}: ${field}: ${reason}`);
}
