/** Shade is not divided out below this: near black, colour says nothing about a surface. Linear light. */
export const SHADE_FLOOR = 0.02;
/** Most of the light ratio, either way, in powers of two: where either light is near black it says no more. */
export const MOST_LIGHT_STOPS = 2;
/** Of the trust, outlines lose this share: how much of a pixel each side fills is this frame's own. */
export const OUTLINE_DOUBT = 0.4;
/** A guess as unlike the truth as a random place of its surface loses this share of the trust. */
export const GUESS_DOUBT = 0.4;
/** Light that moved takes this share of the trust for a power of two, and for more. */
export const LIGHT_DOUBT = 0.6;
/** Where a look's transfer paints, this share of the trust is gone: what it and the residual add up to is right nearly everywhere, and exact nowhere. */
export const TRANSFER_DOUBT = 0.3;
/** Fixed-point steps a pixel in the places of a correspondence. */
export const SUBPIXEL = 256;
/** Among the taps of a correspondence: the place lies inside a surface, away from its outline. */
export const INSIDE = 16;

/**
 * One channel of the control tensor [CONTROL_CHANNELS, H, W], which is what a chunk model is told of a frame. Serving and training read this
 * one list: TypeScript as it stands, Python from training/controls.json, which the build writes from it.
 */
export interface Control {
  readonly name: string;
  /** What a value says, and its value where there is nothing to say. */
  readonly meaning: string;
  readonly unit: string;
  /** [least, most] value. */
  readonly range: readonly [number, number];
  /** Places of the channel: "full" is one a pixel of the shot. */
  readonly resolution: "full";
  /**
   * Where training gets the channel from. "stored": from a clip, since it depends on geometry and lights alone and so is the same in any look.
   * "computed": anew by training/clips.py, since it depends on pictures, on light that training may withhold, or on the stored correspondence.
   */
  readonly training: "stored" | "computed";
  /** By what a value is multiplied where the picture is mirrored left to right. */
  readonly mirrored: 1 | -1;
  /** Of three channels that are one colour: which colour, and which part of it. Training permutes the parts of all colours together. */
  readonly colour?: { readonly of: string; readonly part: "red" | "green" | "blue" };
}

/** The three channels of one colour, red, green and blue, sRGB-encoded -1..1. */
function colourChannels<Of extends string>(of: Of, meaning: string) {
  const channelOf = <Part extends "red" | "green" | "blue">(part: Part) =>
    ({
      name: `${of} ${part}` as `${Of} ${Part}`,
      meaning: part === "red" ? meaning : `as ${of} red`,
      unit: "sRGB-encoded",
      range: [-1, 1],
      resolution: "full",
      training: "computed",
      mirrored: 1,
      colour: { of, part },
    }) as const;
  return [channelOf("red"), channelOf("green"), channelOf("blue")] as const;
}

