import { CONTROL_NAMES, type ControlName, channel } from "../conditioning/controls.js";

/** What is quoted of a wrong value, in characters. */
const MOST_QUOTED = 80;

/**
 * Reads the field `controls` of a model's card: names of the control channels that its network takes, in its order.
 *
 * @param refuse Makes the error of what is wrong with the card, which begins with ": ".
 * @throws what `refuse` made when the field is no list of names, or a name is not known or comes twice.
 */
export function readControls(field: unknown, refuse: (what: string) => Error): readonly ControlName[] {
  const known = `known are ${CONTROL_NAMES.map((name) => `'${name}'`).join(", ")}`;
  if (!Array.isArray(field) || field.length === 0) {
    const found = (JSON.stringify(field) ?? "missing").slice(0, MOST_QUOTED);
    throw refuse(`: 'controls' is ${found}, expected the list of control channels that the network takes; ${known}`);
  }
  for (const [i, name] of (field as unknown[]).entries()) {
    const quoted =
      typeof name === "string" ? `'${name.slice(0, MOST_QUOTED)}'` : JSON.stringify(name).slice(0, MOST_QUOTED);
    if (!(CONTROL_NAMES as readonly unknown[]).includes(name)) {
      throw refuse(`: 'controls[${i}]' is ${quoted}, which is no control channel; ${known}`);
    }
    if (field.indexOf(name) < i)
      throw refuse(`: 'controls[${i}]' is ${quoted}, which 'controls' holds already; name each once`);
  }
  return field as ControlName[];
}

/** The places in the control tensor of what a model takes, in the model's order. */
export function controlRows({ controls }: { readonly controls: readonly ControlName[] }): readonly number[] {
  return controls.map(channel);
}
