import { describe, expect, it } from "vitest";
import { Conditioner } from "../../src/conditioning/conditioner.js";
import { filledWarp } from "../../src/conditioning/filled-warp.js";
import { RAY_SCENE, rayFrame } from "../fixtures/ray-scene.js";

const SIZE = { width: 128, height: 72 };

/** PSNR in dB over the pixels that `use` picks. */
function psnr(a: Uint8Array, b: Uint8Array, use: (pixel: number) => boolean): number {
  let squared = 0;
  let count = 0;
  for (let i = 0; i < a.length; i++) {
    if (!use((i / 3) | 0)) continue;
    squared += (a[i] - b[i]) ** 2;
    count++;
  }
  return 10 * Math.log10((255 * 255 * count) / squared);
}

function afterFirstFrame(options: Parameters<typeof rayFrame>[1], tick: number, size = SIZE) {
  const conditioner = new Conditioner(RAY_SCENE, size);
  const first = rayFrame(0, options);
  conditioner.setFirstFrame(first.truth as Uint8Array, first);
  const frame = rayFrame(tick, options);
  const [seen] = conditioner.condition([frame]);
  return { conditioner, frame, seen, picture: filledWarp(seen.control, size) };
}

describe("the world cache", () => {
  it("gives the first frame back when nothing moved", () => {
    const { frame, seen, picture } = afterFirstFrame(SIZE, 0);
    expect(seen.correspondence.coverage).toBe(1);
    expect(psnr(picture, frame.truth as Uint8Array, () => true)).toBeGreaterThan(48);
  });

  it("follows camera, box and bones to the colours of a later tick", () => {
    const { frame, seen, picture } = afterFirstFrame(SIZE, 11);
    expect(seen.correspondence.coverage).toBeGreaterThan(0.85);
    expect(seen.correspondence.coverage).toBeLessThan(1);
    expect(psnr(picture, frame.truth as Uint8Array, (p) => seen.correspondence.covered[p] === 1)).toBeGreaterThan(35);
  });

  it("does so at sizes beyond 256 columns and 65,536 pixels", () => {
    const size = { width: 400, height: 225 };
    const { frame, seen, picture } = afterFirstFrame(size, 11, size);
    const truth = frame.truth as Uint8Array;
    expect(psnr(picture, truth, (p) => seen.correspondence.covered[p] === 1)).toBeGreaterThan(35);
    expect(psnr(picture, truth, (p) => p % size.width > 256 && seen.correspondence.covered[p] === 1)).toBeGreaterThan(
      34,
    );
  });

  it("finds owners without an id plane, from boxes and bones", () => {
    const withPlane = afterFirstFrame(SIZE, 11);
    const without = afterFirstFrame({ ...SIZE, ownerIds: false }, 11);
    let same = 0;
    without.seen.geometry.owner.forEach((owner, p) => {
      if (owner === withPlane.seen.geometry.owner[p]) same++;
    });
    expect(same / (SIZE.width * SIZE.height)).toBeGreaterThan(0.985);
    expect(without.seen.correspondence.coverage).toBeGreaterThan(0.85);
  });

  it("corrects for light that changed, where a shade plane tells", () => {
    const dimming = { ...SIZE, sun: (tick: number) => (tick === 0 ? 1 : 0.4) };
    const { frame, seen, picture } = afterFirstFrame(dimming, 6);
    const covered = (p: number) => seen.correspondence.covered[p] === 1;
    expect(psnr(picture, frame.truth as Uint8Array, covered)).toBeGreaterThan(34);
    const blind = afterFirstFrame(dimming, 6);
    const first = rayFrame(0, dimming);
    blind.conditioner.setFirstFrame(first.truth as Uint8Array, { ...first, shade: undefined });
    const guess = filledWarp(blind.conditioner.condition([{ ...frame, shade: undefined }])[0].control, SIZE);
    expect(psnr(guess, frame.truth as Uint8Array, covered)).toBeLessThan(20);
  });

  it("fills holes from covered pixels of the same owner when there are any", () => {
    const { seen } = afterFirstFrame(SIZE, 20);
    const { covered, fill } = seen.correspondence;
    const { owner } = seen.geometry;
    let holes = 0;
    for (let p = 0; p < covered.length; p++) {
      if (covered[p] === 1) {
        expect(fill.from[p]).toBe(p);
        continue;
      }
      holes++;
      expect(covered[fill.from[p]]).toBe(1);
      const seenSomewhere = owner.some((o, q) => o === owner[p] && covered[q] === 1);
      if (seenSomewhere) expect(owner[fill.from[p]]).toBe(owner[p]);
    }
    expect(holes).toBeGreaterThan(50);
  });

  it("remembers what it showed: a view that comes back is covered", () => {
    const { conditioner, seen } = afterFirstFrame(SIZE, 30);
    conditioner.remember(seen);
    const [next] = conditioner.condition([rayFrame(31, SIZE)]);
    expect(next.correspondence.coverage).toBeGreaterThan(0.97);
    expect(seen.correspondence.coverage).toBeLessThan(0.9);
    conditioner.cut({ forgetLook: false, newPlace: false });
    expect(conditioner.condition([rayFrame(31, SIZE)])[0].correspondence.coverage).toBeGreaterThan(0.97);
    conditioner.cut({ forgetLook: false, newPlace: true });
    expect(conditioner.condition([rayFrame(31, SIZE)])[0].correspondence.coverage).toBeLessThan(0.9);
  });

  it("forgets the old look when a new first frame is set", () => {
    const { conditioner, frame, seen } = afterFirstFrame(SIZE, 4);
    conditioner.remember(seen);
    const black = new Uint8Array(SIZE.width * SIZE.height * 3);
    conditioner.setFirstFrame(black, frame);
    const picture = filledWarp(conditioner.condition([rayFrame(5, SIZE)])[0].control, SIZE);
    expect(Math.max(...picture)).toBe(0);
  });

  it("stays bounded however long the shot", () => {
    const { conditioner, frame } = afterFirstFrame({ width: 32, height: 18 }, 0);
    const small = new Conditioner(RAY_SCENE, { width: 32, height: 18 });
    small.setFirstFrame(frame.truth as Uint8Array, rayFrame(0, { width: 32, height: 18 }));
    expect(conditioner.bytes).toBeGreaterThan(0);
    const bytes: number[] = [];
    for (let tick = 0; tick < 80; tick++) {
      const engineFrame = rayFrame(tick, { width: 32, height: 18, orbit: 0.2 });
      const [seen] = small.condition([engineFrame]);
      small.remember(seen);
      small.release(seen);
      bytes.push(small.bytes);
    }
    expect(bytes[79]).toBe(bytes[59]);
  });
});
