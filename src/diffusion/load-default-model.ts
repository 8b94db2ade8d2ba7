import { cardFields } from "./card-fields.js";
import { readDefaultCard } from "./default-card.js";
import { defaultFamily } from "./default-family.js";
import type { LoadedCard } from "./default-model.js";
import { findModel } from "./model-card.js";
import { readModelFile } from "./model-files.js";

/**
 * A card of the default family with its checked weights, by id or by the card's path; "" for the default model. For those who work on that
 * family's network itself, as training and benchmarks do: shots go through `Family`.
 *
 * @throws ModelError when a file is missing or wrong, or the card is another family's.
 */
export async function loadDefaultModel(idOrPath = ""): Promise<LoadedCard> {
  const { family, card, cardPath, files } = findModel(idOrPath);
  const fields = cardFields(cardPath, card);
  if (family !== defaultFamily.name) throw fields.wrong("family", `'${defaultFamily.name}'`);
  return { card: readDefaultCard(fields), weights: await readModelFile(files[0]) };
}
