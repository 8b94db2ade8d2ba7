import { parseArgs } from "node:util";
import { describeMachine, printMachine } from "../machine.js";
import { printSection, type Section, sectionAsJson } from "../report.js";
import { benchSharing } from "../sharing.js";
import type { Form } from "./form.js";
import { benchLargeShots } from "./large-shots.js";
import { benchRecordingMemory } from "./recording-memory.js";

const USAGE = `Loads a server in a process of its own and sets each figure beside its goal. It reports and does not judge: the exit code
is 0 where a goal is missed. Other work on the machine makes the figures worse; the load is printed with them.

  node dist/bench/load/load.js [--only NAME] [--long] [--json]

  --only NAME   one of: sharing (eight live shots, and live beside an export), recording (memory of a long recorded shot),
                large-shots (memory that is left of shots of 1920x1088)
  --long        as the goals have it: ten thousand ticks, a hundred shots; takes an hour. Otherwise a minute or two
  --json        print JSON`;

/** Of each measurement, of which there are four. */
const SHARING_SECONDS: Record<Form, number> = { short: 10, long: 60 };

const BENCHES: Record<string, (form: Form) => Promise<Section[]>> = {
  sharing: (form) => benchSharing(SHARING_SECONDS[form]),
  recording: benchRecordingMemory,
  "large-shots": benchLargeShots,
};

class UsageError extends Error {}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string" },
        long: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const { only, long, json, help } = values;
    const names = Object.keys(BENCHES);
    if (only !== undefined && !names.includes(only))
      throw new UsageError(`--only is '${only}', expected one of ${names.join(", ")}`);
    const form: Form = long ? "long" : "short";
    return { names: only ? [only] : names, form, json, help };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function main(): Promise<void> {
  const { names, form, json, help } = readArguments();
  if (help) {
    console.log(USAGE);
    return;
  }
  const machine = describeMachine();
  if (!json) printMachine(machine);
  const sections: Section[] = [];
  for (const name of names) {
    for (const section of await BENCHES[name](form)) {
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
