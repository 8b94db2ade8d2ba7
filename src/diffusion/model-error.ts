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

/** What to do about a model whose files are missing or wrong. */
export const REMEDY = "Pass the path of a model card (.json), or reinstall Playblast to get the default model back.";
