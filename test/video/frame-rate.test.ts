import { describe, expect, it } from "vitest";
import { frameRateOf, frameRateText, parseFrameRate } from "../../src/video/frame-rate.js";

const MOST = 240;
const read = (text: string) => {
  const rate = parseFrameRate(text, MOST);
  return rate && frameRateText(rate);
};

describe("a frame rate", () => {
  it.each([
    ["24", "24"],
    ["24.0", "24"],
    ["48/2", "24"],
    ["23.976", "24000/1001"],
    ["23.98", "24000/1001"],
    ["24000/1001", "24000/1001"],
    ["29.97", "30000/1001"],
    ["47.952", "48000/1001"],
    ["59.94", "60000/1001"],
    ["59.94006", "60000/1001"],
    ["119.88", "120000/1001"],
    ["14.985", "15000/1001"],
    ["23976/1000", "2997/125"],
    ["23.9", "239/10"],
    ["24.05", "481/20"],
    ["12.5", "25/2"],
    ["0.5", "1/2"],
    ["1e1", "10"],
    ["240", "240"],
  ])("written as %s is %s", (text, rate) => expect(read(text)).toBe(rate));

  it.each(["", " ", "0", "-24", "240.5", "1000/3", "24/0", "0/1", "24/", "/1001", "2.5/1", "1e-9", "fast", "Infinity"])(
    "is not written as '%s'",
    (text) => expect(read(text)).toBeUndefined(),
  );

  it("of a take that was stored in less than a double is the fraction that was meant", () => {
    expect(frameRateText(frameRateOf(Math.fround(23.976)))).toBe("24000/1001");
    expect(frameRateText(frameRateOf(24000 / 1001))).toBe("24000/1001");
    expect(frameRateText(frameRateOf(Math.fround(59.94)))).toBe("60000/1001");
    expect(frameRateText(frameRateOf(Math.fround(24.3)))).toBe("243/10");
  });

  it("that is next to nothing is still a rate", () => expect(frameRateText(frameRateOf(1e-9))).toBe("1/1000"));
});
