import { readFileSync } from "node:fs";
import { CONTROL_CHANNELS, CONTROL_NAMES, SHARED_CONSTANTS } from "./controls.js";
import { type WasmMemory, type WasmModule, webAssembly } from "./webassembly.js";

/** Relative to this file in `src` and in `dist` alike: kernels are compiled from `kernels/`. */
const MODULE = new URL("../../dist/conditioning/kernels.wasm", import.meta.url);
/** Bytes of a page of WebAssembly memory, and pages of the largest memory, 4 GiB. */
const PAGE = 1 << 16;
const MOST_PAGES = 1 << 16;
/** Addresses below this are not used, so that 0 can stand for "none". */
const FIRST_ADDRESS = 1024;
/** What vectors are aligned to, and bytes behind the last array that they may read. */
const ALIGNMENT = 16;
const SLACK = 64;

/** A kernel: a function of `kernels/index.ts`. All arguments are numbers: addresses, rows, counts. */
export type Kernel =
  | "screenToScreen"
  | "ownersOfRows"
  | "surfacesOfRows"
  | "findRows"
  | "fillHoles"
  | "localsOfOwners"
  | "finishRows"
  | "facingsOfRows"
  | "groupFacings"
  | "planesOfFacing"
  | "patternOfPlane"
  | "engineRows"
  | "mapsRows"
  | "sampleFeatures"
  | "transferRows"
  | "writeRows"
  | "rememberRows"
  | "firstFrameRows"
  | "quadsOfRows"
  | "curvesOfRows";

/** Kernels on one memory. */
export type Kernels = Readonly<Record<Kernel, (...args: number[]) => void>> & {
  /** Tells where this instance may keep what it is at; [SCRATCH_BYTES], of its own. */
  readonly setScratch: (address: number) => void;
};

export { SCRATCH_BYTES } from "./pattern-sizes.js";

let compiled: WasmModule | undefined;

/** The compiled kernels, which threads share. */
export function kernelModule(): WasmModule {
  compiled ??= new webAssembly.Module(readFileSync(MODULE));
  return compiled;
}

/** The kernels on a memory. */
export function instantiateKernels(module: WasmModule, memory: WasmMemory, scratch: number): Kernels {
  const channels = CONTROL_NAMES.map((name, i) => [name.replace(/ (\w)/g, (_, letter) => letter.toUpperCase()), i]);
  const controls = { ...Object.fromEntries(channels), count: CONTROL_CHANNELS };
  const { exports } = new webAssembly.Instance(module, {
    env: { memory },
    controls,
    constants: { ...SHARED_CONSTANTS },
  });
  const kernels = exports as unknown as Kernels;
  kernels.setScratch(scratch);
  return kernels;
}

/**
 * Memory that kernels of all threads share. Arrays are views of it, whose `byteOffset` is their address; what was taken is never given back,
 * but all of it goes when nobody holds the memory any more.
 */
export class KernelMemory {
  readonly memory = new webAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true });
  #top = FIRST_ADDRESS;

  /** Bytes taken. */
  get bytes(): number {
    return this.#top;
  }

  /** Address of so many bytes, all 0. Throws RangeError beyond 4 GiB. */
  take(bytes: number): number {
    const at = this.#top;
    const top = Math.ceil((at + bytes) / ALIGNMENT) * ALIGNMENT;
    const missing = top + SLACK - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    this.#top = top;
    return at;
  }

  u8(length: number): Uint8Array {
    const at = this.take(length);
    return new Uint8Array(this.memory.buffer, at, length);
  }

  u16(length: number): Uint16Array {
    const at = this.take(length * 2);
    return new Uint16Array(this.memory.buffer, at, length);
  }

  i16(length: number): Int16Array {
    const at = this.take(length * 2);
    return new Int16Array(this.memory.buffer, at, length);
  }

  i32(length: number): Int32Array {
    const at = this.take(length * 4);
    return new Int32Array(this.memory.buffer, at, length);
  }

  u32(length: number): Uint32Array {
    const at = this.take(length * 4);
    return new Uint32Array(this.memory.buffer, at, length);
  }

  f32(length: number): Float32Array {
    const at = this.take(length * 4);
    return new Float32Array(this.memory.buffer, at, length);
  }

  f64(length: number): Float64Array {
    const at = this.take(length * 8);
    return new Float64Array(this.memory.buffer, at, length);
  }
}
