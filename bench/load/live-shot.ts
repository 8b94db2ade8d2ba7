import { type ClientShot, PlayblastClient, type ShotError } from "playblast/client/client";
import type { ShotMessage } from "playblast/protocol/codec";
import type { OpenShot } from "playblast/protocol/generated/playblast/v1/open_shot";
import { FRAME_RATE, floorFrame, floorLook, openFloor, type Size } from "./floor-scene.js";
import { StallWatch } from "./stalls.js";

/** How a live shot fared in a span of time. Times are in milliseconds. */
export interface LiveReport {
  readonly milliseconds: number;
  /** Ticks that were sent. */
  readonly sent: number;
  readonly generated: number;
  readonly dropped: number;
  /** Ticks sent that got no answer, however long one waited. */
  readonly unanswered: number;
  /** Ticks answered more than once. */
  readonly twice: number;
  /** The longest time without any answer. */
  readonly gap: number;
  /** The same, less what this process itself did not run in that time. */
  readonly netGap: number;
  /** The longest time without a generated frame. */
  readonly pictureGap: number;
  /** The same, less what this process itself did not run in that time. */
  readonly netPictureGap: number;
  /** The longest that this process itself did not run. */
  readonly ownStall: number;
  /** Set where the shot ended although nobody closed it. */
  readonly lost: { readonly code: number; readonly message: string } | undefined;
  /** Sent ticks and when, in milliseconds since 1970. */
  readonly times: readonly { readonly tick: number; readonly at: number }[];
}

/** How long a report waits for answers that are still missing. */
const GRACE_MS = 10_000;
const POLL_MS = 20;

/** A live shot of the floor that sends its ticks in time and writes down when each was answered. */
export class LiveShot {
  readonly #client: PlayblastClient;
  readonly #shot: ClientShot;
  readonly #size: Size;
  readonly #stalls = new StallWatch();
  readonly #sentAt: number[] = [];
  readonly #answers = new Map<number, number>();
  readonly #arrivals: { readonly at: number; readonly generated: boolean }[] = [];
  readonly #done: Promise<void>;
  #closing = false;
  #lost: LiveReport["lost"];

  private constructor(client: PlayblastClient, shot: ClientShot, size: Size) {
    this.#client = client;
    this.#shot = shot;
    this.#size = size;
    this.#done = Promise.all([this.#read(), this.#send()]).then(() => {});
  }

  /** Opens it and starts to send. */
  static async open(address: string, size: Size, changes: Partial<OpenShot> = {}): Promise<LiveShot> {
    const client = new PlayblastClient(address);
    const open = openFloor("live", size, changes) as Extract<ShotMessage, { $case: "openShot" }>;
    const shot = await client.openShot(open.value);
    await shot.post(floorLook(0, size));
    return new LiveShot(client, shot, size);
  }

  /** How it fared since `from`, of `performance.now()`. Waits for answers that are due. */
  async report(from = 0): Promise<LiveReport> {
    const to = performance.now();
    const ticks = [...this.#sentAt.keys()].filter((tick) => this.#sentAt[tick] >= from && this.#sentAt[tick] <= to);
    const missing = () => ticks.filter((tick) => !this.#answers.has(tick)).length;
    while (missing() > 0 && !this.#lost && performance.now() < to + GRACE_MS)
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const [gap, netGap] = this.#longestGap(this.#arrivals, from, to);
    const pictures = this.#arrivals.filter((arrival) => arrival.generated);
    const [pictureGap, netPictureGap] = this.#longestGap(pictures, from, to);
    const arrived = this.#arrivals.filter((arrival) => arrival.at >= from && arrival.at <= to);
    const generated = arrived.filter((arrival) => arrival.generated).length;
    return {
      milliseconds: to - from,
      sent: ticks.length,
      generated,
      dropped: arrived.length - generated,
      unanswered: missing(),
      twice: [...this.#answers.values()].filter((count) => count > 1).length,
      gap,
      netGap,
      pictureGap,
      netPictureGap,
      ownStall: this.#stalls.longest(from, to),
      lost: this.#lost,
      times: ticks.map((tick) => ({ tick, at: performance.timeOrigin + this.#sentAt[tick] })),
    };
  }

  /** Closes the shot and waits for its end. */
  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      await this.#shot.close().catch(() => {});
    }
    await this.#done;
    this.#stalls.stop();
    this.#client.close();
  }

  /** The longest time between two arrivals that reaches into a span, and the same less what this process did not run. */
  #longestGap(arrivals: readonly { readonly at: number }[], from: number, to: number): [number, number] {
    let before = this.#sentAt[0] ?? from;
    let longest: [number, number] = [0, 0];
    const note = (at: number) => {
      if (at >= from && before <= to && at - before > longest[0])
        longest = [at - before, at - before - this.#stalls.between(before, at)];
      before = at;
    };
    for (const { at } of arrivals) note(at);
    if (before < to) note(performance.now());
    return longest;
  }

  async #send(): Promise<void> {
    const start = performance.now();
    for (let tick = 0; !this.#closing && !this.#lost; tick++) {
      const wait = start + (tick * 1000) / FRAME_RATE - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      if (this.#closing || this.#lost) return;
      this.#sentAt[tick] = performance.now();
      try {
        await this.#shot.send(floorFrame(tick, this.#size));
      } catch {
        // The reader hears why.
        return;
      }
    }
  }

  async #read(): Promise<void> {
    try {
      for await (const answer of this.#shot) {
        if (answer.$case !== "generatedFrame" && answer.$case !== "frameDropped") continue;
        const { tick } = answer.value;
        this.#answers.set(tick, (this.#answers.get(tick) ?? 0) + 1);
        this.#arrivals.push({ at: performance.now(), generated: answer.$case === "generatedFrame" });
      }
      if (!this.#closing) this.#lost = { code: 0, message: "the server closed the shot" };
    } catch (error) {
      const { code, message } = error as ShotError;
      this.#lost = { code, message };
    }
  }
}
