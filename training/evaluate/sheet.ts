import type { FrameSize } from "playblast/scene/picture";
import { writeContactSheet } from "playblast/video/sheet";

/** Writes a contact sheet: one row a tick, one column a source. Every source has every tick. */
export async function writeSheet(
  path: string,
  ticks: readonly number[],
  columns: readonly ReadonlyMap<number, Uint8Array>[],
  size: FrameSize,
): Promise<void> {
  const rows = ticks.map((tick) =>
    columns.map((column) => column.get(tick) ?? new Uint8Array(size.width * size.height * 3)),
  );
  await writeContactSheet(path, rows, size);
}
