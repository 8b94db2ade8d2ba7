import type { TakeEntry } from "./take-messages.js";

/** From the take writer to its worker thread. `take` numbers the takes that are open. */
export type TakeCall =
  | { readonly kind: "open"; readonly take: number; readonly fd: number; readonly level: number }
  | {
      readonly kind: "add";
      readonly take: number;
      readonly entry: TakeEntry;
      /** Nanoseconds since 1970. */
      readonly logTime: bigint;
    }
  | { readonly kind: "end"; readonly take: number };

/** From the worker thread to the take writer. */
export type TakeReply =
  /** The file has its beginning. */
  | { readonly kind: "opened"; readonly take: number }
  /** So many bytes of entries are in a chunk, or were thrown away after a failure */
  | { readonly kind: "took"; readonly take: number; readonly bytes: number }
  /** The file is whole; it is neither synced nor closed. */
  | { readonly kind: "ended"; readonly take: number }
  /** The file cannot be written any more; `chunks` of it are whole. */
  | { readonly kind: "failed"; readonly take: number; readonly message: string; readonly chunks: number };
