import { parentPort } from "node:worker_threads";
import { instantiateKernels, type Kernels } from "./kernels.js";
import { collectSoon, type ThreadCall, takePart } from "./threads.js";
import type { WasmModule } from "./webassembly.js";

/** Runs in a worker thread: kernels on the memories of all open shots. */
let module: WasmModule;
const open = new Map<number, Kernels>();

parentPort?.on("message", (call: ThreadCall) => {
  if (call.kind === "module") module = call.module;
  else if (call.kind === "open") open.set(call.id, instantiateKernels(module, call.memory, call.scratch));
  else if (call.kind === "close") {
    open.delete(call.id);
    collectSoon();
  } else {
    const kernels = open.get(call.id);
    // The caller's thread hears of a failure through `progress`.
    if (kernels)
      try {
        takePart(kernels, call.phases, call.progress);
      } catch {}
  }
});
