import { describe, expect, it } from "vitest";
import { SceneClock } from "../../src/cli/scene-clock.js";

const FILM = { numerator: 24, denominator: 1 };
/** What a clock finds in [tick, time] pairs; "cut" is a cut. */
function worst(...frames: ([number, number] | "cut")[]) {
  const clock = new SceneClock(FILM);
  for (const frame of frames) {
    if (frame === "cut") clock.cut();
    else clock.see(...frame);
  }
  return clock.worst;
}

describe("a scene's clock", () => {
  it("follows its ticks wherever it began, gaps or not", () => {
    expect(worst([7, 100], [8, 100 + 1 / 24], [20, 100 + 13 / 24])).toBeUndefined();
  });

  it("may be off by a frame, as engines round", () => {
    expect(worst([0, 0], [1, 0.05], [2, 0.1], [3, 4 / 24])).toBeUndefined();
  });

  it("is said to be off where it is farthest", () => {
    expect(worst([0, 0], [1, 0.2], [2, 1], [3, 0.5])).toEqual({ tick: 2, scene: 1, video: 2 / 24 });
    expect(worst([0, 10], [1, 2])).toMatchObject({ tick: 1, scene: -8 });
  });

  it("may jump at a cut", () => {
    expect(worst([0, 0], [1, 1 / 24], "cut", [2, 50], [3, 50 + 1 / 24])).toBeUndefined();
    expect(worst([0, 0], "cut", [2, 50], [3, 51])).toMatchObject({ tick: 3, scene: 1 });
  });
});
