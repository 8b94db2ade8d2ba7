import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PlayblastClient } from "playblast/client/client";
import type { ShotMessage } from "playblast/protocol/codec";
import { expect } from "vitest";
import { BYSTANDER_SIZE, Bystander, MOST_GAP_MS } from "../../bench/load/bystander.js";
import { FRAME_RATE, floorFrame, floorLook, openFloor } from "../../bench/load/floor-scene.js";
import type { LiveReport } from "../../bench/load/live-shot.js";
import { ServerProcess, type ServerProcessOptions } from "../../bench/load/server-process.js";
import { type AttackName, type Outcome, startAttack } from "./attacker.js";
import { pause } from "./attacks/target.js";

/** Frames that the default model denoises together: a live shot is answered once a chunk. */
const CHUNK_LENGTH = 4;
const CHUNK_MS = (CHUNK_LENGTH * 1000) / FRAME_RATE;
/** The bystander's first seconds, in which code is compiled, are no part of what is measured. */
const WARM_UP_MS = 2500;
const CONTROL_MS = 4000;
/** How long the bystander is watched after an attack has ended. */
const SETTLE_MS = 1000;
const HEALTHY_MS = 30_000;
const HEALTHY_TICKS = 4;

/** A server with a bystander on it, on which attacks are made one after another. */
export class Ground {
  readonly takes = mkdtempSync(join(tmpdir(), "playblast-takes-"));
  readonly #options: ServerProcessOptions;
  #server: ServerProcess | undefined;
  #bystander: Bystander | undefined;
  /** By how much the longest gap was longer than a chunk while nobody attacked, in milliseconds. */
  #noiseMs = 0;

  constructor(options: ServerProcessOptions = {}) {
    this.#options = options;
  }

  get server(): ServerProcess {
    if (!this.#server) throw new Error("the server is started by the first attack");
    return this.#server;
  }

  get target() {
    const { address, webSocketPort, pid } = this.server;
    return { address, webSocketPort, pid, takes: this.takes };
  }

  /** Makes an attack beside the bystander and says what came of it; a server that the last one ended is started anew. */
  async attack<Name extends AttackName>(name: Name): Promise<Outcome<Name>> {
    await this.#ready();
    const bystander = this.#bystander as Bystander;
    await bystander.mark();
    const attack = startAttack(name, this.target);
    let outcome: Outcome<Name> | undefined;
    let failure: unknown;
    try {
      outcome = await attack.outcome;
    } catch (error) {
      failure = error;
    }
    const peak = this.server.peakMegabytes();
    await pause(SETTLE_MS);
    const report = await bystander.report();
    say(name, outcome?.did ?? String(failure), [
      ...figuresOf(report),
      `control + ${this.#noiseMs.toFixed(0)} ms`,
      `server's peak ${peak.toFixed(0)} MB`,
    ]);
    this.expectServing();
    this.#expectUnharmed(report);
    if (!outcome) throw failure;
    await expectHealthy(this.server);
    return outcome;
  }

  /** The server must not have ended, nor lived on by its last guard alone. */
  expectServing(): void {
    expect(this.server.end, `the server ended; its log:\n${this.server.log.slice(-20).join("\n")}`).toBeUndefined();
    expect(this.server.log.filter((line) => /unhandled|uncaught/i.test(line))).toEqual([]);
  }

  async close(): Promise<void> {
    this.#bystander?.kill();
    await this.#server?.kill();
    rmSync(this.takes, { recursive: true, force: true });
  }

  /** Every tick answered once, and no gap that machine or client are not to blame for. */
  #expectUnharmed(report: LiveReport): void {
    expect(report.lost).toBeUndefined();
    expect({ unanswered: report.unanswered, twice: report.twice }).toEqual({ unanswered: 0, twice: 0 });
    expect(report.netGap).toBeLessThanOrEqual(MOST_GAP_MS + this.#noiseMs);
  }

  async #ready(): Promise<void> {
    const harmed = this.#server?.end || (this.#bystander && (await this.#isLost()));
    if (harmed) {
      this.#bystander?.kill();
      await this.#server?.kill();
      this.#server = undefined;
    }
    if (this.#server) return;
    this.#server = await ServerProcess.start({ takes: this.takes, ...this.#options });
    this.#bystander = await Bystander.start(this.#server.address);
    await pause(WARM_UP_MS);
    await this.#bystander.mark();
    await pause(CONTROL_MS);
    const control = await this.#bystander.report();
    this.#noiseMs = Math.max(0, control.netGap - CHUNK_MS);
    say("control", "nobody attacked", figuresOf(control));
  }

  async #isLost(): Promise<boolean> {
    await this.#bystander?.mark();
    return (await this.#bystander?.report())?.lost !== undefined;
  }
}

/** A shot of a stranger's must work: every tick comes back generated. */
export async function expectHealthy(server: ServerProcess): Promise<void> {
  const client = new PlayblastClient(server.address);
  try {
    const open = openFloor("export", BYSTANDER_SIZE) as Extract<ShotMessage, { $case: "openShot" }>;
    const shot = await client.openShot(open.value, AbortSignal.timeout(HEALTHY_MS));
    await shot.post(floorLook(0, BYSTANDER_SIZE));
    for (let tick = 0; tick < HEALTHY_TICKS; tick++) await shot.send(floorFrame(tick, BYSTANDER_SIZE));
    await shot.close();
    const ticks: number[] = [];
    for await (const answer of shot) if (answer.$case === "generatedFrame") ticks.push(answer.value.tick);
    expect(ticks).toEqual([...Array(HEALTHY_TICKS).keys()]);
  } finally {
    client.close();
  }
}

/** Prints a line of figures. */
export function say(name: string, what: string, figures: readonly string[]): void {
  console.log(`${name}: ${what}\n  ${figures.join(", ")}`);
}

function figuresOf(report: LiveReport): string[] {
  const { milliseconds, sent, generated, unanswered, twice, gap, netGap, ownStall, lost } = report;
  return [
    `bystander ${(milliseconds / 1000).toFixed(1)} s`,
    `${sent} ticks sent`,
    `${generated} generated`,
    `${unanswered} unanswered`,
    `${twice} twice`,
    `longest gap ${gap.toFixed(0)} ms (net ${netGap.toFixed(0)})`,
    `its own longest stall ${ownStall.toFixed(0)} ms`,
    ...(lost ? [`LOST: ${lost.code} ${lost.message}`] : []),
  ];
}
