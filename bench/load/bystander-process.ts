import type { OpenShot } from "playblast/protocol/generated/playblast/v1/open_shot";
import type { Size } from "./floor-scene.js";
import { LiveShot } from "./live-shot.js";

/** What the process is started with: its first argument, as JSON. */
export interface BystanderSetup {
  readonly address: string;
  readonly size: Size;
  readonly changes: Partial<OpenShot>;
}

/** What the process is asked. */
export type BystanderQuestion = "mark" | "report" | "close";

/**
 * Runs as a process of its own, so that what others compute is no gap of its: one live shot until it is told to close.
 * "mark" begins a span of time, "report" answers a LiveReport on it, "close" closes the shot and ends the process.
 */
async function main(): Promise<void> {
  const { address, size, changes } = JSON.parse(process.argv[2]) as BystanderSetup;
  const shot = await LiveShot.open(address, size, changes);
  let from = performance.now();
  process.on("message", async (question: BystanderQuestion) => {
    if (question === "mark") {
      from = performance.now();
      process.send?.("marked");
    } else if (question === "report") process.send?.(await shot.report(from));
    else {
      await shot.close();
      process.disconnect?.();
    }
  });
  process.on("disconnect", () => process.exit());
  process.send?.("open");
}

await main();
