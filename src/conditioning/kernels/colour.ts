import { ENCODED_STEPS } from "../../scene/srgb-steps";
import { Shot } from "./layout";

/** sRGB encoding of a linear value from 0 on by table, that of 1 beyond it. */
export function encodedAt(shot: Shot, linear: f64): f64 {
  return shot.encoded[<i32>(min(1, linear) * <f64>ENCODED_STEPS + 0.5)];
}

/** Rec. 709 luminance of a linear colour. */
export function luminance(r: f64, g: f64, b: f64): f64 {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
