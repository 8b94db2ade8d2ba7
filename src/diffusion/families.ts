import { defaultFamily } from "./default-family.js";
import type { Family } from "./family.js";

/** The families of models that there are; a card names one of them. The first is the default model's. A new family is added here and nowhere else. */
export const FAMILIES: Family[] = [defaultFamily];
