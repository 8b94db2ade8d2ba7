import type { FrameSize } from "playblast/scene/picture";

/** Reads --size, such as 256x144. Both must be multiples of `multiple`. Throws Error that says what to change. */
export function parseSize(text: string, multiple: number): FrameSize {
  const [, width, height] = (/^(\d+)x(\d+)$/.exec(text) ?? []).map(Number);
  if (!width || !height || width % multiple || height % multiple) {
    throw new Error(`--size is '${text}'; expected WIDTHxHEIGHT, both multiples of ${multiple}`);
  }
  return { width, height };
}