const LIST = [
  ...colourChannels(
    "filled warp",
    "the remembered colour reprojected to this frame under the light of now, holes filled; -1 where nothing is known",
  ),
  ...colourChannels(
    "memory",
    "memory's answer under the light of now minus the filled warp; 0 where memory has no answer",
  ),
  {
    name: "trust of the first frame",
    meaning: "trust of the first frame's answer; 0 where it has none",
    unit: "share",
    range: [0, 1],
    resolution: "full",
    training: "computed",
    mirrored: 1,
  },
  {
    name: "trust of memory",
    meaning: "trust of memory's answer; 0 where it has none",
    unit: "share",
    range: [0, 1],
    resolution: "full",
    training: "computed",
    mirrored: 1,
  },
  {
    name: "doubt",
    meaning: "how unlike the truth a guess may be; 0 where the first frame answers",
    unit: "share",
    range: [0, 1],
    resolution: "full",
    training: "computed",
    mirrored: 1,
  },
  {
    name: "inverse depth",
    meaning: "3 / (3 + depth in metres, divided by the scene's scale); nearly 0 on the background",
    unit: "ratio",
    range: [0, 1],
    resolution: "full",
    training: "stored",
    mirrored: 1,
  },
  {
    name: "normal x",
    meaning: "unit normal in view space, to the right; 0 on the background",
    unit: "ratio",
    range: [-1, 1],
    resolution: "full",
    training: "stored",
    mirrored: -1,
  },
  {
    name: "normal y",
    meaning: "unit normal in view space, up; 0 on the background",
    unit: "ratio",
    range: [-1, 1],
    resolution: "full",
    training: "stored",
    mirrored: 1,
  },
  {
    name: "normal z",
    meaning: "unit normal in view space, towards the camera; 1 on the background",
    unit: "ratio",
    range: [-1, 1],
    resolution: "full",
    training: "stored",
    mirrored: 1,
  },
  {
    name: "lambert",
    meaning: "light of all lights that meets the surface, without shadows; 1 on the background where there are lights",
    unit: "ratio",
    range: [0, 1],
    resolution: "full",
    training: "stored",
    mirrored: 1,
  },
  {
    name: "light now",
    meaning: "luminance of the light of now; 0 without a shade plane",
    unit: "sRGB-encoded",
    range: [0, 1],
    resolution: "full",
    training: "computed",
    mirrored: 1,
  },
  {
    name: "light ratio",
    meaning: "light of now over the light that the remembered colour was painted under; 0 without a shade plane",
    unit: "powers of two",
    range: [-MOST_LIGHT_STOPS, MOST_LIGHT_STOPS],
    resolution: "full",
    training: "computed",
    mirrored: 1,
  },
  ...colourChannels(
    "transfer",
    "what the look's transfer paints for the engine's colour under the light of now, minus the filled warp; 0 without one",
  ),
] as const satisfies readonly Control[];

/** Name of a control channel. */
export type ControlName = (typeof LIST)[number]["name"];

/** All control channels in the order of the tensor. A model's card names those that its network takes. */
export const CONTROLS: readonly (Control & { readonly name: ControlName })[] = LIST;

/** Channels of a control tensor. */
export const CONTROL_CHANNELS = CONTROLS.length;

/** Names of all control channels in the order of the tensor. */
export const CONTROL_NAMES: readonly ControlName[] = CONTROLS.map(({ name }) => name);

/** Channels that clips store, in the order of the tensor. */
export const STORED_CONTROLS: readonly ControlName[] = CONTROLS.filter(({ training }) => training === "stored").map(
  ({ name }) => name,
);

/** Place of a channel in the control tensor. */
export function channel(name: ControlName): number {
  return CONTROL_NAMES.indexOf(name);
}

/**
 * Place of the first of some channels whose planes are written and read as one block.
 *
 * @throws Error when the list does not hold them one behind another in this order.
 */
export function channelBlock(first: ControlName, ...others: readonly ControlName[]): number {
  const start = channel(first);
  for (const [i, name] of others.entries()) {
    if (channel(name) !== start + 1 + i) {
      throw new Error(`control '${name}' is channel ${channel(name)}; expected ${start + 1 + i}, behind '${first}'`);
    }
  }
  return start;
}

/** The filled warp's red, green and blue: three planes from this channel on. */
export const FILLED_WARP = channelBlock("filled warp red", "filled warp green", "filled warp blue");
/** Memory's red, green and blue: three planes from this channel on. */
export const MEMORY = channelBlock("memory red", "memory green", "memory blue");

channelBlock("inverse depth", "normal x", "normal y", "normal z", "lambert");
channelBlock("transfer red", "transfer green", "transfer blue");

/** The numbers that training computes with as serving does, by name. */
export const SHARED_CONSTANTS = {
  SHADE_FLOOR,
  MOST_LIGHT_STOPS,
  OUTLINE_DOUBT,
  GUESS_DOUBT,
  LIGHT_DOUBT,
  TRANSFER_DOUBT,
  SUBPIXEL,
  INSIDE,
} as const;
