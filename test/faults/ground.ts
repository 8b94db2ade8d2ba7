import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PlayblastClient } from "playblast/client/client";
import type { ShotMessage } from "playblast/protocol/codec";
import { expect } from "vitest";
import { BYSTANDER_SIZE, Bystander, MOST_GAP_MS } from "../../bench/load/bystander.js";
import { FRAME_RATE, floorFrame, floorLook, openFloor } from "../../bench/load/floor-scene.js";
import type { LiveReport } from "../../bench/load/live-shot.js";
import { MachineWatch } from "../../bench/load/machine-watch.js";
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
  #machine: MachineWatch | undefined;
  /** By how much the longest gap was longer than a chunk while nobody attacked, in milliseconds. */
  #noiseMs = 0;
  /** Whether the last attack did harm: the next one is made on a new server, so that it is not blamed for that. */
  #harmed = false;
  /** Frames a second of the bystander while nobody attacked and during the last attack, when others slowed the machine so many times. */
  fps = { alone: 0, during: 0, slowdown: 1 };
  /** The server's memory before and at most during the last attack, in MB. */
  megabytes = { before: 0, peak: 0 };

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

  /** Makes an attack beside the bystander and says what came of it; a server that the last one harmed is started anew. */
  async attack<Name extends AttackName>(name: Name, patienceMs?: number): Promise<Outcome<Name>> {
    await this.#ready();
    const bystander = this.#bystander as Bystander;
    this.#harmed = true;
    const machine = this.#machine as MachineWatch;
    const from = performance.now();
    await bystander.mark();
    const before = this.server.megabytes();
    this.server.takePeakMegabytes();
    const attack = startAttack(name, this.target, patienceMs);
    let outcome: Outcome<Name> | undefined;
    let failure: unknown;
    try {
      outcome = await attack.outcome;
    } catch (error) {
      failure = error;
    }
    this.megabytes = { before, peak: this.server.takePeakMegabytes() };
    await pause(SETTLE_MS);
    const report = await bystander.report();
    const slowdown = machine.slowdown(from);
    this.fps = { ...this.fps, during: fpsOf(report), slowdown };
    const mostGap = MOST_GAP_MS * slowdown + this.#noiseMs;
    say(name, outcome?.did ?? String(failure), [
      ...figuresOf(report),
      `allowed ${mostGap.toFixed(0)} ms: others slow the machine ${slowdown.toFixed(1)} times, control + ${this.#noiseMs.toFixed(0)} ms`,
      `server's memory ${before.toFixed(0)} MB, at most ${this.megabytes.peak.toFixed(0)} MB`,
    ]);
    this.expectServing();
    expectUnharmed(report, mostGap);
    if (!outcome) throw failure;
    await expectHealthy(this.server);
    this.#harmed = false;
    return outcome;
  }

  /** The server must not have ended, nor lived on by its last guard alone. */
  expectServing(): void {
    expect(this.server.end, `the server ended; its log:\n${this.server.log.slice(-20).join("\n")}`).toBeUndefined();
    expect(this.server.log.filter((line) => /unhandled|uncaught/i.test(line))).toEqual([]);
  }

  async close(): Promise<void> {
    await this.#end();
    rmSync(this.takes, { recursive: true, force: true });
  }

  async #end(): Promise<void> {
    this.#machine?.stop();
    this.#bystander?.kill();
    await this.#server?.kill();
    this.#server = undefined;
  }

  async #ready(): Promise<void> {
    if (this.#harmed) {
      await this.#end();
      this.#harmed = false;
    }
    if (this.#server) return;
    this.#server = await ServerProcess.start({ takes: this.takes, ...this.#options });
    this.#bystander = await Bystander.start(this.#server.address);
    this.#machine = new MachineWatch([this.#server.pid, this.#bystander.pid]);
    await pause(WARM_UP_MS);
    const from = performance.now();
    await this.#bystander.mark();
    await pause(CONTROL_MS);
    const control = await this.#bystander.report();
    const slowdown = this.#machine.slowdown(from);
    this.fps = { alone: fpsOf(control), during: 0, slowdown };
    this.#noiseMs = Math.max(0, control.netPictureGap - CHUNK_MS * slowdown);
    say("control", "nobody attacked", [...figuresOf(control), `others slow the machine ${slowdown.toFixed(1)} times`]);
  }
}

/** Every tick answered once, and no gap that machine or client are not to blame for. */
function expectUnharmed(report: LiveReport, mostGapMs: number): void {
  expect(report.lost).toBeUndefined();
  expect({ unanswered: report.unanswered, twice: report.twice }).toEqual({ unanswered: 0, twice: 0 });
  expect(report.netGap, "time without an answer").toBeLessThanOrEqual(mostGapMs);
  expect(report.netPictureGap, "time without a picture").toBeLessThanOrEqual(mostGapMs);
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

function fpsOf({ generated, milliseconds }: LiveReport): number {
  return generated / (milliseconds / 1000);
}

/** Prints a line of figures. */
export function say(name: string, what: string, figures: readonly string[]): void {
  console.log(`${name}: ${what}\n  ${figures.join(", ")}`);
}

function figuresOf(report: LiveReport): string[] {
  const { milliseconds, sent, generated, unanswered, twice, ownStall, lost } = report;
  const { gap, netGap, pictureGap, netPictureGap } = report;
  return [
    `bystander ${(milliseconds / 1000).toFixed(1)} s`,
    `${sent} ticks sent`,
    `${generated} generated`,
    `${unanswered} unanswered`,
    `${twice} twice`,
    `longest without an answer ${gap.toFixed(0)} ms (net ${netGap.toFixed(0)})`,
    `without a picture ${pictureGap.toFixed(0)} ms (net ${netPictureGap.toFixed(0)})`,
    `its own longest stall ${ownStall.toFixed(0)} ms`,
    ...(lost ? [`LOST: ${lost.code} ${lost.message}`] : []),
  ];
}
