import { CONTROL_NAMES, type ControlName, channel } from "../conditioning/controls.js";
import type { CardFields } from "./card-fields.js";

/**
 * Reads the field `controls` of a model's card: names of the control channels that its network takes, in its order.
 *
 * @throws ModelError when the field is no list of names, or a name is not known or comes twice.
 */
export function readControls(fields: CardFields): readonly ControlName[] {
  const field = "controls";
  const list = fields.value(field);
  const known = `known are ${CONTROL_NAMES.map((name) => `'${name}'`).join(", ")}`;
  if (!Array.isArray(list) || list.length === 0)
    throw fields.wrong(field, `the list of control channels that the network takes; ${known}`);
  for (const [i, name] of (list as unknown[]).entries()) {
    if (!(CONTROL_NAMES as readonly unknown[]).includes(name))
      throw fields.wrong(`${field}[${i}]`, `a control channel; ${known}`, name);
    if (list.indexOf(name) < i) throw fields.wrong(`${field}[${i}]`, "each control channel once", name);
  }
  return list as ControlName[];
}

/** The places in the control tensor of what a model takes, in the model's order. */
export function controlRows({ controls }: { readonly controls: readonly ControlName[] }): readonly number[] {
  return controls.map(channel);
}

/** Whether a network has learnt to correct pictures that a look's transfer paints; one that has not makes them worse. */
export function knowsTransfer({ controls }: { readonly controls: readonly ControlName[] }): boolean {
  return controls.includes("transfer red");
}
