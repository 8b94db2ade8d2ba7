import type { ControlName } from "../conditioning/controls.js";
import type { CardFields, ModelFile, NumberRange } from "./card-fields.js";
import { readControls } from "./model-controls.js";
import { MOST_STEPS } from "./schedule.js";

/** What a card of the default family says beside the family's name. */
export interface DefaultCard {
  readonly id: string;
  /** The network's graph (ONNX). */
  readonly weights: ModelFile;
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

const NUMBERS = {
  chunkLength: { whole: true, least: 1, most: 32 },
  sizeMultiple: { whole: true, least: 1, most: 256 },
  steps: { whole: true, least: 1, most: MOST_STEPS },
  sigma: { whole: false, least: 0, most: 16 },
} as const satisfies Record<string, NumberRange>;

/**
 * Reads the fields of a card of the default family.
 *
 * @throws ModelError that names the field that is wrong.
 */
export function readDefaultCard(fields: CardFields): DefaultCard {
  return {
    id: fields.text("id", /^/, "a string"),
    weights: fields.file("weights", "sha256"),
    chunkLength: fields.number("chunkLength", NUMBERS.chunkLength),
    sizeMultiple: fields.number("sizeMultiple", NUMBERS.sizeMultiple),
    steps: fields.number("steps", NUMBERS.steps),
    sigma: fields.number("sigma", NUMBERS.sigma),
    controls: readControls(fields),
  };
}
