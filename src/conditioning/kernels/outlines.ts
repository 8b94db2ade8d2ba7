import { OUTLINE_JUMP } from "../../scene/depth-edges";
import { Frame, Shot } from "./layout";

/** Marks with 1 the pixels of some rows beside another owner or a jump in depth, whose colours mix two surfaces. */
export function markOutlines(shot: Shot, frame: Frame, fromRow: i32, toRow: i32): void {
  const width = shot.width;
  const outlines = frame.outlines;
  outlines.fill(fromRow * width, toRow * width, 0);
  // The row above belongs to another band, which marks its own side.
  for (let y = max(fromRow - 1, 0); y < toRow; y++) {
    for (let x = 0; x < width; x += 4) {
      const p = y * width + x;
      if (y >= fromRow) {
        // The last pixel has no neighbour to its right.
        const across = steps(frame, p, p + 1) & lanesUpTo(width - 1 - x);
        for (let lane = 0; across >> lane != 0; lane++) {
          if (((across >> lane) & 1) == 0) continue;
          outlines[p + lane] = 1;
          outlines[p + lane + 1] = 1;
        }
      }
      if (y + 1 == shot.height) continue;
      const down = steps(frame, p, p + width) & lanesUpTo(width - x);
      for (let lane = 0; down >> lane != 0; lane++) {
        if (((down >> lane) & 1) == 0) continue;
        if (y >= fromRow) outlines[p + lane] = 1;
        if (y + 1 < toRow) outlines[p + lane + width] = 1;
      }
    }
  }
}

/** One bit for each of so many lanes of four. */
function lanesUpTo(count: i32): i32 {
  return count >= 4 ? 0b1111 : (1 << max(count, 0)) - 1;
}

/** One bit for each of the four pixels from p on that has an outline to the one from q on. */
function steps(frame: Frame, p: i32, q: i32): i32 {
  const depth = changetype<usize>(frame.geometry.depth);
  const owner = changetype<usize>(frame.geometry.owner);
  const viewHeight = frame.geometry.lens.viewHeight;
  const a = v128.load(depth + ((<usize>p) << 2));
  const b = v128.load(depth + ((<usize>q) << 2));
  const reach = viewHeight > 0 ? f32x4.splat(<f32>viewHeight) : f32x4.pmin(a, b);
  const jump = f32x4.gt(f32x4.abs(f32x4.sub(a, b)), f32x4.mul(f32x4.splat(<f32>OUTLINE_JUMP), reach));
  const same = i16x8.eq(v128.load64_zero(owner + ((<usize>p) << 1)), v128.load64_zero(owner + ((<usize>q) << 1)));
  return i32x4.bitmask(v128.or(jump, v128.not(i32x4.extend_low_i16x8_s(same))));
}
