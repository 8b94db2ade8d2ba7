import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { cardFields } from "./card-fields.js";
import { FAMILIES } from "./families.js";
import type { FamilyModel } from "./family.js";
import { ModelError, REMEDY } from "./model-error.js";
import type { FoundFile } from "./model-files.js";

/** Where the models that come with Playblast lie. */
export const MODELS_FOLDER = fileURLToPath(new URL("../../models/", import.meta.url));
export const DEFAULT_MODEL = "default";
/** Ids name cards in the folder of models; whatever ends like this is the path of a card. */
const CARD_ENDING = ".json";
/** Letters, digits, '.', '_' and '-', the first no '.'. */
const ID = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}$/;
/** A card is a few hundred bytes; a file beyond this is none and is not read. */
const MOST_CARD_BYTES = 64 * 1024;

/** A model's card as it stands in its file. */
export type Card = Readonly<Record<string, unknown>>;

/** A model whose card was read and whose files are there. */
export interface FoundModel {
  readonly id: string;
  readonly family: string;
  readonly card: Card;
  readonly cardPath: string;
  /** Those of `model.files`, in that order. */
  readonly files: readonly FoundFile[];
  readonly model: FamilyModel;
}

/**
 * Reads the card of a model by id (a card in `folder`) or by the card's path, and finds its files without reading them. For those
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
  return describeModel(path, readCard(path));
}

/**
 * What the family of a card says of it, and where its files lie.
 *
 * @param path Of the card; its files lie beside it.
 * @throws ModelError when the card is not one, its family is not known, or a file is missing.
 */
export function describeModel(path: string, card: Card): FoundModel {
  const fields = cardFields(path, card);
  const name = fields.text("family", /^/, "a string");
  const family = FAMILIES.find((each) => each.name === name);
  if (!family) {
    const known = FAMILIES.map((each) => `'${each.name}'`).join(" or ");
    throw fields.wrong("family", `${known}: no other is known here`);
  }
  const id = fields.text("id", ID, "up to 128 letters, digits, '.', '_' and '-', the first no '.'");
  const model = family.readModel(fields);
  const files = model.files.map((file): FoundFile => {
    const at = join(dirname(path), file.name);
    const stats = statSync(at, { throwIfNoEntry: false });
    if (!stats?.isFile()) throw new ModelError(`model '${id}' has no ${file.field} at ${at}. ${REMEDY}`, true);
    return { ...file, path: at, bytes: stats.size };
  });
  return { id, family: name, card, cardPath: path, files, model };
}

/**
 * Finds a model of the folder by its id, as listed by `modelIds`: no path, and no other spelling of an id.
 *
 * @returns undefined where there is none of that id.
 * @throws ModelError when its card or files cannot be used.
 */
export function findModelById(id: string, folder = MODELS_FOLDER): FoundModel | undefined {
  return modelIds(folder).includes(id) ? findModel(join(folder, `${id}${CARD_ENDING}`), folder) : undefined;
}

/** The id of a model that is given by id or path: where its card cannot be read, the name of the card's file. */
export function idOf(idOrPath: string, folder = MODELS_FOLDER): string {
  if (!idOrPath.endsWith(CARD_ENDING)) return idOrPath || DEFAULT_MODEL;
  try {
    return findModel(idOrPath, folder).id;
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

/** Says whether two models are the same: the same card, the digests of its files included, wherever and however often it lies. */
export function identityOf({ card }: FoundModel): string {
  return JSON.stringify(Object.entries(card).sort());
}

/** Reads a card's JSON, which its family has yet to look at. */
function readCard(path: string): Card {
  const refuse = (what: string) => new ModelError(`model card ${path}${what}. ${REMEDY}`, false);
  const stats = statSync(path);
  if (!stats.isFile()) throw refuse(" is not a file");
  if (stats.size > MOST_CARD_BYTES) throw refuse(` has ${stats.size} bytes; a card has at most ${MOST_CARD_BYTES}`);
  try {
    return JSON.parse(readFileSync(path, "utf8")) ?? {};
  } catch (error) {
    throw refuse(` is not JSON (${(error as Error).message})`);
  }
}
