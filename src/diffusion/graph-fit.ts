import type { GraphValue } from "../runtime/session.js";

/** One axis of a tensor that goes into a graph or comes out of it. */
export interface Axis {
  /** What is counted along it, such as "channels". */
  readonly name: string;
  /** How many; undefined where the model is run with any number, so that the graph must leave it open. */
  readonly size?: number;
  /** Where the size comes from, for those who read that it does not fit. */
  readonly because?: string;
}

/** A tensor that a model feeds to its graph or reads from it. */
export interface ExpectedValue {
  readonly name: string;
  /** Element type, as ONNX Runtime names it. */
  readonly type: string;
  readonly axes: readonly Axis[];
}

/** What goes into a graph, or comes out of it, by what a model expects. */
export interface GraphSide {
  readonly kind: "input" | "output";
  readonly found: readonly GraphValue[];
  readonly expected: readonly ExpectedValue[];
}

/**
 * Says what does not fit on one side of a graph: missing, unknown and extra values, other element types, other sizes. Sizes that the graph
 * leaves open fit; of a value whose shape it does not tell only name and type are looked at.
 */
export function misfits({ kind, found, expected }: GraphSide): string[] {
  const names = (values: readonly { readonly name: string }[]) =>
    values.map(({ name }) => `'${name}'`).join(", ") || "none";
  const missing = expected.filter(({ name }) => !found.some((value) => value.name === name));
  const extra = found.filter(({ name }) => !expected.some((value) => value.name === name));
  return [
    ...missing.map(({ name }) => `there is no ${kind} '${name}', its ${kind}s are ${names(found)}`),
    ...extra.map(({ name }) => `${kind} '${name}' is not expected, only ${names(expected)}`),
    ...expected.flatMap((value) => {
      const there = found.find(({ name }) => name === value.name);
      return there ? misfitsOf(`${kind} '${value.name}'`, there, value) : [];
    }),
  ];
}

function misfitsOf(what: string, { type, shape }: GraphValue, expected: ExpectedValue): string[] {
  const problems = type === expected.type ? [] : [`${what} is ${type ?? "no tensor"}, expected ${expected.type}`];
  // ONNX Runtime gives an empty shape where the graph does not tell it.
  if (shape.length === 0) return problems;
  const { axes } = expected;
  if (shape.length !== axes.length) {
    const wanted = axes.map(({ name }) => name).join(", ");
    return [...problems, `${what} has ${shape.length} axes, expected ${axes.length}: ${wanted}`];
  }
  for (const [i, { name, size, because }] of axes.entries()) {
    const there = shape[i];
    if (typeof there !== "number" || there === size) continue;
    if (size === undefined) problems.push(`${what} has a ${name} of ${there} alone, expected one that is left open`);
    else problems.push(`${what} is of ${there} ${name}, expected ${size}${because ? ` (${because})` : ""}`);
  }
  return problems;
}
