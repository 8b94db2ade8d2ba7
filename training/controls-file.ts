import type { Control } from "playblast/conditioning/controls";

/** The text of training/controls.json: the list of control channels and the numbers that training shares with serving, one a line. */
export function controlsFile(controls: readonly Control[], constants: Readonly<Record<string, number>>): string {
  const lines = (values: readonly string[]) => values.map((value) => `    ${value}`).join(",\n");
  return `{
  "controls": [
${lines(controls.map((control) => JSON.stringify(control)))}
  ],
  "constants": {
${lines(Object.entries(constants).map(([name, value]) => `"${name}": ${value}`))}
  }
}
`;
}
