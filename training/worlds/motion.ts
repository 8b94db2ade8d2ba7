import { BONE } from "./skeleton.js";

/** What figures do in every world. */
export const MOTIONS = [
  "walk",
  "run",
  "sneak",
  "turn",
  "wave",
  "sit",
  "dance",
  "idle",
  "throw",
  "bow",
  "jump",
  "point",
  "clap",
  "lift",
] as const;
/** Only in held-out worlds. */
export const HELD_OUT_MOTIONS = ["spin kick"] as const;
export type Motion = (typeof MOTIONS)[number] | (typeof HELD_OUT_MOTIONS)[number];

/** Bends one bone: pitch around its x (a hanging limb swings back), yaw around y, roll around z (to its left), radians. */
export type Bend = (bone: number, pitch: number, yaw?: number, roll?: number) => void;

/** A figure's own way of moving. */
export interface Manner {
  readonly motion: Motion;
  /** 1 is usual. */
  readonly pace: number;
  readonly phase: number;
  /** How far limbs go; 1 is usual. */
  readonly swing: number;
  /** -1 mirrors one-sided motions. */
  readonly side: 1 | -1;
  /** When a thrower lets go, seconds. */
  readonly release: number;
}

/** Metres a second of a body of `height` metres. */
export function speedOf({ motion, pace }: Manner, height: number): number {
  const usual = motion === "walk" ? 1.25 : motion === "run" ? 2.7 : motion === "sneak" ? 0.6 : 0;
  return usual * pace * (height / 1.75);
}

const STRIDES = { walk: 5.8, run: 9, sneak: 3.4 } as const;

