import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ATTACKS } from "./attacks/attacks.js";
import type { Target } from "./attacks/target.js";

/** Name of an attack. */
export type AttackName = keyof typeof ATTACKS;
/** What an attack says of itself and of the server's answers. */
export type Outcome<Name extends AttackName> = Awaited<ReturnType<(typeof ATTACKS)[Name]>>;

const PROCESS = fileURLToPath(new URL("../../dist/faults/test/faults/attacks/attacker-process.js", import.meta.url));
/** An attacker that takes more is a defect of the attack. */
const HEAP_MEGABYTES = 1536;

/** An attack that runs in a process of its own. */
export interface RunningAttack<Name extends AttackName> {
  /** Resolves when the attack says that it is under way. */
  readonly started: Promise<void>;
  /** Rejects when it failed by itself or took longer than `patienceMs`. */
  readonly outcome: Promise<Outcome<Name>>;
  /** Ends it at once. */
  kill(): void;
}

/** Starts an attack. */
export function startAttack<Name extends AttackName>(
  name: Name,
  target: Target,
  patienceMs = 90_000,
): RunningAttack<Name> {
  const child: ChildProcess = fork(PROCESS, [name, JSON.stringify(target)], {
    execArgv: [`--max-old-space-size=${HEAP_MEGABYTES}`],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let complaint = "";
  child.stderr?.on("data", (text) => {
    complaint += text;
  });
  const late = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  const started = new Promise<void>((resolve) => {
    child.on("message", (message: { started?: true }) => message.started && resolve());
  });
  const outcome = new Promise<Outcome<Name>>((resolve, reject) => {
    child.on("message", (message: { outcome?: Outcome<Name> }) => message.outcome && resolve(message.outcome));
    once(child, "exit").then(([code, signal]) => {
      clearTimeout(late);
      reject(new Error(`attack ${name} ended with ${signal ?? code}: ${complaint.trim().slice(-1000)}`));
    });
  });
  // Whoever breaks it off need not wait for it.
  outcome.catch(() => {});
  return { started, outcome, kill: () => void child.kill("SIGKILL") };
}
