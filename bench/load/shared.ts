import type { Section } from "../report.js";
import type { Form } from "./form.js";
import { startExport } from "./large-export.js";
import { LiveShot } from "./live-shot.js";
import { MachineWatch } from "./machine-watch.js";
import { ServerProcess } from "./server-process.js";

const SIZE = { width: 256, height: 144 };
const EXPORT_SIZE = { width: 1280, height: 720 };
const SHOTS = 8;
/** Sum of eight against one, slowest against fastest, and beside an export against alone. */
const LEAST_OF_ONE = 0.9;
const LEAST_OF_FASTEST = 0.9;
const LEAST_BESIDE_EXPORT = 0.5;
/** Until all shots run and all code is compiled. */
const WARM_UP_MS = 5000;
const MEASURED_MS: Record<Form, number> = { short: 12_000, long: 60_000 };

/** How live shots share a server: eight against one, and one beside a large export. */
export async function benchShared(form: Form): Promise<Section[]> {
  const measuredMs = MEASURED_MS[form];
  const server = await ServerProcess.start();
  const machine = new MachineWatch([server.pid, process.pid]);
  try {
    const [alone] = await liveFps(server, 1, measuredMs);
    const eight = await liveFps(server, SHOTS, measuredMs);
    const sum = eight.reduce((a, b) => a + b);
    const stopExport = await startExport(server.address, EXPORT_SIZE);
    const [beside] = await liveFps(server, 1, measuredMs);
    const exported = await stopExport();
    const seconds = measuredMs / 1000;
    const others = { name: "others slow the machine at most", value: machine.slowdown(0), unit: "times" };
    return [
      {
        name: `${SHOTS} live shots`,
        method: `256x144 at 24 ticks a second each, ${seconds} s after ${WARM_UP_MS / 1000} s, one server, once`,
        figures: [
          { name: "one alone", value: alone, unit: "FPS" },
          { name: `sum of ${SHOTS}`, value: sum, unit: "FPS" },
          { name: "sum against one alone", value: sum / alone, unit: "", goal: { least: LEAST_OF_ONE } },
          {
            name: "slowest against fastest",
            value: Math.min(...eight) / Math.max(...eight),
            unit: "",
            goal: { least: LEAST_OF_FASTEST },
          },
          others,
        ],
      },
      {
        name: "live beside an export",
        method: `one live shot of 256x144 beside an export of 1280x720, ${seconds} s after ${WARM_UP_MS / 1000} s, once`,
        figures: [
          { name: "alone", value: alone, unit: "FPS" },
          { name: "beside the export", value: beside, unit: "FPS" },
          { name: "beside against alone", value: beside / alone, unit: "", goal: { least: LEAST_BESIDE_EXPORT } },
          { name: "frames that the export got meanwhile", value: exported, unit: "" },
          others,
        ],
      },
    ];
  } finally {
    machine.stop();
    await server.kill();
  }
}

/** Frames a second of some live shots at the same time. */
async function liveFps(server: ServerProcess, shots: number, measuredMs: number): Promise<number[]> {
  const open = await Promise.all(Array.from({ length: shots }, () => LiveShot.open(server.address, SIZE)));
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  const from = performance.now();
  await new Promise((resolve) => setTimeout(resolve, measuredMs));
  const reports = await Promise.all(open.map((shot) => shot.report(from)));
  await Promise.all(open.map((shot) => shot.close()));
  return reports.map(({ generated, milliseconds }) => generated / (milliseconds / 1000));
}