/** Bends the bones of a figure for a time in seconds; returns how it turns on the spot and how high it is off the ground in heights. */
export function move(manner: Manner, time: number, bend: Bend): { yaw: number; lift: number } {
  const { motion, pace, phase, swing, side } = manner;
  const left = side > 0;
  const upperArm = left ? BONE.leftUpperArm : BONE.rightUpperArm;
  const lowerArm = left ? BONE.leftLowerArm : BONE.rightLowerArm;
  const otherUpperArm = left ? BONE.rightUpperArm : BONE.leftUpperArm;
  const otherLowerArm = left ? BONE.rightLowerArm : BONE.leftLowerArm;
  const leg = left ? BONE.leftUpperLeg : BONE.rightUpperLeg;
  const shin = left ? BONE.leftLowerLeg : BONE.rightLowerLeg;
  const t = time * pace;
  const breath = Math.sin(t * 1.7 + phase);
  bend(BONE.chest, 0.015 * breath);
  const hang = (amount: number) => {
    bend(BONE.leftUpperArm, 0, 0, 0.1 * amount);
    bend(BONE.rightUpperArm, 0, 0, -0.1 * amount);
    bend(BONE.leftLowerArm, -0.18 * amount);
    bend(BONE.rightLowerArm, -0.18 * amount);
  };
  const look = () => bend(BONE.head, 0.1 * Math.sin(t * 0.7 + phase), 0.5 * Math.sin(t * 0.9 + 2 * phase));
  /** 0 to 1 and back in a smooth wave. */
  const wave = (speed: number) => 0.5 - 0.5 * Math.cos(t * speed + phase);
  const squat = (angle: number) => {
    for (const [thigh, knee, foot] of [
      [BONE.leftUpperLeg, BONE.leftLowerLeg, BONE.leftFoot],
      [BONE.rightUpperLeg, BONE.rightLowerLeg, BONE.rightFoot],
    ]) {
      bend(thigh, -angle);
      bend(knee, 2 * angle);
      bend(foot, -angle);
    }
  };
  switch (motion) {
    case "walk":
    case "run":
    case "sneak": {
      const cycle = t * STRIDES[motion] + phase;
      const reach = swing * (motion === "run" ? 0.85 : 0.5);
      const s = Math.sin(cycle);
      hang(1);
      bend(BONE.leftUpperArm, -reach * 0.9 * s);
      bend(BONE.rightUpperArm, reach * 0.9 * s);
      if (motion === "run") {
        bend(BONE.leftLowerArm, -1.3);
        bend(BONE.rightLowerArm, -1.3);
      }
      const crouch = motion === "sneak" ? 0.45 : 0.04;
      for (const [thigh, knee, foot, sign] of [
        [BONE.leftUpperLeg, BONE.leftLowerLeg, BONE.leftFoot, 1],
        [BONE.rightUpperLeg, BONE.rightLowerLeg, BONE.rightFoot, -1],
      ]) {
        const fold = Math.max(0, Math.sin(cycle - sign * 0 + (sign > 0 ? Math.PI : 0) + 1.1));
        bend(thigh, reach * sign * s - crouch);
        bend(knee, 2 * crouch + reach * 1.2 * fold);
        bend(foot, -crouch - 0.25 * reach * sign * s);
      }
      bend(BONE.hips, 0, 0.12 * reach * s);
      bend(BONE.spine, motion === "run" ? 0.2 : motion === "sneak" ? 0.35 : 0.03, -0.2 * reach * s);
      bend(BONE.head, motion === "sneak" ? -0.25 : 0, 0.12 * Math.sin(cycle * 0.31));
      const hop = motion === "run" ? 0.035 * Math.abs(Math.cos(cycle)) : 0;
      return { yaw: 0, lift: hop };
    }
    case "turn": {
      hang(1);
      look();
      const step = Math.sin(t * 5 + phase);
      bend(BONE.leftUpperLeg, -0.3 * Math.max(0, step));
      bend(BONE.leftLowerLeg, 0.6 * Math.max(0, step));
      bend(BONE.rightUpperLeg, -0.3 * Math.max(0, -step));
      bend(BONE.rightLowerLeg, 0.6 * Math.max(0, -step));
      return { yaw: side * 0.9 * t, lift: 0 };
    }
    case "wave":
      hang(1);
      look();
      bend(upperArm, 0, 0, side * 2.3);
      bend(lowerArm, 0, 0, side * (0.4 + 0.6 * Math.sin(t * 7 + phase)));
      bend(BONE.spine, 0, 0, -side * 0.08);
      return { yaw: 0, lift: 0 };
    case "sit": {
      hang(1);
      const down = Math.min(1, Math.max(0, 0.5 + 1.4 * Math.sin(t * 0.8 + phase)));
      squat(0.75 * down * (3 - 2 * down) * down);
      bend(BONE.spine, 0.35 * down);
      bend(BONE.leftUpperArm, -0.7 * down);
      bend(BONE.rightUpperArm, -0.7 * down);
      return { yaw: 0, lift: 0 };
    }
    case "dance": {
      const beat = t * 5 + phase;
      const s = Math.sin(beat);
      bend(BONE.leftUpperArm, -0.6, 0, 1.1 + 0.9 * swing * s);
      bend(BONE.rightUpperArm, -0.6, 0, -1.1 + 0.9 * swing * Math.sin(beat + 1));
      bend(BONE.leftLowerArm, -0.8 + 0.5 * Math.cos(beat));
      bend(BONE.rightLowerArm, -0.8 - 0.5 * Math.cos(beat));
      bend(BONE.hips, 0, 0.4 * Math.sin(beat * 0.5), 0.1 * s);
      bend(BONE.spine, 0, 0, -0.15 * s);
      bend(BONE.leftUpperLeg, -0.5 * Math.max(0, s), 0, 0.08);
      bend(BONE.rightUpperLeg, -0.5 * Math.max(0, -s), 0, -0.08);
      bend(BONE.leftLowerLeg, 0.9 * Math.max(0, s));
      bend(BONE.rightLowerLeg, 0.9 * Math.max(0, -s));
      return { yaw: 0.3 * Math.sin(beat * 0.25), lift: 0.02 * Math.abs(s) };
    }
    case "idle":
      hang(1.2);
      look();
      bend(BONE.hips, 0, 0, 0.05 * Math.sin(t * 0.6 + phase));
      bend(BONE.spine, 0, 0.15 * Math.sin(t * 0.5 + phase), -0.05 * Math.sin(t * 0.6 + phase));
      return { yaw: 0, lift: 0 };
    case "throw": {
      // Winds up until just before the release, then swings through and comes to rest.
      const before = Math.min(1, Math.max(0, (time - manner.release + 0.9) / 0.7));
      const through = Math.min(1, Math.max(0, (time - manner.release + 0.2) / 0.4));
      const after = Math.min(1, Math.max(0, (time - manner.release - 0.3) / 0.6));
      const windUp = before * (1 - through);
      const follow = through * (1 - after);
      hang(1);
      bend(upperArm, -2.6 * before * (1 - through) - 1.1 * follow, 0, side * 0.3 * windUp);
      bend(lowerArm, -1.5 * windUp - 0.2 * follow);
      bend(BONE.spine, 0.35 * follow - 0.2 * windUp, -side * (0.5 * windUp - 0.4 * follow));
      bend(otherUpperArm, -0.8 * windUp);
      bend(leg, 0.3 * windUp);
      return { yaw: 0, lift: 0 };
    }
    case "bow": {
      const down = wave(1.6);
      hang(1);
      bend(BONE.spine, 0.8 * down);
      bend(BONE.chest, 0.4 * down);
      bend(BONE.leftUpperArm, -1.1 * down);
      bend(BONE.rightUpperArm, -1.1 * down);
      squat(0.3 * down);
      return { yaw: 0, lift: 0 };
    }
    case "jump": {
      const cycle = (t * 0.8 + phase) % 1;
      const crouch =
        cycle < 0.3 ? Math.sin((cycle / 0.3) * Math.PI) : cycle > 0.8 ? Math.sin(((cycle - 0.8) / 0.2) * Math.PI) : 0;
      const flight = cycle > 0.3 && cycle < 0.8 ? Math.sin(((cycle - 0.3) / 0.5) * Math.PI) : 0;
      hang(1);
      squat(0.6 * crouch);
      bend(BONE.leftUpperArm, 0.6 * crouch, 0, 2 * flight);
      bend(BONE.rightUpperArm, 0.6 * crouch, 0, -2 * flight);
      bend(BONE.leftUpperLeg, 0, 0, 0.35 * flight);
      bend(BONE.rightUpperLeg, 0, 0, -0.35 * flight);
      return { yaw: 0, lift: 0.2 * swing * flight };
    }
    case "point":
      hang(1);
      look();
      bend(upperArm, -1.4 - 0.2 * Math.sin(t * 1.3), side * 0.6 * Math.sin(t * 0.9 + phase), side * 0.2);
      bend(lowerArm, 0.15);
      bend(BONE.spine, 0, 0.25 * Math.sin(t * 0.9 + phase));
      return { yaw: 0, lift: 0 };
    case "clap": {
      const open = Math.abs(Math.sin(t * 6 + phase));
      look();
      bend(BONE.leftUpperArm, -0.8, 0, 0.15 + 0.35 * open);
      bend(BONE.rightUpperArm, -0.8, 0, -0.15 - 0.35 * open);
      bend(BONE.leftLowerArm, -0.9, 0, -0.5 + 0.4 * open);
      bend(BONE.rightLowerArm, -0.9, 0, 0.5 - 0.4 * open);
      return { yaw: 0, lift: 0.015 * (1 - open) };
    }
    case "lift": {
      // Raises what it holds overhead and lowers it again.
      const up = wave(1.8);
      hang(1);
      bend(upperArm, -2.7 * up, 0, side * 0.1);
      bend(lowerArm, -0.3 - 0.8 * Math.sin(up * Math.PI));
      bend(otherUpperArm, 0.2 * up);
      bend(otherLowerArm, -0.5 * up);
      bend(BONE.spine, -0.12 * up);
      return { yaw: 0, lift: 0 };
    }
    case "spin kick": {
      const kick = Math.max(0, Math.sin(t * 3.2 + phase));
      hang(1);
      bend(leg, -1.5 * kick, 0, side * 0.5 * kick);
      bend(shin, 0.5 * (1 - kick));
      bend(BONE.leftUpperArm, 0, 0, 1.2 * kick);
      bend(BONE.rightUpperArm, 0, 0, -1.2 * kick);
      bend(BONE.spine, -0.3 * kick, 0, -side * 0.2 * kick);
      return { yaw: side * (t * 1.2 + 0.9 * Math.sin(t * 3.2 + phase)), lift: 0.02 * kick };
    }
  }
}
