import type { FrameSize } from "playblast/scene/picture";
import sharp from "sharp";

/** Writes a contact sheet: one row a tick, one column a source, as PNG. */
export async function writeSheet(
  path: string,
  ticks: readonly number[],
  columns: readonly ReadonlyMap<number, Uint8Array>[],
  { width, height }: FrameSize,
): Promise<void> {
  const pictures = ticks.flatMap((tick, row) =>
    columns.flatMap((column, index) => {
      const rgb = column.get(tick);
      if (!rgb) return [];
      return [
        {
          input: Buffer.from(rgb),
          raw: { width, height, channels: 3 as const },
          left: index * width,
          top: row * height,
        },
      ];
    }),
  );
  await sharp({
    create: { width: width * columns.length, height: height * ticks.length, channels: 3, background: "black" },
  })
    .composite(pictures)
    .png()
    .toFile(path);
}
