import { LATE, type Score } from "./score.js";

/** A line of the table: a painter's score on a clip in a look. */
export type Row = { readonly clip: string; readonly look: string; readonly painter: string } & Score;

/** The mean of a painter's rows; figures that are not finite, of a region without pixels, are left out. */
export function meanRow(rows: readonly Row[], painter: string, look = "all looks"): Row {
  const own = rows.filter((row) => row.painter === painter);
  const names = ["clip", "look", "painter"];
  const figures = Object.keys(own[0] ?? {}).filter((key) => !names.includes(key)) as (keyof Score)[];
  const means = figures.map((key) => {
    const numbers = own.map((row) => row[key]).filter(Number.isFinite);
    return [key, numbers.reduce((a, b) => a + b, 0) / numbers.length] as const;
  });
  return { clip: "mean", look, painter, ...(Object.fromEntries(means) as Score) };
}

/** A row in one line. */
export function formatRow(row: Row): string {
  const number = (key: keyof Score, digits = 2) => row[key].toFixed(digits).padStart(6);
  return (
    `${row.clip.padEnd(23)} ${row.look.padEnd(9)} ${row.painter.padEnd(12)} all ${number("psnr all")}  uncovered ${number("psnr uncovered")} ` +
    `(${(row.uncoveredShare * 100).toFixed(1)} %)  guessed ${number("psnr guessed")}  covered ${number("psnr covered")}  light moved ${number("psnr light moved")}  ` +
    `late ${number("psnr late")}  perceptual ${number("perceptual", 4)}  ssim ${number("ssim", 3)}  sharpness ${number("sharpness")}  ` +
    `flicker ${number("flicker within chunks")} ${number("flicker between chunks")}  drift ${number("drift at end", 4)}`
  );
}

/** What a painter gains over the baseline, in one line. */
export function formatGain(row: Row, baseline: Row): string {
  const gain = (key: keyof Score) => (row[key] - baseline[key]).toFixed(2);
  return (
    `${row.painter} against ${baseline.painter} in dB: uncovered ${gain("psnr uncovered")}, guessed ${gain("psnr guessed")}, covered ${gain("psnr covered")}, light moved ${gain("psnr light moved")}, ` +
    `whole frame ${gain("psnr all")}, whole frame from tick ${LATE} ${gain("psnr late")}; ` +
    `perceptual distance ${(100 * (row.perceptual / baseline.perceptual - 1)).toFixed(1)} %`
  );
}
