/** A compiled module. */
export type WasmModule = object;

/** Memory that modules in several threads share. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
  /** Adds pages of 64 KiB; gives how many there were. Throws RangeError where that fails. */
  grow(pages: number): number;
}

/** The part of WebAssembly's JavaScript interface that is used here: Node has it, the types for this version of Node leave it out. */
interface WebAssemblyInterface {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
  readonly Memory: new (descriptor: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }) => WasmMemory;
}

/** WebAssembly as Node has it. */
export const webAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface }).WebAssembly;
