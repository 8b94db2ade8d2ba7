import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

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
}

/** A model that cannot be used; `missing` when there is no such file. */
export class ModelError extends Error {
  readonly missing: boolean;
  constructor(message: string, missing: boolean) {
    super(message);
    this.name = "ModelError";
    this.missing = missing;
  }
}

/** Where the models that come with Playblast lie. */
export const MODELS_FOLDER = fileURLToPath(new URL("../../models/", import.meta.url));
export const DEFAULT_MODEL = "default";
/** Ids name cards in `models/`; whatever ends like this is the path of a card. */
const CARD_ENDING = ".json";
const ID = /^[\w.-]+$/;
const REMEDY = "Pass the path of a model card (.json), or reinstall Playblast to get the default model back.";

/** A card with its weights, checked. */
export interface LoadedCard {
  readonly card: ModelCard;
  readonly weights: Buffer;
}

/**
 * Reads the card of a model by id (a card in `models/`) or by the card's path, and finds its weights without reading them.
 *
 * @throws ModelError when a file is missing or the card lacks a field.
 */
export function findModel(idOrPath: string): { readonly card: ModelCard; readonly weightsPath: string } {
  const asPath = idOrPath.endsWith(CARD_ENDING);
  const path = asPath ? resolve(idOrPath) : join(MODELS_FOLDER, `${idOrPath || DEFAULT_MODEL}${CARD_ENDING}`);
  if (!asPath && idOrPath && !ID.test(idOrPath))
    throw new ModelError(`model '${idOrPath}' is not an id. ${REMEDY}`, true);
  if (!existsSync(path)) throw new ModelError(`model '${idOrPath}' has no card at ${path}. ${REMEDY}`, true);
  const card = readCard(path);
  const weightsPath = join(dirname(path), card.weights);
  if (!existsSync(weightsPath) || !statSync(weightsPath).isFile()) {
    throw new ModelError(`model '${card.id}' has no weights at ${weightsPath}. ${REMEDY}`, true);
  }
  return { card, weightsPath };
}

/** The id of a model that is given by id or path: where its card cannot be read, the name of the card's file. */
export function idOf(idOrPath: string): string {
  if (!idOrPath.endsWith(CARD_ENDING)) return idOrPath || DEFAULT_MODEL;
  try {
    return findModel(idOrPath).card.id;
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return basename(idOrPath, CARD_ENDING);
  }
}

/** Ids of the cards in `models/`, sorted; whether each can be used is for `findModel` to say. */
export function modelIds(): string[] {
  if (!existsSync(MODELS_FOLDER)) return [];
  return readdirSync(MODELS_FOLDER)
    .filter((name) => name.endsWith(CARD_ENDING))
    .map((name) => basename(name, CARD_ENDING))
    .filter((id) => ID.test(id))
    .sort();
}

/**
 * Reads a model by id (a card in `models/`) or by the path of its card, and checks its weights against the card.
 *
 * @throws ModelError when a file is missing, the card lacks a field, or the weights are not those of the card.
 */
export function loadModel(idOrPath: string): LoadedCard {
  const { card, weightsPath } = findModel(idOrPath);
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
  let card: Record<string, unknown>;
  try {
    card = JSON.parse(readFileSync(path, "utf8")) ?? {};
  } catch (error) {
    throw new ModelError(`model card ${path} is not JSON (${(error as Error).message}). ${REMEDY}`, false);
  }
  const kinds = {
    id: "string",
    family: "string",
    weights: "string",
    sha256: "string",
    chunkLength: "number",
    sizeMultiple: "number",
    steps: "number",
    sigma: "number",
  } as const;
  for (const [field, kind] of Object.entries(kinds)) {
    if (typeof card[field] !== kind) {
      throw new ModelError(
        `model card ${path}: '${field}' is ${JSON.stringify(card[field])}, expected a ${kind}. ${REMEDY}`,
        false,
      );
    }
  }
  if (card.family !== "filled-warp-correction") {
    throw new ModelError(`model card ${path}: family '${card.family}' is not known here. ${REMEDY}`, false);
  }
  return card as unknown as ModelCard;
}
