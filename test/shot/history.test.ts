import { describe, expect, it } from "vitest";
import type { EngineFrame } from "../../src/scene/engine-frame.js";
import {
  emptyHistory,
  forget,
  keptTicks,
  MOST_KEPT_BYTES,
  MOST_KEPT_FRAMES,
  recall,
  remember,
} from "../../src/shot/history.js";

/** A frame whose planes claim so many bytes. */
const frame = (tick: number, bytes = 0) =>
  ({ tick, depth: { byteLength: bytes / 2 }, shade: { byteLength: bytes / 2 } }) as unknown as EngineFrame;

describe("the engine frames that a shot remembers", () => {
  it("are the last ones, by number", () => {
    const history = emptyHistory();
    expect(keptTicks(history)).toBe("no tick was sent yet");
    for (let tick = 0; tick < 100; tick++) remember(history, frame(tick, 10));
    expect(history).toMatchObject({ bytes: MOST_KEPT_FRAMES * 10 });
    expect(recall(history, 36)?.tick).toBe(36);
    expect(recall(history, 35)).toBeUndefined();
    expect(keptTicks(history)).toBe("of those sent, the last 64 are still held, 36 to 99");
  });

  it("are fewer when they are large, and always the newest", () => {
    const history = emptyHistory();
    for (let tick = 0; tick < 10; tick++) remember(history, frame(tick, MOST_KEPT_BYTES / 4));
    expect(history.frames.map(({ tick }) => tick)).toEqual([6, 7, 8, 9]);
    remember(history, frame(10, MOST_KEPT_BYTES * 2));
    expect(history.frames.map(({ tick }) => tick)).toEqual([10]);
    expect(keptTicks(history)).toBe("of those sent, tick 10 is still held");
    forget(history);
    expect(history).toEqual(emptyHistory());
  });

  it("are kept as far as a first frame needs them", () => {
    const history = emptyHistory();
    const plane = new Float32Array(12);
    const lights = [{ kind: "ambient" }];
    const ids = new Uint16Array(4);
    const rgb = new Uint8Array(12);
    const needed = {
      tick: 1,
      depth: plane,
      ownerId: ids,
      normal: plane,
      shade: plane,
      albedo: rgb,
      surfaceId: ids,
      colour: rgb,
    };
    remember(history, { ...needed, truth: rgb, lights } as unknown as EngineFrame);
    expect(recall(history, 1)).toEqual({ ...needed, lights: [] });
    expect(history.bytes).toBe(48 + 8 + 48 + 48 + 12 + 8 + 12);
  });
});
