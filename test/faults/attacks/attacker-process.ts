import { setPriority } from "node:os";
import { ATTACKS } from "./attacks.js";
import type { Target } from "./target.js";

/** Behind server and bystander where they want the same core, so that what the attacker computes is no gap of theirs. */
const BEHIND = 10;

/** Runs as a process of its own: the attack that its first argument names, on the target that the second one is (JSON). */
async function main(): Promise<void> {
  setPriority(BEHIND);
  process.on("disconnect", () => process.exit());
  const attack = ATTACKS[process.argv[2] as keyof typeof ATTACKS];
  const target = JSON.parse(process.argv[3]) as Target;
  const outcome = await attack(target, () => process.send?.({ started: true }));
  process.send?.({ outcome }, () => process.exit());
}

await main();
