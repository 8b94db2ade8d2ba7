import { totalmem } from "node:os";
import type { Logger } from "pino";
import type { ModelTakes } from "../diffusion/family.js";
import {
  type FoundModel,
  findModel,
  findModelById,
  identityOf,
  idOf,
  MODELS_FOLDER,
  modelIds,
} from "../diffusion/model-card.js";
import { ModelError } from "../diffusion/model-error.js";
import { BadRequestError, Code } from "../protocol/errors.js";
import { quote, quoteList } from "../protocol/quote.js";
import type { ModelHost } from "../shot/renderer.js";

/** Loads a model that was found. */
export type OpenModel = (model: FoundModel, options: { readonly log?: Logger }) => Promise<ModelHost>;

/** A model that a shot may ask for. */
export interface AvailableModel {
  /** What open_shot.model takes. */
  readonly id: string;
  /** Name of its family. */
  readonly family: string;
  readonly takes: ModelTakes;
  /** Most frames that are generated together. */
  readonly chunkLength: number;
  /** ONNX Runtime execution provider in use, such as "cpu"; undefined as long as the model is not loaded. */
  readonly provider: string | undefined;
}

/** How the models of a server are held. */
export interface ModelsOptions {
  /** Where the reasons are told that clients do not hear; default: nowhere. */
  readonly log?: Logger;
  /** Folder of the models that shots may name; default: those that come with Playblast. */
  readonly folder?: string;
  /** Bytes that loaded models may take together, as long as one is loaded at all; default: a quarter of the machine's memory. */
  readonly memoryBytes?: number;
  /** Milliseconds on a clock that never goes back; default: performance.now. */
  readonly now?: () => number;
}

/** Share of the machine's memory for loaded models. */
const MEMORY_SHARE = 0.25;
/** A model that was asked for so short a time ago may be about to open a shot. */
const JUST_USED_MS = 10_000;
/** Pause after a failed load in which the same model is not tried again; doubled each time, up to the longest. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;

interface Entry {
  readonly id: string;
  readonly host: Promise<ModelHost>;
  loaded?: ModelHost;
  readonly expectedBytes: number;
  lastUsed: number;
}

/** The models of a server: loaded when first asked for, one host a model, shared by all shots. */
export class Models {
  readonly #open: OpenModel;
  readonly #fallback: string;
  readonly #log: Logger | undefined;
  readonly #folder: string;
  readonly #memoryBytes: number;
  readonly #now: () => number;
  /** By `identityOf`, so that one model has one host whatever it is called and wherever its card lies. */
  readonly #entries = new Map<string, Entry>();
  readonly #failures = new Map<string, { readonly count: number; readonly until: number; readonly error: unknown }>();
  readonly #listeners: ((serving: boolean) => void)[] = [];
  #serving = true;
  /** Identity of the default model once it was asked for. */
  #default: string | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  /** Id of the model for shots that name none. It stands before a model of the folder of the same id. */
  readonly defaultId: string;

