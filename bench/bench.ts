import { parseArgs } from "node:util";
import { benchConditioning } from "./conditioning.js";
import { describeMachine, printMachine } from "./machine.js";
import { benchMemory, MEMORY_TICKS } from "./memory.js";
import { benchModel } from "./model.js";
import { printSection, type Section, sectionAsJson } from "./report.js";
import { benchShotMemory } from "./shot-memory.js";
import { benchStream } from "./stream.js";

const USAGE = `Measures Playblast on this machine and sets each figure beside its goal. It reports and does not judge: the exit
code is 0 where a goal is missed. Other work on the machine makes the figures worse; the load is printed with them.

  node --expose-gc dist/bench/bench.js [--only NAME] [--all] [--ticks N] [--json]

  --only NAME   one of: model, conditioning, end-to-end, event-loop (the same run as end-to-end), memory,
                shot-memory (a shot at 832x480 and at 1920x1088 against what doctor says; Linux)
  --all         everything, memory and shot-memory too, which take minutes and are left out otherwise
  --ticks N     ticks of the example take; default: all of it once, ${MEMORY_TICKS} for memory. Beyond its end it is looped, save by
                conditioning, which stops there; model always runs one chunk
  --json        print JSON`;

/** What can be measured, in the order of running. Memory first: it wants a process that has done nothing else. */
const BENCHES: readonly {
  readonly names: readonly string[];
  readonly onDemand: boolean;
  readonly run: (ticks: number | undefined) => Promise<Section[]>;
}[] = [
  { names: ["memory"], onDemand: true, run: benchMemory },
  { names: ["shot-memory"], onDemand: true, run: benchShotMemory },
  { names: ["model"], onDemand: false, run: benchModel },
  { names: ["conditioning"], onDemand: false, run: benchConditioning },
  { names: ["end-to-end", "event-loop"], onDemand: false, run: benchStream },
];

class UsageError extends Error {}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string" },
        all: { type: "boolean", default: false },
        ticks: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const { only, all, json, help } = values;
    const ticks = values.ticks === undefined ? undefined : Number(values.ticks);
    if (ticks !== undefined && !(Number.isInteger(ticks) && ticks > 0))
      throw new UsageError(`--ticks is '${values.ticks}', expected a whole number above 0`);
    const benches = BENCHES.filter(({ names, onDemand }) => (only ? names.includes(only) : all || !onDemand));
    if (benches.length === 0) {
      const names = BENCHES.flatMap((bench) => bench.names).join(", ");
      throw new UsageError(`--only is '${only}', expected one of ${names}`);
    }
    return { benches, ticks, json, help };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function main(): Promise<void> {
  const { benches, ticks, json, help } = readArguments();
  if (help) {
    console.log(USAGE);
    return;
  }
  const machine = describeMachine();
  if (!json) printMachine(machine);
  const sections: Section[] = [];
  for (const { run } of benches) {
    for (const section of await run(ticks)) {
      sections.push(section);
      if (!json) printSection(section);
    }
  }
  if (json) console.log(JSON.stringify({ machine, sections: sections.map(sectionAsJson) }, null, 2));
}

try {
  await main();
} catch (error) {
  const usage = error instanceof UsageError;
  console.error(usage ? `error: ${error.message}\n\n${USAGE}` : (error as Error).stack);
  process.exitCode = usage ? 2 : 1;
}
