/** The part of WebAssembly's JavaScript interface that is used here: Node has it, its types for this version leave it out. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class Memory {
    constructor(descriptor: { readonly initial: number; readonly maximum: number; readonly shared: true });
    readonly buffer: SharedArrayBuffer;
    /** Adds pages of 64 KiB; gives how many there were. Throws RangeError where that fails. */
    grow(pages: number): number;
  }
}
