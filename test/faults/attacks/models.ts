import { openFloor } from "../../../bench/load/floor-scene.js";
import { processTree, threads } from "../../../bench/load/process-tree.js";
import { type Ending, RawStream } from "./raw-stream.js";
import { pause, type Target } from "./target.js";

const SIZE = { width: 64, height: 36 };
const UNKNOWN = 40;
/** Files of any Linux server, beside files that are nowhere. */
const PATHS = [
  { model: "./package.json", exists: true },
  { model: "./tsconfig.json", exists: true },
  { model: "../../../../../../etc/hostname.json", exists: false },
  { model: "/proc/self/../self/nothing.json", exists: false },
  { model: "models/../models/default.json", exists: true },
  { model: "/nowhere/at/all.json", exists: false },
] as const;

async function asked(target: Target, model: string): Promise<Ending> {
  const stream = new RawStream(target, "websocket");
  stream.send(openFloor("live", SIZE, { model }));
  return stream.ending();
}

/** Names files of the server's as models. */
export async function modelPaths(target: Target) {
  const answers: { readonly model: string; readonly exists: boolean; readonly ending: Ending }[] = [];
  for (const { model, exists } of PATHS) answers.push({ model, exists, ending: await asked(target, model) });
  return { did: `named ${PATHS.length} paths as models`, answers };
}

/** Asks for many models at once that are nowhere. */
export async function unknownModels(target: Target) {
  const workers = () => processTree(target.pid).reduce((sum, pid) => sum + threads(pid), 0);
  const before = workers();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, workers());
  }, 5);
  const endings = await Promise.all(Array.from({ length: UNKNOWN }, (_, i) => asked(target, `unknown-${i}`)));
  await pause(500);
  clearInterval(watch);
  return { did: `asked for ${UNKNOWN} unknown models at once`, endings, threads: { before, most } };
}
