/** What a figure should be, in the figure's own unit. */
export type Goal = { readonly most: number } | { readonly least: number };

/** One measured number. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** Such as "ms"; "" for a plain ratio. */
  readonly unit: string;
  readonly goal?: Goal;
}

/** The figures of one subject and how they came about. */
export interface Section {
  readonly name: string;
  /** What was run, how often, and which statistic is shown. */
  readonly method: string;
  readonly figures: readonly Figure[];
}

/** Whether a figure meets its goal; undefined where it has none. */
export function verdict({ value, goal }: Figure): "ok" | "short" | undefined {
  if (!goal) return undefined;
  const met = "most" in goal ? value <= goal.most : value >= goal.least;
  return met ? "ok" : "short";
}

/** A section as plain data, each figure with its verdict. */
export function sectionAsJson(section: Section): object {
  return { ...section, figures: section.figures.map((figure) => ({ ...figure, verdict: verdict(figure) })) };
}

/** Prints a section as text, a figure a line. */
export function printSection({ name, method, figures }: Section): void {
  console.log(`\n${name}: ${method}`);
  const width = Math.max(...figures.map((figure) => figure.name.length));
  for (const figure of figures) {
    const { goal, unit } = figure;
    const shown = withUnit(figure.value, unit).padStart(14);
    const wanted = goal ? ("most" in goal ? `at most ${goal.most}` : `at least ${goal.least}`) : "";
    const end = goal ? `   goal: ${wanted}${unit ? ` ${unit}` : ""} -> ${verdict(figure)}` : "";
    console.log(`  ${figure.name.padEnd(width)} ${shown}${end}`);
  }
}

/** Three digits where the number is small, whole numbers from 100 on. */
function withUnit(value: number, unit: string): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)}${unit ? ` ${unit}` : ""}`;
}
