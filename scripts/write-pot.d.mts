export function readScripts(): Map<string, string>;
export function potText(scripts: Map<string, string>): string;
export function readPo(po: string): Map<string, string>;