  /** @param fallback Id or card path of the model for shots that name none; "" for the default model. */
  constructor(open: OpenModel, fallback: string, options: ModelsOptions = {}) {
    this.#open = open;
    this.#fallback = fallback;
    this.#log = options.log;
    this.#folder = options.folder ?? MODELS_FOLDER;
    this.#memoryBytes = options.memoryBytes ?? MEMORY_SHARE * totalmem();
    this.#now = options.now ?? (() => performance.now());
    this.defaultId = idOf(fallback, this.#folder);
  }

  /** False while the model for shots that name none cannot paint: what it runs in has ended and is started again, or it failed to load. */
  get serving(): boolean {
    return this.#serving;
  }

  /** Calls `listener` whenever `serving` changes. */
  onServingChange(listener: (serving: boolean) => void): void {
    this.#listeners.push(listener);
  }

  /** The models that can be opened, as far as one can tell without loading any: the default, then the others by id. */
  available(): AvailableModel[] {
    const ids = [this.defaultId, ...modelIds(this.#folder).filter((id) => id !== this.defaultId)];
    return ids.flatMap((id) => {
      try {
        const found = this.#find(id);
        if (!found) return [];
        const provider = this.#entries.get(identityOf(found))?.loaded?.provider;
        const { takes, chunkLength } = found.model;
        return [{ id, family: found.family, takes, chunkLength, provider }];
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        return [];
      }
    });
  }

  /**
   * The host of a model.
   *
   * @param id As a client names it: the id of a model of the folder or of the default, "" for the default. No path.
   * @throws BadRequestError when there is no such model, it cannot be loaded, or there is no memory for it beside those in use. It says
   * nothing of the server's files; the log does. After a failed load the next call tries again, but not before a short pause.
   */
  async get(id: string): Promise<ModelHost> {
    const found = this.#findForClient(id);
    const identity = identityOf(found);
    if (this.#isDefault(id)) this.#default = identity;
    const entry = this.#entries.get(identity) ?? this.#load(found, identity, id);
    entry.lastUsed = this.#now();
    try {
      return await entry.host;
    } catch (error) {
      throw this.#refusal(id, error);
    }
  }

  /**
   * Loads the model for shots that name none, which is loaded when first asked for otherwise.
   *
   * @throws ModelError when it cannot be used.
   */
  async load(): Promise<void> {
    const found = findModel(this.#fallback, this.#folder);
    const identity = identityOf(found);
    this.#default = identity;
    await (this.#entries.get(identity) ?? this.#load(found, identity, "")).host;
  }

  /** Ends all hosts, at once, and those that are being loaded as soon as they are. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.allSettled(entries.map(async ({ host }) => (await host).close()));
  }

  #isDefault(id: string): boolean {
    return !id || id === this.defaultId;
  }

  #find(id: string): FoundModel | undefined {
    return this.#isDefault(id) ? findModel(this.#fallback, this.#folder) : findModelById(id, this.#folder);
  }

  #findForClient(id: string): FoundModel {
    let found: FoundModel | undefined;
    try {
      found = this.#find(id);
    } catch (error) {
      this.#log?.error({ model: id || this.defaultId, err: error }, "model cannot be used");
      throw this.#refusal(id, error);
    }
    if (found) return found;
    const remedy = `this server has ${quoteList(this.available().map((model) => model.id))}`;
    throw new BadRequestError("open_shot.model", `is ${quote(id)}, which is no model here; ${remedy}`, Code.NOT_FOUND);
  }

  #load(found: FoundModel, identity: string, id: string): Entry {
    if (this.#closed) throw new BadRequestError("shot", "cannot open: the server is shutting down", Code.UNAVAILABLE);
    const failure = this.#failures.get(identity);
    if (failure && failure.until > this.#now()) throw this.#refusal(id, failure.error);
    const expectedBytes = found.model.memory.model(found.files.reduce((sum, { bytes }) => sum + bytes, 0));
    this.#makeRoom(expectedBytes);
    const host = this.#open(found, { log: this.#log });
    const entry: Entry = { id: found.id, host, expectedBytes, lastUsed: this.#now() };
    this.#entries.set(identity, entry);
    host.then(
      (loaded) => {
        entry.loaded = loaded;
        this.#failures.delete(identity);
        loaded.state?.onServingChange(() => this.#tellServing());
        this.#tellServing();
      },
      (error) => {
        if (this.#entries.get(identity) === entry) this.#entries.delete(identity);
        this.#failed(identity, found, error);
      },
    );
    return entry;
  }

  #failed(identity: string, found: FoundModel, error: unknown): void {
    if (this.#closed) return;
    const count = (this.#failures.get(identity)?.count ?? 0) + 1;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (count - 1));
    this.#failures.set(identity, { count, until: this.#now() + pause, error });
    this.#log?.error({ model: found.id, pauseMs: pause, err: error }, "model cannot be loaded");
    this.#tellServing();
    if (identity !== this.#default) return;
    // Those who look at the health send no shots meanwhile, so that nobody else would try again.
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.get("").catch(() => {}), pause);
    this.#retry.unref();
  }

  /** Unloads models that no shot uses, those used longest ago first, until so many bytes more fit. */
  #makeRoom(bytes: number): void {
    const size = ({ loaded, expectedBytes }: Entry) => loaded?.state?.bytes ?? expectedBytes;
    let taken = [...this.#entries.values()].reduce((sum, entry) => sum + size(entry), 0);
    const idle = [...this.#entries]
      .filter(([, { loaded, lastUsed }]) => {
        return loaded?.state?.openShots === 0 && this.#now() - lastUsed > JUST_USED_MS;
      })
      .sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
    for (const [identity, entry] of idle) {
      if (taken + bytes <= this.#memoryBytes) return;
      this.#entries.delete(identity);
      taken -= size(entry);
      this.#log?.info({ model: entry.id }, "model unloaded to make room for another");
      void entry.loaded?.close();
    }
    if (this.#entries.size === 0 || taken + bytes <= this.#memoryBytes) return;
    const inUse = [...this.#entries.values()].map((entry) => `'${entry.id}'`);
    throw new BadRequestError(
      "open_shot.model",
      `needs memory that other models take now (${inUse.join(", ")}); name one of these, or try again when their shots have closed`,
      Code.RESOURCE_EXHAUSTED,
    );
  }

  /** What a client hears of a model that cannot be used: nothing of the server's files. */
  #refusal(id: string, error: unknown): unknown {
    if (error instanceof BadRequestError) return error;
    const what = `is '${id || this.defaultId}', which`;
    if (error instanceof ModelError && error.missing)
      return new BadRequestError("open_shot.model", `${what} is not there; the server's log says more`, Code.NOT_FOUND);
    if (error instanceof ModelError) {
      const reason = error.fault
        ? `is '${id || this.defaultId}', whose ${error.fault}`
        : `${what} cannot be loaded; the server's log says why`;
      return new BadRequestError("open_shot.model", reason, Code.FAILED_PRECONDITION);
    }
    const reason = `${what} could not be loaded; the server's log says why. Try again later`;
    return new BadRequestError("open_shot.model", reason, Code.UNAVAILABLE);
  }

  #tellServing(): void {
    const identity = this.#default;
    const state = identity === undefined ? undefined : this.#entries.get(identity)?.loaded?.state;
    const serving = !(identity !== undefined && this.#failures.has(identity)) && state?.serving !== false;
    if (serving === this.#serving || this.#closed) return;
    this.#serving = serving;
    for (const listener of this.#listeners) listener(serving);
  }
}
