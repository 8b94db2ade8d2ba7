import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ControlName } from "../conditioning/controls.js";
import { readControls } from "./model-controls.js";
import { MOST_STEPS } from "./schedule.js";

/** The card of a model of the default family: what it is, how it is fed, and where its weights lie. */
export interface ModelCard {
  readonly id: string;
  readonly family: "filled-warp-correction";
  /** File of the weights, beside the card. */
  readonly weights: string;
  readonly sha256: string;
  /** Frames that are denoised together. */
  readonly chunkLength: number;
  /** The network works at multiples of this; other sizes are padded. */
  readonly sizeMultiple: number;
  /** Denoising passes when nobody asks for another number. */
  readonly steps: number;
  /** Scale of the diffused correction where the filled warp is a guess; it falls to 0 where that is certain. sRGB-encoded units. */
  readonly sigma: number;
  /** The controls that the network takes, in its order. */
  readonly controls: readonly ControlName[];
}

/** A model that cannot be used; `missing` when there is no such file. */
export class ModelError extends Error {
  readonly missing: boolean;
  /** What is wrong, to go on behind "a model, whose ", where that says nothing of the machine's files: clients of a server may hear it. */
  readonly fault: string | undefined;
  constructor(message: string, missing: boolean, fault?: string) {
    super(message);
    this.name = "ModelError";
    this.missing = missing;
    this.fault = fault;
  }
}

/** Where the models that come with Playblast lie. */
export const MODELS_FOLDER = fileURLToPath(new URL("../../models/", import.meta.url));
export const DEFAULT_MODEL = "default";
/** Ids name cards in the folder of models; whatever ends like this is the path of a card. */
const CARD_ENDING = ".json";
/** Letters, digits, '.', '_' and '-', the first no '.'. */
const ID = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}$/;
const SHA256 = /^[0-9a-f]{64}$/;
/** A card is a few hundred bytes; a file beyond this is none and is not read. */
const MOST_CARD_BYTES = 64 * 1024;
/** What is quoted of a wrong value, in characters. */
const MOST_QUOTED = 80;
const REMEDY = "Pass the path of a model card (.json), or reinstall Playblast to get the default model back.";

/** The numbers of a card and what they may be. */
const NUMBERS = {
  chunkLength: { whole: true, least: 1, most: 32 },
  sizeMultiple: { whole: true, least: 1, most: 256 },
  steps: { whole: true, least: 1, most: MOST_STEPS },
  sigma: { whole: false, least: 0, most: 16 },
} as const;

/** A card and where it and its weights lie. */
export interface FoundModel {
  readonly card: ModelCard;
  readonly cardPath: string;
  readonly weightsPath: string;
}

/** A card with its weights, checked. */
export interface LoadedCard {
  readonly card: ModelCard;
  readonly weights: Buffer;
}

/**
 * Reads the card of a model by id (a card in `folder`) or by the card's path, and finds its weights without reading them. For those
 * who run Playblast on their own machine: its errors name files. What a client names goes through `findModelById`.
 *
 * @throws ModelError when a file is missing or the card is not one.
 */
export function findModel(idOrPath: string, folder = MODELS_FOLDER): FoundModel {
  const asPath = idOrPath.endsWith(CARD_ENDING);
  if (!asPath && idOrPath && !ID.test(idOrPath))
    throw new ModelError(`model '${idOrPath}' is not an id. ${REMEDY}`, true);
  const path = asPath ? resolve(idOrPath) : join(folder, `${idOrPath || DEFAULT_MODEL}${CARD_ENDING}`);
  if (!existsSync(path)) throw new ModelError(`model '${idOrPath}' has no card at ${path}. ${REMEDY}`, true);
  const card = readCard(path);
  const weightsPath = join(dirname(path), card.weights);
  if (!existsSync(weightsPath) || !statSync(weightsPath).isFile()) {
    throw new ModelError(`model '${card.id}' has no weights at ${weightsPath}. ${REMEDY}`, true);
  }
  return { card, cardPath: path, weightsPath };
}

