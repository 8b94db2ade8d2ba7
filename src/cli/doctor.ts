import { createServer } from "node:net";
import { availableParallelism } from "node:os";
import { Command } from "commander";
import type { MemoryNeed } from "../diffusion/family.js";
import { DEFAULT_MODEL, type FoundModel, findModel, modelIds } from "../diffusion/model-card.js";
import { ModelError } from "../diffusion/model-error.js";
import { checkModelFile } from "../diffusion/model-files.js";
import type { FrameSize } from "../scene/picture.js";
import { GRPC_PORT, WEBSOCKET_PORT } from "../server/start-server.js";
import { availableBytes, gigabytes, largestFitting, shotBytes, sizeName } from "../shot/memory.js";
import { type FfmpegSource, findFfmpeg } from "../video/ffmpeg.js";

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  /** A missing thing that one can do without. */
  readonly optional?: boolean;
  readonly detail: string;
}

const LEAST_NODE = [20, 12] as const;
/** Characters of a provider's own words for why it does not run. */
const MOST_REASON = 200;
/** Sizes of which it is said what a shot takes. */
const SIZES: readonly FrameSize[] = [
  { width: 256, height: 144 },
  { width: 512, height: 288 },
  { width: 832, height: 480 },
  { width: 1280, height: 720 },
  { width: 1920, height: 1088 },
];
/** Year of the oldest ffmpeg that its makers still mend (4.4). */
const OLDEST_FFMPEG = 2021;
const OWN_FFMPEG = "install a current one, which is used before it when it is on the PATH, or set PLAYBLAST_FFMPEG";
const FFMPEG_SOURCES: Readonly<Record<FfmpegSource, string>> = {
  PLAYBLAST_FFMPEG: "from PLAYBLAST_FFMPEG",
  PATH: "from the PATH",
  npm: "the build that npm brought, since none is on the PATH",
};

/** `playblast doctor`: what works on this machine, and what to do about what does not. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("check this machine and say what is missing")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }) => {
      const findings = [
        node(),
        ...(await models()),
        ffmpeg(),
        ...shotMemory(),
        await port(GRPC_PORT),
        await port(WEBSOCKET_PORT),
      ];
      if (options.json) console.log(JSON.stringify(findings, null, 2));
      else
        for (const { what, ok, optional, detail } of findings)
          console.log(`${ok ? "ok  " : optional ? "note" : "FAIL"} ${what.padEnd(12)} ${detail}`);
      if (findings.some(({ ok, optional }) => !ok && !optional)) process.exitCode = 1;
    });
}

function node(): Finding {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const ok = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  return {
    what: "node",
    ok,
    detail: ok
      ? `${process.versions.node}, ${availableParallelism()} cores`
      : `${process.versions.node}; install Node ${LEAST_NODE.join(".")} or newer`,
  };
}

/** What to do where a provider does not run. */
const PROVIDER_REMEDIES: Readonly<Record<string, string>> = {
  cpu: "Install the package's dependencies again with npm ci",
  cuda: "For a CUDA GPU on Linux: ONNXRUNTIME_NODE_INSTALL=true node node_modules/onnxruntime-node/script/install.js",
};

/** The models that come with Playblast, and on which providers each of them runs. One that needs another than the CPU can be done without. */
async function models(): Promise<Finding[]> {
  const findings: Finding[] = [];
  const found: FoundModel[] = [];
  for (const id of new Set([DEFAULT_MODEL, ...modelIds()])) {
    try {
      const model = findModel(id);
      for (const file of model.files) await checkModelFile(file);
      const bytes = model.files.reduce((sum, file) => sum + file.bytes, 0);
      const detail = `'${id}' of the family ${model.family}, ${(bytes / 1e6).toFixed(1)} MB, checksum right`;
      findings.push({ what: "model", ok: true, detail });
      found.push(model);
    } catch (error) {
      findings.push({ what: "model", ok: false, optional: id !== DEFAULT_MODEL, detail: (error as Error).message });
    }
  }
  for (const provider of new Set(found.flatMap(({ model }) => [...model.providers].reverse())))
    for (const model of found.filter((each) => each.model.providers.includes(provider)))
      findings.push(await runs(model, provider));
  return findings;
}

/** Whether a provider can load a model. */
async function runs({ id, files, model }: FoundModel, provider: string): Promise<Finding> {
  try {
    const loaded = await model.open(files, [provider]);
    await loaded.close();
    return { what: provider, ok: true, detail: `runs model '${id}'` };
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0].slice(0, MOST_REASON);
    return {
      what: provider,
      ok: false,
      optional: id !== DEFAULT_MODEL || provider !== "cpu",
      detail: `${reason}. ${PROVIDER_REMEDIES[provider] ?? `Model '${id}' cannot use it here`}`,
    };
  }
}

function ffmpeg(): Finding {
  const what = "ffmpeg";
  try {
    const { path, source, version, year, license, isRedistributable } = findFfmpeg();
    const detail = `${version}${year ? ` of ${year}` : ""}, ${license}, ${FFMPEG_SOURCES[source]}: ${path}`;
    const isOld = year !== undefined && year < OLDEST_FFMPEG;
    const remedy = isOld ? "It is old" : !isRedistributable ? "It may not be passed on" : undefined;
    if (!remedy) return { what, ok: true, detail };
    return { what, ok: false, optional: true, detail: `${detail}. ${remedy}; ${OWN_FFMPEG}` };
  } catch (error) {
    return { what, ok: false, detail: (error as Error).message };
  }
}

/** What shots of the default model take, where there is one. */
function shotMemory(): Finding[] {
  try {
    const { memory: need } = findModel(DEFAULT_MODEL).model;
    return [memory(need), shots(need)];
  } catch (error) {
    // It was said already what is wrong with the model.
    if (error instanceof ModelError) return [];
    throw error;
  }
}

/** Whether there is memory for a shot of the smallest of SIZES. */
function memory(need: MemoryNeed): Finding {
  const [smallest] = SIZES;
  const free = availableBytes();
  const fits = largestFitting(smallest, free, need);
  const ok = fits?.width === smallest.width;
  const detail = `${gigabytes(free)} free`;
  return { what: "memory", ok, detail: ok ? detail : `${detail}; close other programs` };
}

/** What one shot takes, live or export, and the largest that fits beside nothing else. */
function shots(need: MemoryNeed): Finding {
  const takes = SIZES.map((size) => `${gigabytes(shotBytes(size, need))} at ${sizeName(size)}`).join(", ");
  const largest = SIZES[SIZES.length - 1];
  const fits = largestFitting(largest, availableBytes(), need);
  const ok = fits !== undefined && sizeName(fits) === sizeName(largest);
  const most = ok
    ? `${sizeName(largest)} fits, live and export`
    : `the largest that fits, live and export, is ${fits ? sizeName(fits) : "none"}`;
  return { what: "shot", ok, optional: true, detail: `takes ${takes}; ${most}` };
}

async function port(number: number): Promise<Finding> {
  const server = createServer();
  const error = await new Promise<Error | undefined>((resolve) => {
    server.once("error", resolve);
    server.listen(number, "127.0.0.1", () => server.close(() => resolve(undefined)));
  });
  const detail = error ? `taken; a server may be running already, or pass another with serve --port` : "free";
  return { what: `port ${number}`, ok: !error, optional: true, detail };
}
