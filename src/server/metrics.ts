import type { ShotAnswer } from "../protocol/codec.js";
import { DropReason } from "../protocol/generated/playblast/v1/generated_frame.js";

/** Counters of a server since its start. */
export class Metrics {
  #open = 0;
  #shots = 0;
  #generated = 0;
  readonly #dropped = new Map<string, number>();
  readonly #milliseconds = { queue: 0, decode: 0, conditioning: 0, diffusion: 0, encode: 0 };

  opened(): void {
    this.#open++;
    this.#shots++;
  }

  closed(): void {
    this.#open--;
  }

  /** Counts an answer on its way out. */
  count(answer: ShotAnswer): void {
    if (answer.$case === "frameDropped") {
      const reason = (DropReason[answer.value.reason] ?? "UNKNOWN").replace("DROP_REASON_", "").toLowerCase();
      this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + 1);
    } else if (answer.$case === "generatedFrame") {
      this.#generated++;
      const { timings } = answer.value;
      if (!timings) return;
      this.#milliseconds.queue += timings.queueMs;
      this.#milliseconds.decode += timings.decodeMs;
      this.#milliseconds.conditioning += timings.conditioningMs;
      this.#milliseconds.diffusion += timings.diffusionMs;
      this.#milliseconds.encode += timings.encodeMs;
    }
  }

  /** In the text format of Prometheus. */
  toString(): string {
    const lines = [
      "# TYPE playblast_shots_open gauge",
      `playblast_shots_open ${this.#open}`,
      "# TYPE playblast_shots_total counter",
      `playblast_shots_total ${this.#shots}`,
      "# TYPE playblast_frames_generated_total counter",
      `playblast_frames_generated_total ${this.#generated}`,
      "# TYPE playblast_frames_dropped_total counter",
      ...[...this.#dropped].map(([reason, count]) => `playblast_frames_dropped_total{reason="${reason}"} ${count}`),
      "# TYPE playblast_stage_milliseconds_total counter",
      ...Object.entries(this.#milliseconds).map(
        ([stage, ms]) => `playblast_stage_milliseconds_total{stage="${stage}"} ${ms.toFixed(1)}`,
      ),
    ];
    return `${lines.join("\n")}\n`;
  }
}