/**
 * Finds a model of the folder by its id, as listed by `modelIds`: no path, and no other spelling of an id.
 *
 * @returns undefined where there is none of that id.
 * @throws ModelError when its card or weights cannot be used.
 */
export function findModelById(id: string, folder = MODELS_FOLDER): FoundModel | undefined {
  return modelIds(folder).includes(id) ? findModel(join(folder, `${id}${CARD_ENDING}`), folder) : undefined;
}

/** The id of a model that is given by id or path: where its card cannot be read, the name of the card's file. */
export function idOf(idOrPath: string, folder = MODELS_FOLDER): string {
  if (!idOrPath.endsWith(CARD_ENDING)) return idOrPath || DEFAULT_MODEL;
  try {
    return findModel(idOrPath, folder).card.id;
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return basename(idOrPath, CARD_ENDING);
  }
}

/** Ids of the cards in a folder, sorted; whether each can be used is for `findModel` to say. */
export function modelIds(folder = MODELS_FOLDER): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(CARD_ENDING))
    .map((name) => basename(name, CARD_ENDING))
    .filter((id) => ID.test(id))
    .sort();
}

/** Says whether two models are the same: the same card, the digest of its weights included, wherever and however often it lies. */
export function identityOf({ card }: FoundModel): string {
  return JSON.stringify(Object.entries(card).sort());
}

/**
 * Reads a model by id (a card in `models/`), by the path of its card or as it was found, and checks its weights against the card.
 *
 * @throws ModelError when a file is missing, the card is not one, or the weights are not those of the card.
 */
export function loadModel(model: string | FoundModel): LoadedCard {
  const { card, weightsPath } = typeof model === "string" ? findModel(model) : model;
  const weights = readFileSync(weightsPath);
  const digest = createHash("sha256").update(weights).digest("hex");
  if (digest !== card.sha256) {
    throw new ModelError(
      `weights ${weightsPath} are corrupt: sha256 is ${digest}, the card says ${card.sha256}. ${REMEDY}`,
      false,
    );
  }
  return { card, weights };
}

function readCard(path: string): ModelCard {
  const refuse = (what: string) => new ModelError(`model card ${path}${what}. ${REMEDY}`, false);
  const { size } = statSync(path);
  if (!statSync(path).isFile()) throw refuse(" is not a file");
  if (size > MOST_CARD_BYTES) throw refuse(` has ${size} bytes; a card has at most ${MOST_CARD_BYTES}`);
  let card: Record<string, unknown>;
  try {
    card = JSON.parse(readFileSync(path, "utf8")) ?? {};
  } catch (error) {
    throw refuse(` is not JSON (${(error as Error).message})`);
  }
  const wrong = (field: string, expected: string) =>
    refuse(`: '${field}' is ${(JSON.stringify(card[field]) ?? "missing").slice(0, MOST_QUOTED)}, expected ${expected}`);
  const text = (field: string, pattern: RegExp, expected: string) => {
    const value = card[field];
    if (typeof value !== "string" || !pattern.test(value)) throw wrong(field, expected);
  };
  text("family", /^/, "a string");
  if (card.family !== "filled-warp-correction") throw wrong("family", "'filled-warp-correction', which is known here");
  text("id", ID, "up to 128 letters, digits, '.', '_' and '-', the first no '.'");
  text("weights", /^[^/\\\0]+$/, "the name of a file beside the card");
  text("sha256", SHA256, "64 hexadecimal digits in lower case");
  for (const [field, { whole, least, most }] of Object.entries(NUMBERS)) {
    const value = card[field];
    const fits = typeof value === "number" && value >= least && value <= most && (!whole || Number.isInteger(value));
    if (!fits) throw wrong(field, `a ${whole ? "whole " : ""}number from ${least} to ${most}`);
  }
  readControls(card.controls, refuse);
  return card as unknown as ModelCard;
}
