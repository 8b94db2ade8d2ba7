import { existsSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import { findModel } from "playblast/diffusion/model-card";
import { MOST_STEPS } from "playblast/diffusion/schedule";
import type { FrameSize } from "playblast/scene/picture";
import { LOOKS, type Look } from "../looks/looks.js";
import { parseSize } from "../size.js";
import { LIGHTS, type Light } from "./rollout.js";

/** What the command line takes. */
export const USAGE = `Rolls a model and its baselines out on held-out clips and compares all with the truth.

  node dist/training/evaluate/evaluate.js [--model default] [--worlds 8] [--first 1000000] [--take FILE]...
      [--ticks 96] [--size 256x144] [--steps N] [--light shade|lights|none]
      [--look NAME]... [--materials engine|none] [--twin FILE] [--sheets FOLDER] [--json]

The nearest warp is the cache's answer with holes filled from the nearest covered pixels of the same owner, the pattern warp that with
holes filled as serving does, which the model starts from; --twin adds the 2D-conditioned twin. Uncovered, covered and light-moved pixels
are the same for all: they are geometry. --light says what all are told of the light: the shade plane, the lights alone, or nothing. --look, which may be given
again, turns the first frame and the truth into another look; depth, light and materials stay the engine's: ${LOOKS.join(", ")}.

With --materials engine all but the first two are told of the engine's colours; a take without them has its recorded picture for that. Then "told nothing" is the
model without them, and T the look's transfer, R what it leaves: T alone, both with holes of R left empty and with holes filled, and both
weighed as serving does. --materials none compares without them.`;

/** What is to be evaluated, and how. */
export interface EvaluationRequest {
  /** Id or card path; "" for the default model. */
  readonly model: string;
  /** Card path of the 2D-conditioned twin, if it is to compete. */
  readonly twin: string | undefined;
  /** Seeds of the procedural worlds. */
  readonly worlds: readonly number[];
  /** Paths of recorded takes. */
  readonly takes: readonly string[];
  /** Ticks of each clip. */
  readonly ticks: number;
  readonly size: FrameSize;
  /** Denoising passes; as many as the model's card says where none are asked for. */
  readonly steps: number | undefined;
  readonly light: Light;
  readonly looks: readonly Look[];
  /** Whether painters are told of the engine's colours and surfaces. */
  readonly materials: boolean;
  /** Folder for contact sheets and scores, if they are wanted. */
  readonly sheets: string | undefined;
  readonly json: boolean;
}

/**
 * Reads the arguments of the command line.
 *
 * @returns undefined where help is asked for.
 * @throws Error that names the option, its value and what is expected.
 */
export function readRequest(args: readonly string[]): EvaluationRequest | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      model: { type: "string", default: "" },
      worlds: { type: "string", default: "8" },
      first: { type: "string", default: "1000000" },
      take: { type: "string", multiple: true, default: [] },
      ticks: { type: "string", default: "96" },
      steps: { type: "string" },
      size: { type: "string", default: "256x144" },
      twin: { type: "string" },
      light: { type: "string", default: "shade" },
      look: { type: "string", multiple: true, default: ["engine"] },
      materials: { type: "string", default: "none" },
      sheets: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const count = wholeNumber("--worlds", values.worlds, 0, MOST_WORLDS);
  const first = wholeNumber("--first", values.first, 0, Number.MAX_SAFE_INTEGER - MOST_WORLDS);
  if (count === 0 && values.take.length === 0)
    throw new Error("--worlds is '0' and no --take is given; name a clip at least");
  for (const path of values.take) {
    if (!existsSync(path) || !statSync(path).isFile())
      throw new Error(`--take is '${path}', which is no file; expected an .mcap file`);
  }
  findModel(values.model);
  if (values.twin !== undefined) findModel(values.twin);
  return {
    model: values.model,
    twin: values.twin,
    worlds: Array.from({ length: count }, (_, i) => first + i),
    takes: values.take,
    ticks: wholeNumber("--ticks", values.ticks, 1, MOST_TICKS),
    size: parseSize(values.size, 2),
    steps: values.steps === undefined ? undefined : wholeNumber("--steps", values.steps, 1, MOST_STEPS),
    light: oneOf("--light", values.light, LIGHTS),
    looks: values.look.map((look) => oneOf("--look", look, LOOKS)),
    materials: oneOf("--materials", values.materials, ["engine", "none"]) === "engine",
    sheets: values.sheets,
    json: values.json,
  };
}

/** More would take days. */
const MOST_WORLDS = 10_000;
const MOST_TICKS = 1_000_000;

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`${option} is '${text}'; expected a whole number from ${least} to ${most}`);
}

function oneOf<Value extends string>(option: string, text: string, values: readonly Value[]): Value {
  const value = values.find((each) => each === text);
  if (value !== undefined) return value;
  throw new Error(`${option} is '${text}'; expected ${values.join(", ")}`);
}
