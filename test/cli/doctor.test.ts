import { expect, it } from "vitest";
import { playblast } from "../fixtures/command-line.js";

it("doctor says what a shot takes at each common size, and the largest that fits", () => {
  const { stdout } = playblast("doctor", "--json");
  const findings = JSON.parse(stdout) as { what: string; detail: string }[];
  const detail = findings.find(({ what }) => what === "shot")?.detail ?? "";
  const takes = [...detail.matchAll(/([\d.]+) GB at (\d+)x(\d+)/g)].map(([, ...numbers]) => numbers.map(Number));
  expect(takes.map(([, width, height]) => `${width}x${height}`)).toEqual([
    "256x144",
    "512x288",
    "832x480",
    "1280x720",
    "1920x1088",
  ]);
  const gigabytes = takes.map(([taken]) => taken);
  expect(gigabytes).toEqual([...gigabytes].sort((a, b) => a - b));
  expect(gigabytes[0]).toBeGreaterThan(0);
  expect(detail).toMatch(/fits, live and export|the largest that fits, live and export, is \d+x\d+/);
});
