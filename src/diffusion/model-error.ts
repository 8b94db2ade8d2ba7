/** A model that cannot be used; `missing` when there is no such file. */
export class ModelError extends Error {
  readonly missing: boolean;
  constructor(message: string, missing: boolean) {
    super(message);
    this.name = "ModelError";
    this.missing = missing;
  }
}

/** What to do about a model whose files are missing or wrong. */
export const REMEDY = "Pass the path of a model card (.json), or reinstall Playblast to get the default model back.";
