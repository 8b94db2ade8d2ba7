/** Steps that a few-step schedule may have. */
export const MOST_STEPS = 8;

/**
 * Noise levels of a few-step schedule, from pure noise (1) downwards in equal parts: 1; 1, 0.5; 1, 0.67, 0.33 ...
 *
 * @throws RangeError when `steps` is not a whole number from 1 to 8.
 */
export function noiseLevels(steps: number): number[] {
  if (!Number.isInteger(steps) || steps < 1 || steps > MOST_STEPS) {
    throw new RangeError(`steps is ${steps}; allowed are whole numbers from 1 to ${MOST_STEPS}`);
  }
  return Array.from({ length: steps }, (_, i) => 1 - i / steps);
}
