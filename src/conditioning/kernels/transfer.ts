import {
  COLOUR_NODES,
  SPACE_NODES,
  USES_AROUND,
  USES_ENGINE,
  USES_FACING,
  USES_PLACE,
  USES_RINGS,
  USES_SURFACES,
} from "../transfer-sizes";
import { aroundAt, facingAt, isStatic, openRow, placeAt, ringAt, surfaceAt } from "./features";
import { Frame, Shot } from "./layout";

/**
 * Writes the transfer of some rows: what the look paints where the engine shows what it shows, linear colour without light, and 1 as the fourth number;
 * all 0 where the engine's colour is not known. The sum of what a look's tables say of a pixel is the square root of its colour.
 */
export function transferRows(shot: Shot, frame: Frame, fromRow: i32, toRow: i32): void {
  const transfer = frame.learnt;
  const width = shot.width;
  const tables = transfer.tables;
  const engineTable = changetype<usize>(transfer.engine);
  const aroundTable = changetype<usize>(transfer.around);
  const facingTable = changetype<usize>(transfer.facing);
  const placeTable = changetype<usize>(transfer.place);
  const ringTable = changetype<usize>(transfer.rings);
  const surfaceTable = changetype<usize>(transfer.surfaces);
  const base = v128.load(changetype<usize>(transfer.base));
  const none = f32x4.splat(0);
  for (let row = fromRow; row < toRow; row++) {
    if ((tables & USES_AROUND) != 0) openRow(shot, frame, row);
    for (let column = 0, p = row * width; column < width; column++, p++) {
      const at = (<usize>p) << 4;
      const out = changetype<usize>(frame.transfer) + at;
      const engine = v128.load(changetype<usize>(frame.engine) + at);
      if (f32x4.extract_lane(engine, 3) == 0) {
        v128.store(out, none);
        continue;
      }
      let sum = base;
      if ((tables & USES_ENGINE) != 0) sum = f32x4.add(sum, lookUp(engineTable, COLOUR_NODES, engine));
      if ((tables & USES_AROUND) != 0)
        sum = f32x4.add(sum, lookUp(aroundTable, COLOUR_NODES, aroundAt(shot, frame, p, column)));
      if ((tables & (USES_FACING | USES_PLACE)) != 0 && isStatic(frame, p)) {
        if ((tables & USES_FACING) != 0)
          sum = f32x4.add(sum, lookUp(facingTable, SPACE_NODES, facingAt(shot, frame, p, column, row)));
        if ((tables & USES_PLACE) != 0)
          sum = f32x4.add(sum, lookUp(placeTable, SPACE_NODES, placeAt(shot, frame, transfer, p)));
      }
      if ((tables & USES_RINGS) != 0)
        sum = f32x4.add(sum, v128.load(ringTable + ((<usize>ringAt(shot, frame, p, column, row)) << 4)));
      if ((tables & USES_SURFACES) != 0)
        sum = f32x4.add(sum, v128.load(surfaceTable + ((<usize>surfaceAt(frame, p)) << 4)));
      sum = f32x4.pmax(none, sum);
      v128.store(out, f32x4.replace_lane(f32x4.mul(sum, sum), 3, 1));
    }
  }
}

/** Trilinear interpolation in a table of [nodes, nodes, nodes, 4] at a place in 0..1. */
function lookUp(table: usize, nodes: i32, place: v128): v128 {
  const most = f32x4.splat(<f32>(nodes - 1));
  const scaled = f32x4.pmax(f32x4.splat(0), f32x4.pmin(most, f32x4.mul(place, most)));
  const cells = i32x4.min_s(i32x4.trunc_sat_f32x4_s(scaled), i32x4.splat(nodes - 2));
  const inside = f32x4.sub(scaled, f32x4.convert_i32x4_s(cells));
  const x = f32x4.splat(f32x4.extract_lane(inside, 0));
  const y = f32x4.splat(f32x4.extract_lane(inside, 1));
  const z = f32x4.splat(f32x4.extract_lane(inside, 2));
  const row = (<usize>nodes) << 4;
  const slice = (<usize>(nodes * nodes)) << 4;
  const at =
    table +
    ((<usize>(
      ((i32x4.extract_lane(cells, 2) * nodes + i32x4.extract_lane(cells, 1)) * nodes + i32x4.extract_lane(cells, 0))
    )) <<
      4);
  return between(
    between(pair(at, x), pair(at + row, x), y),
    between(pair(at + slice, x), pair(at + slice + row, x), y),
    z,
  );
}

function pair(at: usize, share: v128): v128 {
  return between(v128.load(at), v128.load(at, 16), share);
}
function between(a: v128, b: v128, share: v128): v128 {
  return f32x4.add(a, f32x4.mul(f32x4.sub(b, a), share));
}
